// Compiles the steps for a pod's files on the host's disk.
#include "pod/compile/compile_files.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "pod/compile/compile_host_names.hpp"
#include "pod/compile/compile_network.hpp"

namespace podrun::pod {

namespace {

/// The texts of a container's files, in the order of pod_files.
std::array<std::string, pod_files.size()> texts_of(const Pod& pod, const PodNetworks& networks, const HostFacts& facts,
                                                   const RunParameters& run_parameters, std::size_t container) {
  const auto choice = networks.of(container);
  const Addresses addresses = choice ? addresses_of(*choice, pod, facts, run_parameters) : Addresses{};
  NameService service = NameService::Host;
  if (choice && addresses != Addresses{})
    service = networks.has_resolver(*choice) ? NameService::Pods : NameService::HostsServers;
  return {hosts_file(pod, facts, addresses), hostname(pod, facts) + "\n", resolv_conf(pod, facts, service)};
}

/// What tells the files of a container's network from those of the pod's own. It depends on the manifest alone.
std::string suffix_of(const Pod& pod, const PodNetworks& networks, std::size_t container) {
  if (networks.connected().empty() || networks.is_pods(container)) return "";
  if (networks.is_host(container)) return pod.spec.host_network ? "" : "_host";
  const auto choice = networks.of(container);
  return choice ? "." + choice->container : "_none";
}

}  // namespace

std::string pod_file_path(std::string_view storage, const PodFile& file, const Pod& pod, const PodNetworks& networks,
                          std::size_t container) {
  const std::string suffix = file.is_of_network ? suffix_of(pod, networks, container) : "";
  return fmt::format("{}/etc/{}{}", storage, file.name, suffix);
}

std::vector<FileStep> compile_files(const Pod& pod, const std::vector<ContainerComposition>& composed,
                                    const HostFacts& facts, const RunParameters& run_parameters,
                                    std::string_view storage, std::vector<FileStep> volumes) {
  // The pod's directory is not accessible to users of the host. A volume is writable for every user in the pod, and a
  // set-user-ID file in it must not be reachable from outside.
  std::vector<FileStep> files{file::MakeDirectory{.path = std::string{storage}, .mode = 0700}};
  std::ranges::move(volumes, std::back_inserter(files));
  files.emplace_back(file::MakeDirectory{.path = fmt::format("{}/etc", storage), .mode = 0755});

  const PodNetworks networks(pod, composed);
  std::set<std::string> written;
  for (std::size_t container = 0; container < pod.spec.containers.size(); ++container) {
    auto texts = texts_of(pod, networks, facts, run_parameters, container);
    for (std::size_t i = 0; i < pod_files.size(); ++i)
      if (std::string path = pod_file_path(storage, pod_files[i], pod, networks, container);
          written.insert(path).second)
        files.emplace_back(file::Write{.path = std::move(path), .content = std::move(texts[i]), .mode = 0644});
  }
  return files;
}

}  // namespace podrun::pod
