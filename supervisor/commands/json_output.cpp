// What `-o json` prints for verbs that show no pods.
#include "supervisor/commands/json_output.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace podrun::supervisor {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json process(const NamespaceRow& row, const Owners& owners) {
  Json namespaces = Json::object();
  for (std::size_t kind = 0; kind < owners.size(); ++kind)
    namespaces[std::string(pod::namespace_names[kind])] = {{"id", row.ids[kind]}, {"owner", owners[kind]}};
  return {{"name", row.name}, {"role", name_of(row.role)}, {"pid", row.pid}, {"namespaces", std::move(namespaces)}};
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
  const Sharing sharing = sharing_of(matrix);
  Json processes = Json::array({process(matrix.host, owners_of(matrix, matrix.host))});
  for (std::size_t row = 0; row < matrix.members.size(); ++row) {
    Json json = process(matrix.members[row], owners_of(matrix, matrix.members[row]));
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind)
      if (const auto group = sharing.cells[row][kind])
        json["namespaces"][std::string(pod::namespace_names[kind])]["letter"] = sharing.groups[*group].letter;
    processes.push_back(std::move(json));
  }
  return dump({{"pod", pod_id}, {"processes", std::move(processes)}});
}

std::string to_json(const std::vector<Claim>& claims, const Layout& layout) {
  Json list = Json::array();
  for (const Claim& claim : claims)
    list.push_back({{"namespace", claim.namespace_name},
                    {"name", claim.name},
                    {"path", layout.claim(claim.namespace_name, claim.name)},
                    {"bytes", claim.bytes},
                    {"usedBy", claim.used_by}});
  return dump(list);
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

std::string to_json(const std::vector<pod::Diagnostic>& diagnostics, const std::string& file, bool ok) {
  Json list = Json::array();
  for (const auto& [at, message, hint, severity] : diagnostics)
    list.push_back({{"severity", name_of(severity)},
                    {"line", at.line},
                    {"column", at.column},
                    {"message", message},
                    {"hint", hint}});
  return dump({{"file", file}, {"ok", ok}, {"diagnostics", std::move(list)}});
}

}  // namespace podrun::supervisor
