// Checks resources.
#include "pod/manifest/resource_rules.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "pod/text/quantity.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using yaml::Node;

constexpr std::string_view huge_pages = "hugepages-";

bool is_huge_pages(std::string_view resource) { return resource.starts_with(huge_pages); }
bool is_basic(std::string_view resource) { return resource == "cpu" || resource == "memory"; }

/// Whether Kubernetes defines the resource: it has no domain, or one of Kubernetes'.
bool is_native(std::string_view resource) {
  return !resource.contains('/') || resource.contains("kubernetes.io/");
}

/// Whether a device plugin defines the resource, such as nvidia.com/gpu.
bool is_extended(std::string_view resource) { return !is_native(resource) && !resource.starts_with("requests."); }

/// Whether the requests of all may exceed what there is, so that a request may be less than its limit.
bool may_be_overcommitted(std::string_view resource) { return is_native(resource) && !is_huge_pages(resource); }

/// The reason why the owner cannot have the resource, as the end of a sentence; "" if it can.
std::string_view name_error(std::string_view resource, ResourceOwner owner) {
  if (owner == ResourceOwner::Pod)
    return is_basic(resource) || is_huge_pages(resource) ? "" : "must be cpu, memory or hugepages-SIZE for a pod";
  if (resource.contains('/'))
    return is_native(resource) || is_extended(resource) ? "" : "must not begin with \"requests.\"";
  if (is_basic(resource) || resource == "ephemeral-storage" || is_huge_pages(resource)) return "";
  return "must be cpu, memory, ephemeral-storage, hugepages-SIZE or DOMAIN/NAME";
}

/// Whether an amount consists of whole pages of the size in the resource's name.
bool is_whole_pages(std::string_view resource, const Quantity& amount) {
  const auto page = parse_quantity(resource.substr(huge_pages.size()));
  return page && page->nanos == 0 && page->units > 0 && amount.nanos == 0 && amount.units % page->units == 0;
}

/// The reason why a resource cannot have this amount, as the end of a sentence; "" if it can.
std::string amount_error(std::string_view resource, const Quantity& amount) {
  if (is_extended(resource) && amount.nanos != 0) return "must be a whole number";
  if (is_huge_pages(resource) && !is_whole_pages(resource, amount))
    return fmt::format("must be a multiple of {}", resource.substr(huge_pages.size()));
  return {};
}

/// The entry of a resource in `limits` or `requests`; nullptr if it is not there.
const yaml::Entry* entry_of(const Node* list, std::string_view resource) {
  if (list == nullptr) return nullptr;
  const auto found =
      std::ranges::find_if(list->entries, [&](const yaml::Entry& entry) { return entry.key->text == resource; });
  return found == list->entries.end() ? nullptr : &*found;
}

void check_amounts(const Quantities& amounts, ResourceOwner owner, const Node* list, DiagnosticCollector& report) {
  for (const auto& [resource, amount] : amounts) {
    const yaml::Entry* entry = entry_of(list, resource);
    if (entry == nullptr) continue;
    if (const std::string_view why = name_error(resource, owner); !why.empty()) {
      const std::string_view meant = nearest(resource, {"cpu", "memory", "ephemeral-storage"});
      report.add(entry->key->at, fmt::format("the resource {} {}", in_quotes(resource), why),
                 meant.empty() ? std::string() : fmt::format("did you mean \"{}\"?", meant));
    } else if (const std::string wrong = amount_error(resource, amount); !wrong.empty()) {
      report.add(entry->value->at, fmt::format("{} {}", resource, wrong));
    }
  }
}

/// Reports requests of resources that nobody can have more of than there are: they equal their limits.
void check_exact_requests(const Resources& resources, ResourceOwner owner, const Node* requests,
                          DiagnosticCollector& report) {
  for (const auto& [resource, request] : resources.requests) {
    const yaml::Entry* entry = entry_of(requests, resource);
    if (entry == nullptr || may_be_overcommitted(resource) || !name_error(resource, owner).empty()) continue;
    const auto limit = resources.limits.find(resource);
    if (limit == resources.limits.end())
      report.add(entry->key->at, fmt::format("a request of {} needs a limit, which is the same", resource));
    else if (limit->second > request)
      report.add(entry->value->at, fmt::format("the request of {} must equal its limit", resource));
  }
}

bool has_any(const Resources& resources, bool (*is_one)(std::string_view)) {
  const auto holds = [&](const auto& entry) { return is_one(entry.first); };
  return std::ranges::any_of(resources.limits, holds) || std::ranges::any_of(resources.requests, holds);
}

/// Whether a quantity is 1 or a power of BASE.
bool is_power(const Quantity& quantity, std::int64_t base) {
  if (quantity.nanos != 0 || quantity.units <= 0) return false;
  std::int64_t rest = quantity.units;
  while (rest % base == 0) rest /= base;
  return rest == 1;
}

}  // namespace

void check_resource_rules(const Resources& resources, ResourceOwner owner, const Node* node,
                          DiagnosticCollector& report) {
  if (node == nullptr) return;
  check_amounts(resources.limits, owner, node->find("limits"), report);
  check_amounts(resources.requests, owner, node->find("requests"), report);
  check_exact_requests(resources, owner, node->find("requests"), report);
  if (has_any(resources, is_huge_pages) && !has_any(resources, is_basic))
    report.add(node->at, "huge pages need a request or a limit of cpu or memory, too");
}

void check_overhead(const Quantities& overhead, const Node* node, DiagnosticCollector& report) {
  check_amounts(overhead, ResourceOwner::Container, node, report);
}

std::string_view divisor_error(std::string_view resource, const Node& node) {
  const std::string_view text = node.text;
  const auto divisor = parse_quantity(text);
  if (!divisor || *divisor == Quantity{}) return "";  // zero means the default
  constexpr Quantity one{.units = 1}, thousandth{.nanos = 1'000'000};
  if (*divisor == one) return "";
  if (resource.ends_with(".cpu")) return *divisor == thousandth ? "" : "must be 1 or 1m for cpu";
  const bool binary = text.ends_with('i');
  // A number without quotes reaches Kubernetes as digits, a string as it is written.
  const bool is_exponential = node.quoted && !binary && !text.ends_with('E') && text.find_first_of("eE") != text.npos;
  if (!is_exponential && is_power(*divisor, binary ? 1024 : 1000)) return "";
  return "must be 1, or 1 with k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi or Ei behind it";
}

}  // namespace podrun::pod
