// A running pod, compiled again from the copies that were made at its start.
#include "supervisor/stored_pod.hpp"

#include "namespaces/files.hpp"

namespace podrun::supervisor {

OrRefusal<Loaded> load_stored(const Layout& layout, const PodRecord& record) {
  auto text = ns::read_file(layout.manifest(record.id));
  if (!text) return refuse(ExitStatus::Bug, text.error().message);
  const auto described = ns::read_file(layout.images(record.id));
  if (!described) return refuse(ExitStatus::Bug, described.error().message);
  auto images = pod::parse_images(*described);
  if (!images) return refuse(ExitStatus::Bug, images.error().message);
  return load({.text = std::move(*text),
               .name = layout.manifest(record.id),
               .namespace_name = record.namespace_name,
               .uid = record.uid,
               .storage = layout.storage(),
               .image_roots = {},
               .images = std::move(*images),
               .leniency = pod::Leniency::Lenient,  // what was accepted at the start is not judged again
               .host_paths = record.host_paths});
}

}  // namespace podrun::supervisor
