// What a pod has on the host's disk.
#include "pod/compile_files.hpp"

#include <fmt/format.h>

#include "pod/compile_names.hpp"

namespace podrun::pod {
std::string pod_file_path(std::string_view storage, const PodFile& file) {
  return fmt::format("{}/etc/{}", storage, file.name);
}

std::string empty_dir_path(std::string_view storage, std::string_view volume) {
  return fmt::format("{}/volumes/{}", storage, volume);
}

std::vector<FileStep> compile_files(const Pod& pod, const HostFacts& facts, std::string_view storage) {
  // The pod's directory is closed to the host's users: a volume is writable for everybody in the pod, and a
  // set-user-ID file in it must not be within reach of anybody outside.
  std::vector<FileStep> files{file::MakeDirectory{.path = std::string{storage}, .mode = 0700}};
  for (const auto& volume : pod.spec.volumes) {
    if (std::holds_alternative<EmptyDir>(volume.source))
      files.emplace_back(file::MakeDirectory{.path = empty_dir_path(storage, volume.name), .mode = 0777});
  }
  files.emplace_back(file::MakeDirectory{.path = fmt::format("{}/etc", storage), .mode = 0755});

  const std::array contents{hosts_file(pod, facts), hostname(pod, facts) + "\n", resolv_conf(pod, facts)};
  static_assert(contents.size() == pod_files.size());
  for (std::size_t i = 0; i < pod_files.size(); ++i)
    files.emplace_back(
        file::Write{.path = pod_file_path(storage, pod_files[i]), .content = contents[i], .mode = 0644});
  return files;
}

}  // namespace podrun::pod
