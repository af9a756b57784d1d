// What `-o json` prints for verbs that show no pods.
#include "supervisor/commands/json.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace podrun::supervisor {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json process(const NamespaceRow& row, const char* role, const Owners& owners) {
  Json namespaces = Json::object();
  for (std::size_t kind = 0; kind < owners.size(); ++kind)
    namespaces[std::string(pod::namespace_names[kind])] = {{"id", row.ids[kind]}, {"owner", owners[kind]}};
  return {{"name", row.name}, {"role", role}, {"pid", row.pid}, {"namespaces", std::move(namespaces)}};
}

const char* word(pod::CgroupLayout layout) {
  switch (layout) {
    case pod::CgroupLayout::None:
      return "none";
    case pod::CgroupLayout::Hybrid:
      return "hybrid";
    case pod::CgroupLayout::Pure:
      return "pure";
  }
  return "";
}

}  // namespace

std::string to_json(const std::string& pod_id, const NamespaceMatrix& matrix) {
  const std::vector<Owners> words = owners(matrix);
  Json processes = Json::array();
  processes.push_back(process(matrix.host, "host", words[0]));
  processes.push_back(process(matrix.pause, "pause", words[1]));
  for (std::size_t index = 0; index < matrix.containers.size(); ++index)
    processes.push_back(process(matrix.containers[index], "container", words[index + 2]));
  return dump({{"pod", pod_id}, {"processes", std::move(processes)}});
}

std::string to_json(const pod::HostFacts& facts) {
  return dump({{"kernel", facts.kernel},
               {"kernelIsNewEnough", facts.kernel_is_new_enough},
               {"root", facts.root},
               {"cgroups", word(facts.cgroups)},
               {"cgroup2Mount", facts.cgroup2_mount},
               {"ownCgroup", facts.own_cgroup},
               {"delegated", facts.delegated},
               {"overlayOnStorage", facts.overlay_on_storage},
               {"lastCapability", facts.last_capability},
               {"sensitivePaths", facts.sensitive_paths},
               {"resolvConf", facts.resolv_conf}});
}

}  // namespace podrun::supervisor
