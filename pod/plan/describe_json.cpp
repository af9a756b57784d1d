// The whole plan as JSON. The one place that needs the library.
#include "pod/plan/describe.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pod/plan/enum_names.hpp"
#include "pod/plan/plan_fields.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/duration.hpp"

namespace podrun::pod {
namespace {

using Json = nlohmann::ordered_json;
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
Json value(const std::vector<std::uint32_t>& numbers, const SlotNames&) { return numbers; }
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
  auto json = Json::array();
  for (const auto kind : kinds) json.push_back(name_of(kind));
  return json;
}
Json value(const std::vector<step::DeviceNode>& nodes, const SlotNames& slots) {
  auto json = Json::array();
  for (const auto& node : nodes) json.push_back(members(node, slots));
  return json;
}
Json value(const std::vector<std::pair<std::string, std::string>>& links, const SlotNames&) {
  auto json = Json::object();
  for (const auto& [name, target] : links) json[name] = target;
  return json;
}

Json value(const std::vector<ResourceLimit>& limits, const SlotNames&) {
  const auto number = [](std::uint64_t value) { return value == unlimited ? Json("unlimited") : Json(value); };
  auto json = Json::object();
  for (const auto& [resource, soft, hard] : limits)
    json[std::string(name_of(resource))] = {{"soft", number(soft)}, {"hard", number(hard)}};
  return json;
}

Json value(const VolumeFiles& files, const SlotNames& slots) { return members(files, slots); }
Json value(const std::vector<VolumeFile>& files, const SlotNames& slots) {
  auto json = Json::array();
  for (const auto& file : files) json.push_back(members(file, slots));
  return json;
}

template <typename Step>
Json members(const Step& step, const SlotNames& slots) {
  auto json = Json::object();
  for_each_field(
      step, [&](std::string_view name, const auto& field) { json[std::string{name}] = value(field, slots); });
  return json;
}

template <typename... Steps>
Json list(const std::vector<std::variant<Steps...>>& steps, const SlotNames& slots = {}) {
  auto json = Json::array();
  for (const auto& step : steps) {
    Json entry{{"step", step_name(step)}};
    entry.update(std::visit([&](const auto& s) { return members(s, slots); }, step));
    json.push_back(std::move(entry));
  }
  return json;
}

Json composition(const Composition& sources, const PodPlan& plan) {
  std::vector<std::string> names;
  for (const auto& container : plan.containers) names.push_back(container.name);
  auto json = Json::object();
  for (std::size_t i = 0; i < sources.size(); ++i)
    json[std::string{namespace_names[i]}] = source_words(sources[i], names);
  return json;
}

Json container_json(const ContainerPlan& container, const PodPlan& plan) {
  return {
      {"name", container.name},
      {"image", container.image},
      {"namespaces", composition(container.namespaces, plan)},
      {"remarks", container.remarks},
      {"pidNamespaceOf", container.pid_namespace ? Json(container.descriptors.at(*container.pid_namespace)) : Json()},
      {"terminationMessagePolicy", name_of(container.message_policy)},
      {"descriptors", container.descriptors},
      {"host", list(container.host, container.descriptors)},
      {"child", list(container.child, container.descriptors)}};
}

}  // namespace

std::string to_json(const PodPlan& plan) {
  Json json{{"id", plan.id},
            {"name", plan.name},
            {"uid", plan.uid},
            {"restartPolicy", name_of(plan.restart_policy)},
            {"terminationGracePeriodSeconds", plan.grace_seconds},
            {"backoff",
             {{"initial", to_text(plan.backoff.initial)},
              {"max", to_text(plan.backoff.max)},
              {"reset", to_text(plan.backoff.reset)}}},
            {"storage", plan.storage},
            {"files", list(plan.files)},
            {"sandbox", list(plan.sandbox)},
            {"memory", list(plan.memory)},
            {"containers", Json::array()}};
  for (const auto& container : plan.containers) json["containers"].push_back(container_json(container, plan));
  // Paths and environments may hold any bytes; JSON holds text.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace podrun::pod
