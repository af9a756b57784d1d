// The whole plan as JSON.
#include "pod/plan/describe.hpp"

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/plan/describe_words.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/plan/plan_fields.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::pod {
namespace {

using Json = json::Value;
using SlotNames = std::vector<std::string>;

template <typename Step>
Json members(const Step& step, const SlotNames& slots);

// One function per type of field.

// clang-format off
Json value(const std::string& text, const SlotNames&) { return text; }
Json value(const std::vector<std::string>& texts, const SlotNames&) { return texts; }
Json value(bool flag, const SlotNames&) { return flag; }
Json value(std::uint32_t number, const SlotNames&) { return number; }
Json value(std::uint64_t number, const SlotNames&) { return number; }
Json value(const std::vector<std::uint32_t>& numbers, const SlotNames&) { return json::array_of(numbers); }
Json value(Mode mode, const SlotNames&) { return fmt::format("{:04o}", mode.bits); }
Json value(CapabilitySet set, const SlotNames&) { return capability_names(set.bits); }
Json value(host::Layer layer, const SlotNames&) { return name_of(layer); }
Json value(host::Devices devices, const SlotNames&) { return name_of(devices); }
Json value(MountPropagation propagation, const SlotNames&) { return name_of(propagation); }
Json value(HostPathType type, const SlotNames&) { return name_of(type); }
Json value(const RedactedText& text, const SlotNames&) { return text.shown(); }

Json value(Slot slot, const SlotNames& slots) { return slot < slots.size() ? Json(slots[slot]) : Json(slot); }
// clang-format on

Json value(NamespaceKind kind, const SlotNames&) { return name_of(kind); }
Json value(std::chrono::nanoseconds offset, const SlotNames&) { return offset.count(); }
Json value(const ClockOffsets& offsets, const SlotNames& slots) { return members(offsets, slots); }
Json value(const NamespaceSet& kinds, const SlotNames&) {
  auto list = json::array();
  for (const auto kind : kinds) list.push_back(name_of(kind));
  return list;
}
Json value(const std::vector<step::DeviceNode>& nodes, const SlotNames& slots) {
  auto list = json::array();
  for (const auto& node : nodes) list.push_back(members(node, slots));
  return list;
}
Json value(const std::vector<std::pair<std::string, std::string>>& links, const SlotNames&) {
  auto object = json::object();
  for (const auto& [name, target] : links) object[name] = target;
  return object;
}

Json value(const std::vector<ResourceLimit>& limits, const SlotNames&) {
  const auto number = [](std::uint64_t value) { return value == unlimited ? Json("unlimited") : Json(value); };
  auto object = json::object();
  for (const auto& [resource, soft, hard] : limits)
    object[name_of(resource)] = json::object({{"soft", number(soft)}, {"hard", number(hard)}});
  return object;
}

Json value(const VolumeFiles& files, const SlotNames& slots) { return members(files, slots); }
Json value(const std::vector<VolumeFile>& files, const SlotNames& slots) {
  auto list = json::array();
  for (const auto& file : files) list.push_back(members(file, slots));
  return list;
}

Json value(const IpAddress& address, const SlotNames&) { return text_of(address); }
Json value(const Addresses& addresses, const SlotNames&) {
  auto list = json::array();
  for (const IpAddress& address : addresses.list()) list.push_back(text_of(address));
  return list;
}
Json value(const std::vector<PublishedPort>& ports, const SlotNames&) {
  auto list = json::array();
  for (const PublishedPort& port : ports)
    list.push_back(json::object({{"hostPort", port.host_port},
                                 {"hostIP", port.host_ip ? Json(text_of(*port.host_ip)) : Json()},
                                 {"protocol", protocol_name(port.protocol)},
                                 {"containerPort", port.container_port},
                                 {"container", port.container}}));
  return list;
}
/// The table as nft(8) reads it.
Json value(const nft::Table& table, const SlotNames&) { return lines_of(text_of(table)); }

Json value(const std::vector<nft::Element>& elements, const SlotNames&) {
  auto list = json::array();
  for (const nft::Element& element : elements)
    list.push_back(fmt::format("{} {{ {} }}", element.set, text_of(element.value)));
  return list;
}

template <typename Step>
void add_members(Json& object, const Step& step, const SlotNames& slots) {
  for_each_field(step, [&](std::string_view name, const auto& field) { object[name] = value(field, slots); });
}

template <typename Step>
Json members(const Step& step, const SlotNames& slots) {
  auto object = json::object();
  add_members(object, step, slots);
  return object;
}

template <typename Step>
Json list(const std::vector<Step>& steps, const SlotNames& slots = {}) {
  auto entries = json::array();
  for (const auto& step : steps) {
    Json entry = json::object({{"step", step_name(step)}});
    std::visit([&](const auto& s) { add_members(entry, s, slots); }, step);
    entries.push_back(std::move(entry));
  }
  return entries;
}

Json composition(const Composition& sources, const PodPlan& plan) {
  std::vector<std::string> names;
  for (const auto& container : plan.containers) names.push_back(container.name);
  auto object = json::object();
  for (std::size_t i = 0; i < sources.size(); ++i) object[namespace_names[i]] = source_words(sources[i], names);
  return object;
}

// Probes and hooks have the fields of the manifest.

Json fields_of(const ExecAction& exec) { return json::object({{"command", exec.command}}); }
Json fields_of(const HttpGetAction& http) {
  auto headers = json::array();
  for (const HttpHeader& header : http.headers)
    headers.push_back(json::object({{"name", header.name}, {"value", header.value}}));
  return json::object({{"host", http.host},
                       {"port", http.port.number},
                       {"path", http.path},
                       {"scheme", http.https ? "HTTPS" : "HTTP"},
                       {"httpHeaders", std::move(headers)}});
}
Json fields_of(const TcpSocketAction& tcp) { return json::object({{"host", tcp.host}, {"port", tcp.port.number}}); }
Json fields_of(const GrpcAction& grpc) {
  return json::object({{"port", grpc.port.number}, {"service", grpc.service}});
}
Json fields_of(const SleepAction& sleep) { return json::object({{"seconds", sleep.seconds}}); }

/// The action below its name: {"exec": {…}}.
template <typename Action>
Json action_json(const Action& action) {
  const Overloaded name{[](const ExecAction&) { return "exec"; }, [](const HttpGetAction&) { return "httpGet"; },
                        [](const TcpSocketAction&) { return "tcpSocket"; }, [](const GrpcAction&) { return "grpc"; },
                        [](const SleepAction&) { return "sleep"; }};
  return json::object({{std::visit(name, action), std::visit([](const auto& its) { return fields_of(its); }, action)}});
}

Json probe_json(const std::optional<Probe>& probe) {
  if (!probe) return {};
  Json object = action_json(probe->action);
  object["initialDelaySeconds"] = probe->initial_delay;
  object["timeoutSeconds"] = probe->timeout;
  object["periodSeconds"] = probe->period;
  object["successThreshold"] = probe->success_threshold;
  object["failureThreshold"] = probe->failure_threshold;
  if (probe->grace) object["terminationGracePeriodSeconds"] = *probe->grace;
  return object;
}

Json lifecycle_json(const ContainerPlan& container) {
  const auto hook = [](const std::optional<HookAction>& action) { return action ? action_json(*action) : Json(); };
  return json::object({{"postStart", hook(container.hooks.post_start)},
                       {"preStop", hook(container.hooks.pre_stop)},
                       {"stopSignal", signal_name(container.stop_signal)}});
}

Json rules_json(const std::vector<RestartRule>& rules) {
  auto list = json::array();
  for (const RestartRule& rule : rules) {
    const bool is_for_all = rule.action == RestartRule::Action::RestartAllContainers;
    list.push_back(json::object({{"action", is_for_all ? "RestartAllContainers" : "Restart"},
                                 {"operator", rule.exit_codes == RestartRule::Operator::In ? "In" : "NotIn"},
                                 {"values", json::array_of(rule.values)}}));
  }
  return list;
}

Json network_json(const NetworkPlan& network) {
  return json::object({{"container", network.container},
                       {"number", network.number},
                       {"interface", network.interface},
                       {"addresses", value(network.addresses, {})},
                       {"ports", value(network.ports, {})},
                       {"steps", list(network.steps)}});
}

Json container_json(const ContainerPlan& container, const PodPlan& plan) {
  constexpr std::array<std::string_view, 3> role_names{"Init", "Sidecar", "App"};
  return json::object({
      {"name", container.name},
      {"role", role_names[static_cast<std::size_t>(container.role)]},
      {"restartPolicy", container.restart_policy ? Json(name_of(*container.restart_policy)) : Json()},
      {"restartPolicyRules", rules_json(container.restart_rules)},
      {"startupProbe", probe_json(container.probes.startup)},
      {"livenessProbe", probe_json(container.probes.liveness)},
      {"readinessProbe", probe_json(container.probes.readiness)},
      {"lifecycle", lifecycle_json(container)},
      {"image", container.image},
      {"imageID", container.image_id},
      {"awaitsImage", container.awaits_image},
      {"namespaces", composition(container.namespaces, plan)},
      {"remarks", container.remarks},
      {"pidNamespaceOf", container.pid_namespace ? Json(container.descriptors.at(*container.pid_namespace)) : Json()},
      {"terminationMessagePolicy", name_of(container.message_policy)},
      {"descriptors", container.descriptors},
      {"host", list(container.host, container.descriptors)},
      {"child", list(container.child, container.descriptors)}});
}

}  // namespace

std::string to_json(const PodPlan& plan) {
  auto networks = json::array();
  for (const auto& network : plan.networks) networks.push_back(network_json(network));
  auto containers = json::array();
  for (const auto& container : plan.containers) containers.push_back(container_json(container, plan));
  const Json whole = json::object({{"id", plan.id},
                                   {"name", plan.name},
                                   {"uid", plan.uid},
                                   {"restartPolicy", name_of(plan.restart_policy)},
                                   {"terminationGracePeriodSeconds", plan.grace_seconds},
                                   {"activeDeadlineSeconds", plan.active_deadline_seconds
                                                                 ? Json(*plan.active_deadline_seconds)
                                                                 : Json()},
                                   {"backoff", json::object({{"initial", to_text(plan.backoff.initial)},
                                                             {"max", to_text(plan.backoff.max)},
                                                             {"reset", to_text(plan.backoff.reset)}})},
                                   {"storage", plan.storage},
                                   {"files", list(plan.files)},
                                   {"sandbox", list(plan.sandbox)},
                                   {"memory", list(plan.memory)},
                                   {"networks", std::move(networks)},
                                   {"containers", std::move(containers)}});
  return json::dump_lines(whole, 2);
}

}  // namespace podrun::pod
