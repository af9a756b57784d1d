// Kubernetes' validateContainerRestartPolicy().
#include "pod/manifest/validate_restarts.hpp"

#include <cstddef>

#include "pod/manifest/field_places.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {

void check_restart_rules(const Container& container, const yaml::Node* node, DiagnosticCollector& report) {
  constexpr std::size_t most_rules = 20, most_codes = 255;
  const yaml::Node* const rules = yaml::find(node, {"restartPolicyRules"});
  if (rules == nullptr || container.restart_rules.empty()) return;
  if (node->find("restartPolicy") == nullptr && !is_misspelt(*node, "restartPolicy"))
    report.add(rules->at,
               "restartPolicyRules need the container's own restartPolicy, for the exits that no rule is for");
  if (container.restart_rules.size() > most_rules)
    report.add(rules->at, "a container has at most 20 restartPolicyRules");
  for (std::size_t i = 0; i < container.restart_rules.size() && !report.full(); ++i) {
    if (container.restart_rules[i].values.size() <= most_codes) continue;
    const yaml::Node* const codes = yaml::find(yaml::item(rules, i), {"exitCodes", "values"});
    if (codes != nullptr) report.add(codes->at, "a restart rule has at most 255 exit codes");
  }
}

}  // namespace podrun::pod
