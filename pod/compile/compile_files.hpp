// Compiles the steps for a pod's files on the host's disk: the directories of volumes, hosts, hostname and resolv.conf.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pod/annotations/network_choice.hpp"
#include "pod/compile/compile.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// A file that is mounted at the same path in every container of a pod.
struct PodFile {
  std::string_view name;  ///< name in <storage>/etc
  std::string_view path;  ///< path in the container
  bool is_of_network;     ///< whether it depends on the network that a container uses
};
inline constexpr std::array<PodFile, 3> pod_files{
    PodFile{.name = "hosts", .path = "/etc/hosts", .is_of_network = true},
    PodFile{.name = "hostname", .path = "/etc/hostname", .is_of_network = false},
    PodFile{.name = "resolv.conf", .path = "/etc/resolv.conf", .is_of_network = true}};

/// The path of a container's file on the host. Where a network is connected, containers that do not use the pod's own
/// have other files: "hosts.NAME" of the container whose network it is, "hosts_host" of the host's, "hosts_none" of one
/// that is not connected. `storage` is the pod's directory.
std::string pod_file_path(std::string_view storage, const PodFile& file, const Pod& pod, const PodNetworks& networks,
                          std::size_t container);

/// The steps that make the files. `volumes` are the file steps of the pod's volumes.
std::vector<FileStep> compile_files(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                    const HostFacts& facts, const RunParameters& run_parameters,
                                    std::string_view storage, std::vector<FileStep> volumes);

}  // namespace podrun::pod
