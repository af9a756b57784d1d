// Kubernetes' validateContainerRestartPolicy(), validateProbe() and its kin, and validateLifecycle().
#include "pod/manifest/validate_lifecycle.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "pod/manifest/field_places.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::Node;

/// The port of an action, or nullptr.
template <typename Action>
auto* port_of(Action& action) {
  using Port = std::conditional_t<std::is_const_v<Action>, const ActionPort, ActionPort>;
  return std::visit(
      [](auto& its) -> Port* {
        if constexpr (requires { its.port; }) return &its.port;
        else return nullptr;
      },
      action);
}

/// Calls DO with the port of each action of a container that has one, and the fields that lead to the action.
template <typename ContainerOrConst, typename Do>
void for_each_port(ContainerOrConst& container, Do act) {
  const auto visit = [&](auto& action, std::initializer_list<std::string_view> way) {
    if (auto* port = port_of(action)) act(*port, std::vector<std::string_view>(way));
  };
  if (auto& probe = container.probes.liveness) visit(probe->action, {"livenessProbe"});
  if (auto& probe = container.probes.readiness) visit(probe->action, {"readinessProbe"});
  if (auto& probe = container.probes.startup) visit(probe->action, {"startupProbe"});
  if (auto& hook = container.hooks.post_start) visit(*hook, {"lifecycle", "postStart"});
  if (auto& hook = container.hooks.pre_stop) visit(*hook, {"lifecycle", "preStop"});
}

/// Whether a field is there and not null.
bool has(const Node* owner, std::string_view field) {
  const Node* value = find(owner, {field});
  return value != nullptr && value->kind != yaml::Kind::Null;
}

/// The position of a field's name.
std::size_t key_at(const Node& owner, std::string_view field) {
  for (const yaml::Entry& entry : owner.entries)
    if (entry.key->text == field) return entry.key->at;
  return owner.at;
}

class LifecycleCheck {
 public:
  LifecycleCheck(const PodSpec& spec, const Container& container, const Node* node, const Node* spec_node,
                 DiagnosticCollector& report)
      : spec_(spec), container_(container), node_(node), spec_node_(spec_node), report_(report) {}

  void check_restart_rules() {
    constexpr std::size_t most_rules = 20, most_codes = 255;
    const Node* const rules = find(node_, {"restartPolicyRules"});
    if (rules == nullptr || container_.restart_rules.empty()) return;
    if (!has(node_, "restartPolicy") && !is_misspelt(*node_, "restartPolicy"))
      report_.add(rules->at,
                  "restartPolicyRules need the container's own restartPolicy, for the exits that no rule is for");
    if (container_.restart_rules.size() > most_rules)
      report_.add(rules->at, "a container has at most 20 restartPolicyRules");
    for (std::size_t i = 0; i < container_.restart_rules.size() && !report_.full(); ++i) {
      if (container_.restart_rules[i].values.size() <= most_codes) continue;
      const Node* const codes = find(yaml::item(rules, i), {"exitCodes", "values"});
      if (codes != nullptr) report_.add(codes->at, "a restart rule has at most 255 exit codes");
    }
  }

