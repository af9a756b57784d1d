// Compiles a running pod again from the copies made at its start.
#include "supervisor/state/load_stored_pod.hpp"

#include <unistd.h>

#include <cerrno>

#include "namespaces/kernel/files.hpp"
#include "pod/manifest/manifests.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

namespace {

/// Finds the pod in its manifests. They were accepted at the start, so reading is lenient.
std::optional<pod::Pod> find_stored(const std::string& text, const PodRecord& record) {
  // If -n was given at the start, objects without a namespace are in the pod's.
  for (const std::string& name : {std::string(), record.namespace_name}) {
    auto manifests = pod::read_manifests({{"", text}}, {.leniency = pod::Leniency::Lenient, .namespace_name = name});
    for (pod::ParsedPod& found : manifests.pods)
      if (pod::pod_id(found.pod.metadata) == record.id) return std::move(found.pod);
  }
  return std::nullopt;
}

}  // namespace

CommandResult<LoadedPod> load_stored_pod(const Layout& layout, const PodRecord& record) {
  auto text = ns::read_file(layout.manifest(record.id));
  if (!text && text.error().number == ENOENT)
    text = ns::read_file_in_memory(record.pause > 0 ? record.pause : ::getppid(), manifest_in_memory);
  if (!text) return fail_command(ExitStatus::Bug, text.error().message);
  const auto described = ns::read_file(layout.images(record.id));
  if (!described) return fail_command(ExitStatus::Bug, described.error().message);
  auto images = pod::parse_images(*described);
  if (!images) return fail_command(ExitStatus::Bug, images.error().message);
  auto pod = find_stored(*text, record);
  end_lap("manifest");
  if (!pod) return fail_command(ExitStatus::Bug, layout.manifest(record.id) + ": does not contain the pod any more");
  return load({.pod = std::move(*pod),
               .text = std::move(*text),
               .source = layout.manifest(record.id),
               .uid = record.uid,
               .storage = layout.storage(),
               .claims = layout.claims(),
               .image_roots = {},
               .seccomp_profiles = layout.seccomp_profiles(),
               .images = std::move(*images),
               .host_paths = record.host_paths});
}

}  // namespace podrun::supervisor
