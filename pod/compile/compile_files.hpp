// Compiles the steps for a pod's files on the host's disk: the directories of volumes, hosts, hostname and resolv.conf.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// A file that is mounted at the same path in every container of a pod.
struct PodFile {
  std::string_view name;  ///< name in <storage>/etc
  std::string_view path;  ///< path in the container
};
inline constexpr std::array<PodFile, 3> pod_files{PodFile{.name = "hosts", .path = "/etc/hosts"},
                                                  PodFile{.name = "hostname", .path = "/etc/hostname"},
                                                  PodFile{.name = "resolv.conf", .path = "/etc/resolv.conf"}};

/// The path of the file on the host. `storage` is the pod's directory.
std::string pod_file_path(std::string_view storage, const PodFile& file);

/// The steps that make the files. `volumes` are the file steps of the pod's volumes.
std::vector<FileStep> compile_files(const Pod& pod, const HostFacts& facts, std::string_view storage,
                                    std::vector<FileStep> volumes);

}  // namespace podrun::pod