  /// An init container that ends before the next one begins has nothing to probe, and no hooks.
  void check_role() {
    if (container_.role != ContainerRole::Init || !knows_restart_policy()) return;
    for (const std::string_view field : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
      if (has(node_, field))
        report_.add(key_at(*node_, field),
                    fmt::format("{} cannot be set for an init container, unless it is a sidecar", field),
                    "restartPolicy: Always makes it a sidecar");
  }

  void check_probes() {
    const auto& [startup, liveness, readiness] = container_.probes;
    if (liveness && liveness->success_threshold != 1) report_success("livenessProbe");
    if (startup && startup->success_threshold != 1) report_success("startupProbe");
    if (!readiness || !readiness->grace) return;
    report_.add(find(node_, {"readinessProbe", "terminationGracePeriodSeconds"})->at,
                "terminationGracePeriodSeconds cannot be set for a readinessProbe", "it ends no container");
  }

  void check_hooks() {
    if (container_.hooks.post_start) check_sleep(*container_.hooks.post_start, "postStart");
    if (container_.hooks.pre_stop) check_sleep(*container_.hooks.pre_stop, "preStop");
    if (container_.stop_signal && lacks_os())
      report_.add(find(node_, {"lifecycle", "stopSignal"})->at, "stopSignal needs spec.os.name",
                  "write \"os: {name: linux}\" below spec");
  }

  void check_ports() {
    const Node* ports = find(node_, {"ports"});
    const bool are_known = node_ != nullptr && !is_misspelt(*node_, "ports") &&
                           (ports == nullptr || !holds_any(*ports, report_.error_places()));
    if (!are_known) return;
    for_each_port(container_, [&](const ActionPort& port, std::vector<std::string_view> way) {
      if (port.name.empty() || port.number != 0 || report_.full()) return;
      const Node* owner = node_;
      for (const std::string_view field : way) owner = find(owner, {field});
      for (const std::string_view action : {"httpGet", "tcpSocket"})
        if (const Node* place = find(owner, {action, "port"}))
          return report_.add(place->at, fmt::format("the container has no port {}", in_quotes(port.name)),
                             hint_for(port.name));
    });
  }

 private:
  /// Whether `restartPolicy` was understood, so that the container's role is what was meant.
  bool knows_restart_policy() const {
    if (node_ == nullptr || is_misspelt(*node_, "restartPolicy")) return false;
    const Node* policy = node_->find("restartPolicy");
    return policy == nullptr || !holds_any(*policy, report_.error_places());
  }

  void report_success(std::string_view probe) {
    if (const Node* place = find(node_, {probe, "successThreshold"}))
      report_.add(place->at, fmt::format("successThreshold must be 1 for a {}", probe));
  }

  void check_sleep(const HookAction& action, std::string_view hook) {
    const auto* sleep = std::get_if<SleepAction>(&action);
    const Node* place = find(node_, {"lifecycle", hook, "sleep", "seconds"});
    const Node* grace = find(spec_node_, {"terminationGracePeriodSeconds"});
    const bool knows_grace = grace == nullptr || !holds_any(*grace, report_.error_places());
    if (sleep == nullptr || place == nullptr || !knows_grace) return;
    if (sleep->seconds > spec_.termination_grace_period_seconds)
      report_.add(place->at, fmt::format("seconds must not exceed the pod's terminationGracePeriodSeconds ({})",
                                         spec_.termination_grace_period_seconds));
  }

  bool lacks_os() const {
    if (spec_node_ == nullptr || is_misspelt(*spec_node_, "os")) return false;
    const Node* os = spec_node_->find("os");
    return os == nullptr || os->kind == yaml::Kind::Null;  // its name is required
  }

  std::string hint_for(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const ContainerPort& port : container_.ports)
      if (!port.name.empty()) names.push_back(port.name);
    const std::string_view meant = nearest(name, names);
    if (!meant.empty()) return fmt::format("did you mean \"{}\"?", meant);
    if (names.empty()) return "podrun's own rule: each attempt would fail; write the number, or declare it under ports";
    return fmt::format("podrun's own rule: each attempt would fail; the container has {}", joined(names, ", "));
  }

  const PodSpec& spec_;
  const Container& container_;
  const Node* node_;
  const Node* spec_node_;
  DiagnosticCollector& report_;
};

}  // namespace

void resolve_ports(PodSpec& spec) {
  for (Container& container : spec.containers)
    for_each_port(container, [&](ActionPort& port, const std::vector<std::string_view>&) {
      const auto named = std::ranges::find(container.ports, port.name, &ContainerPort::name);
      if (!port.name.empty() && named != container.ports.end()) port.number = named->container_port;
    });
}

void check_lifecycle(const PodSpec& spec, const Container& container, const Node* node, const Node* spec_node,
                     DiagnosticCollector& report) {
  LifecycleCheck check(spec, container, node, spec_node, report);
  check.check_restart_rules();
  check.check_role();
  check.check_probes();
  check.check_hooks();
  check.check_ports();
}

}  // namespace podrun::pod
