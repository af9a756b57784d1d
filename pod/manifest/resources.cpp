// Adds up resources by Kubernetes' rules.
#include "pod/manifest/resources.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "pod/manifest/list_places.hpp"
#include "pod/manifest/resource_rules.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {
namespace {

using yaml::Node;

std::optional<Quantity> find_quantity(const Quantities& quantities, const std::string& resource) {
  const auto found = quantities.find(resource);
  return found == quantities.end() ? std::nullopt : std::optional(found->second);
}

/// The requests, with the limits in place of requests that are not set.
Quantities requests_of(const Resources& resources) {
  Quantities requests = resources.requests;
  requests.insert(resources.limits.begin(), resources.limits.end());
  return requests;
}

void add(Quantities& to, const Quantities& what) {
  for (const auto& [resource, quantity] : what) to[resource] = to[resource] + quantity;
}

/// What the containers have of each resource at the moment when those that run together have most of it: an init container
/// runs with the sidecars before it, the app containers run with all sidecars.
template <typename QuantitiesOf>
Quantities most_at_once(const PodSpec& spec, QuantitiesOf quantities_of) {
  Quantities most, running;
  for (const Container& container : spec.containers) {
    Quantities sum = running;
    add(sum, quantities_of(container));
    for (const auto& [resource, quantity] : sum) {
      Quantity& before = most[resource];
      if (before < quantity) before = quantity;
    }
    if (container.role != ContainerRole::Init) running = std::move(sum);
  }
  return most;
}

Quantities sum_of_requests(const PodSpec& spec) {
  return most_at_once(spec, [](const Container& container) { return requests_of(container.resources); });
}

/// The sum of limits for each resource that all containers limit.
Quantities sum_of_limits(const PodSpec& spec) {
  Quantities sum = most_at_once(spec, [](const Container& container) { return container.resources.limits; });
  std::erase_if(sum, [&](const auto& entry) {
    return std::ranges::any_of(spec.containers, [&](const Container& container) {
      return find_quantity(container.resources.limits, entry.first).value_or(Quantity{}) == Quantity{};
    });
  });
  return sum;
}

/// The quantity with a binary suffix ("64Mi") if it is an integer then, otherwise to_text().
std::string amount_text(const std::string& resource, const Quantity& quantity) {
  using Unit = std::pair<std::string_view, int>;
  constexpr std::array units{Unit{"Ti", 40}, Unit{"Gi", 30}, Unit{"Mi", 20}, Unit{"Ki", 10}};
  if (resource == "cpu" || quantity.nanos != 0 || quantity.units == 0) return to_text(quantity);
  for (const auto& [suffix, bits] : units)
    if (const std::int64_t unit = std::int64_t{1} << bits; quantity.units % unit == 0)
      return fmt::format("{}{}", quantity.units / unit, suffix);
  return to_text(quantity);
}

std::string text_of(std::string_view what, const Quantities& quantities) {
  std::string text;
  for (const auto& [resource, quantity] : quantities)
    text += fmt::format(" {} {}", resource, amount_text(resource, quantity));
  return text.empty() ? text : std::string(what) + text;
}

/// The position of `resources: {FIELD: {RESOURCE: …}}`, or of its owner if it is missing.
std::size_t place_of(const Node& owner, std::string_view field, const std::string& resource) {
  const Node* at = &owner;
  for (const std::string_view step : {std::string_view("resources"), field, std::string_view(resource)}) {
    const Node* next = at->find(step);
    if (next == nullptr) break;
    at = next;
  }
  return at->at;
}

void check_requests(const Resources& resources, const Node& owner, DiagnosticCollector& report) {
  for (const auto& [resource, request] : resources.requests)
    if (const auto limit = find_quantity(resources.limits, resource); limit && request > *limit)
      report.add(place_of(owner, "requests", resource),
                 fmt::format("the request of {} must not exceed its limit, {}", resource,
                             amount_text(resource, *limit)));
}

}  // namespace

Resources effective_resources(const PodSpec& spec) {
  Resources whole = spec.resources;
  whole.requests.merge(sum_of_requests(spec));
  whole.requests.insert(spec.resources.limits.begin(), spec.resources.limits.end());
  whole.limits.merge(sum_of_limits(spec));
  std::erase_if(whole.limits, [](const auto& entry) { return entry.second == Quantity{}; });
  add(whole.requests, spec.overhead);
  for (auto& [resource, limit] : whole.limits)
    limit = limit + find_quantity(spec.overhead, resource).value_or(Quantity{});
  return whole;
}

std::string_view qos_class(const PodSpec& spec) {
  bool is_guaranteed = true, is_set = false;
  const auto look_at = [&](const Resources& resources) {
    const Quantities requests = requests_of(resources);
    for (const char* resource : {"cpu", "memory"}) {
      const auto request = find_quantity(requests, resource), limit = find_quantity(resources.limits, resource);
      const auto is_positive = [](const auto& quantity) { return quantity && Quantity{} < *quantity; };
      is_set |= is_positive(request) || is_positive(limit);
      is_guaranteed &= is_positive(limit) && request && !(*request < *limit) && !(*limit < *request);
    }
  };
  const bool is_of_pod = !spec.resources.limits.empty() || !spec.resources.requests.empty();
  if (is_of_pod) look_at(spec.resources);
  else for (const Container& container : spec.containers) look_at(container.resources);
  return !is_set ? "BestEffort" : is_guaranteed ? "Guaranteed" : "Burstable";
}

std::string unenforced_resources(const PodSpec& spec) {
  const auto has_limits = [](const Container& container) { return !container.resources.limits.empty(); };
  if (spec.resources.limits.empty() && std::ranges::none_of(spec.containers, has_limits)) return {};
  const Resources whole = effective_resources(spec);
  const std::string requests = text_of("requests", whole.requests), limits = text_of("limits", whole.limits);
  const std::string_view comma = limits.empty() ? "" : ", ";
  return fmt::format("resources ({}{}{}) are checked, not enforced yet", requests, comma, limits);
}

void check_resources(const PodSpec& spec, const Node* node, DiagnosticCollector& report) {
  if (node == nullptr) return;
  check_requests(spec.resources, *node, report);
  check_resource_rules(spec.resources, ResourceOwner::Pod, node->find("resources"), report);
  check_overhead(spec.overhead, node->find("overhead"), report);
  const Quantities together = sum_of_requests(spec);
  for (const auto& [resource, request] : spec.resources.requests)
    if (const auto sum = find_quantity(together, resource); sum && *sum > request)
      report.add(place_of(*node, "requests", resource),
                 fmt::format("the containers request {} {} together, more than the pod", resource,
                             amount_text(resource, *sum)));
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const Node* const found = container_node(node, spec, i);
    if (found == nullptr) continue;
    const Node& owner = *found;
    const Resources& resources = spec.containers[i].resources;
    check_requests(resources, owner, report);
    check_resource_rules(resources, ResourceOwner::Container, owner.find("resources"), report);
    for (const auto& [resource, limit] : resources.limits)
      if (const auto most = find_quantity(spec.resources.limits, resource); most && limit > *most)
        report.add(place_of(owner, "limits", resource),
                   fmt::format("the limit of {} must not exceed the pod's, {}", resource,
                               amount_text(resource, *most)));
  }
}

}  // namespace podrun::pod
