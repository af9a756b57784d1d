// What `-o json` prints for verbs that show no pods.
#include "supervisor/commands/json_output.hpp"

#include <utility>

#include "pod/json/json.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::dump_lines, json::object;
using Json = json::Value;

Json process(const NamespaceRow& row, const Owners& owners) {
  Json namespaces = object();
  for (std::size_t kind = 0; kind < owners.size(); ++kind)
    namespaces[pod::namespace_names[kind]] = object({{"id", row.ids[kind]}, {"owner", owners[kind]}});
  return object(
      {{"name", row.name}, {"role", name_of(row.role)}, {"pid", row.pid}, {"namespaces", std::move(namespaces)}});
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

Json json_of(const pod::NetworkFacts& facts) {
  Json members = object({{"available", facts.has_pods_network}});
  if (!facts.has_pods_network) members["reason"] = facts.why_not;
  if (facts.ipv4) members["ipv4"] = pod::text_of(*facts.ipv4);
  if (facts.ipv6) members["ipv6"] = pod::text_of(*facts.ipv6);
  return members;
}

}  // namespace

std::string to_json(const std::string& pod_id, const NamespaceMatrix& matrix) {
  const Sharing sharing = sharing_of(matrix);
  Json processes = json::Array{process(matrix.host, owners_of(matrix, matrix.host))};
  for (std::size_t row = 0; row < matrix.members.size(); ++row) {
    Json member = process(matrix.members[row], owners_of(matrix, matrix.members[row]));
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind)
      if (const auto group = sharing.cells[row][kind])
        member["namespaces"][pod::namespace_names[kind]]["letter"] = sharing.groups[*group].letter;
    processes.push_back(std::move(member));
  }
  return dump_lines(object({{"pod", pod_id}, {"processes", std::move(processes)}}), 2);
}

std::string to_json(const std::vector<Claim>& claims, const Layout& layout) {
  Json list = json::array();
  for (const Claim& claim : claims)
    list.push_back(object({{"namespace", claim.namespace_name},
                    {"name", claim.name},
                    {"path", layout.claim(claim.namespace_name, claim.name)},
                    {"bytes", claim.bytes},
                    {"usedBy", claim.used_by}}));
  return dump_lines(list, 2);
}

std::string to_json(const pod::HostFacts& facts) {
  return dump_lines(object({{"kernel", facts.kernel},
               {"kernelIsNewEnough", facts.kernel_is_new_enough},
               {"root", facts.root},
               {"cgroups", word(facts.cgroups)},
               {"cgroup2Mount", facts.cgroup2_mount},
               {"ownCgroup", facts.own_cgroup},
               {"delegated", facts.delegated},
               {"overlayOnStorage", facts.overlay_on_storage},
               {"lastCapability", facts.last_capability},
               {"sensitivePaths", json::array_of(facts.sensitive_paths)},
               {"resolvConf", facts.resolv_conf},
               {"network", json_of(facts.network)}}), 2);
}

std::string to_json(const std::vector<pod::Diagnostic>& diagnostics, const std::string& file, bool ok) {
  Json list = json::array();
  for (const auto& [at, message, hint, severity] : diagnostics)
    list.push_back(object({{"severity", name_of(severity)},
                    {"line", at.line},
                    {"column", at.column},
                    {"message", message},
                    {"hint", hint}}));
  return dump_lines(object({{"file", file}, {"ok", ok}, {"diagnostics", std::move(list)}}), 2);
}

}  // namespace podrun::supervisor
