// Compiles the steps for a pod's files on the host's disk.
#include "pod/compile/compile_files.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "pod/compile/compile_host_names.hpp"

namespace podrun::pod {

std::string pod_file_path(std::string_view storage, const PodFile& file) {
  return fmt::format("{}/etc/{}", storage, file.name);
}

std::vector<FileStep> compile_files(const Pod& pod, const HostFacts& facts, std::string_view storage,
                                    std::vector<FileStep> volumes) {
  // The pod's directory is not accessible to users of the host. A volume is writable for every user in the pod, and a
  // set-user-ID file in it must not be reachable from outside.
  std::vector<FileStep> files{file::MakeDirectory{.path = std::string{storage}, .mode = 0700}};
  std::ranges::move(volumes, std::back_inserter(files));
  files.emplace_back(file::MakeDirectory{.path = fmt::format("{}/etc", storage), .mode = 0755});

  const std::array contents{hosts_file(pod, facts), hostname(pod, facts) + "\n", resolv_conf(pod, facts)};
  static_assert(contents.size() == pod_files.size());
  for (std::size_t i = 0; i < pod_files.size(); ++i)
    files.emplace_back(
        file::Write{.path = pod_file_path(storage, pod_files[i]), .content = contents[i], .mode = 0644});
  return files;
}

}  // namespace podrun::pod
