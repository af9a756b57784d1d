// What a pod has on the host's disk.
#include "pod/compile_files.hpp"

#include <fmt/format.h>

namespace podrun::pod {
namespace {

/// The kubelet's file, but for the first line; the pod's only address is that of its loopback.
std::string hosts(std::string_view hostname) {
  return fmt::format(
      "# Written by podrun for this pod.\n"
      "127.0.0.1\tlocalhost\n"
      "::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\n"
      "fe00::0\tip6-mcastprefix\n"
      "fe00::1\tip6-allnodes\n"
      "fe00::2\tip6-allrouters\n"
      "127.0.0.1\t{}\n",
      hostname);
}

}  // namespace

std::string pod_file_path(std::string_view storage, const PodFile& file) {
  return fmt::format("{}/etc/{}", storage, file.name);
}

std::string empty_dir_path(std::string_view storage, std::string_view volume) {
  return fmt::format("{}/volumes/{}", storage, volume);
}

std::string hostname(const Pod& pod, const HostFacts& facts) {
  if (pod.spec.host_network) return facts.hostname;
  constexpr std::size_t longest = 63;
  std::string name = pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname;
  if (name.size() <= longest) return name;
  name.resize(longest);
  name.erase(name.find_last_not_of("-.") + 1);
  return name;
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

  const auto name = hostname(pod, facts);
  const std::array contents{pod.spec.host_network ? facts.hosts : hosts(name), name + "\n", facts.resolv_conf};
  static_assert(contents.size() == pod_files.size());
  for (std::size_t i = 0; i < pod_files.size(); ++i)
    files.emplace_back(
        file::Write{.path = pod_file_path(storage, pod_files[i]), .content = contents[i], .mode = 0644});
  return files;
}

}  // namespace podrun::pod
