// Compiles a running pod of an older podrun from the copies made at its start.
#include "supervisor/state/legacy_stored_pod.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>
#include <variant>

#include "namespaces/kernel/files.hpp"
#include "pod/environment/env_file.hpp"
#include "pod/manifest/manifests.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

namespace {

/// The name under which such a pause holds a manifest with Secrets, which is not written to a file.
constexpr char manifest_in_memory[] = "podrun-manifest";
/// What precedes a container's name in the name of the hold of its variables.
constexpr char variables_prefix[] = "variables/";

Result<std::string> read_held(pid_t pause, const std::string& name) {
  return ns::read_file_in_memory(TRY(ns::open_file_in_memory(pause, name, ns::Seals::NotRequired)), name);
}

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

/// The variables that the pause holds for a container as "NAME=value", each ended by a NUL.
std::vector<std::string> parse_variables(std::string_view text) {
  std::vector<std::string> variables;
  for (std::size_t end; (end = text.find('\0')) != text.npos; text.remove_prefix(end + 1))
    variables.emplace_back(text.substr(0, end));
  return variables;
}

/// Restores the environments of containers with variables from files. One that has not been launched has none.
void restore_file_variables(LoadedPod& loaded, pid_t pause) {
  for (std::size_t index = 0; index < loaded.pod.spec.containers.size(); ++index) {
    const pod::Container& container = loaded.pod.spec.containers[index];
    if (pod::env_files_of(container).empty()) continue;
    if (const auto given = read_held(pause, variables_prefix + container.name))
      std::get<pod::step::Exec>(loaded.plan.containers[index].child.back()).env = parse_variables(*given);
  }
}

}  // namespace

CommandResult<LoadedPod> load_legacy_pod(const Layout& layout, const PodRecord& record) {
  auto text = ns::read_file(layout.manifest(record.id));
  if (!text && text.error().number == ENOENT) text = read_held(record.pause, manifest_in_memory);
  if (!text) return fail_command(ExitStatus::Bug, text.error().message);
  const auto described = ns::read_file(layout.images(record.id));
  if (!described) return fail_command(ExitStatus::Bug, described.error().message);
  auto images = pod::parse_images(*described);
  if (!images) return fail_command(ExitStatus::Bug, images.error().message);
  auto pod = find_stored(*text, record);
  end_lap("manifest");
  if (!pod) return fail_command(ExitStatus::Bug, layout.manifest(record.id) + ": does not contain the pod any more");
  auto loaded = load({.pod = std::move(*pod),
                      .source = layout.manifest(record.id),
                      .uid = record.uid,
                      .storage = layout.storage(),
                      .claims = layout.claims(),
                      .image_places = {},
                      .seccomp_profiles = layout.seccomp_profiles(),
                      .images = std::move(*images),
                      .host_paths = record.host_paths});
  if (loaded) restore_file_variables(*loaded, record.pause);
  return loaded;
}

bool is_former_copy(const std::string& hold) {
  return hold == manifest_in_memory || hold.starts_with(variables_prefix);
}

Result<> remove_former_copies(const Layout& layout, const std::string& id) {
  for (const std::string& path : {layout.manifest(id), layout.images(id)})
    if (::unlink(path.c_str()) < 0 && errno != ENOENT) return fail_system(path);
  return {};
}

}  // namespace podrun::supervisor
