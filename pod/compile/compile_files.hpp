// What a pod has on the host's disk: the directories of its volumes and the files of its identity.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// A file that every container of a pod sees at the same place.
struct PodFile {
  std::string_view name;  ///< below <storage>/etc
  std::string_view path;  ///< in the container
};
inline constexpr std::array<PodFile, 3> pod_files{PodFile{.name = "hosts", .path = "/etc/hosts"},
                                                  PodFile{.name = "hostname", .path = "/etc/hostname"},
                                                  PodFile{.name = "resolv.conf", .path = "/etc/resolv.conf"}};

/// Where that file lies on the host; `storage` is the pod's own directory.
std::string pod_file_path(std::string_view storage, const PodFile& file);

/// The steps that make them; `volumes` are those of the pod's volumes.
std::vector<FileStep> compile_files(const Pod& pod, const HostFacts& facts, std::string_view storage,
                                    std::vector<FileStep> volumes);

}  // namespace podrun::pod
