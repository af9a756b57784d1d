// Evaluates the downward API.
#include "pod/environment/downward.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "pod/spec/value_syntax.hpp"
#include "pod/text/joined.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using Strings = std::map<std::string, std::string>;
using List = std::vector<std::string>;

constexpr std::array single{"metadata.name"sv, "metadata.namespace"sv, "metadata.uid"sv};
constexpr std::array maps{"metadata.labels"sv, "metadata.annotations"sv};
constexpr std::string_view old_node_name = "spec.host";  ///< Kubernetes converts it to spec.nodeName
constexpr std::array only_env{"spec.nodeName"sv,  old_node_name,   "spec.serviceAccountName"sv, "status.hostIP"sv,
                              "status.hostIPs"sv, "status.podIP"sv, "status.podIPs"sv};

/// The text as a Go string literal, which the kubelet's %q prints.
std::string quoted(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': literal += "\\\""; break;
      case '\\': literal += "\\\\"; break;
      case '\n': literal += "\\n"; break;
      case '\r': literal += "\\r"; break;
      case '\t': literal += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) literal += fmt::format("\\x{:02x}", c);
        else literal += c;
    }
  }
  return literal + '"';
}

/// One line for each entry, in the order of the keys, without a line end after the last.
std::string lines(const Strings& map) {
  std::string text;
  for (const auto& [key, value] : map) text += fmt::format("{}{}={}", text.empty() ? "" : "\n", key, quoted(value));
  return text;
}

std::string value_of(const Strings& map, std::string_view key) {
  const auto found = map.find(std::string(key));
  return found == map.end() ? "" : found->second;
}

/// The first address, or all, separated by commas; "127.0.0.1" if there is none.
std::string words_of(const List& addresses, bool all) {
  if (addresses.empty()) return "127.0.0.1";
  return all ? joined(addresses, ",") : addresses.front();
}

List addresses_of_pod(const Pod& pod, const HostFacts& facts, const Addresses& own) {
  if (own == Addresses{}) return pod.spec.host_network ? facts.addresses : List{};
  List texts;
  for (const IpAddress& address : own.list()) texts.push_back(text_of(address));
  return texts;
}

Quantity of_host(std::string_view resource, const HostFacts& facts) {
  if (resource == "cpu") return {.units = facts.processors};
  if (resource == "memory") return {.units = facts.memory};
  if (resource == "ephemeral-storage") return {.units = facts.storage_bytes};
  return {};
}

std::optional<Quantity> find_quantity(const Quantities& quantities, const std::string& name) {
  const auto found = quantities.find(name);
  return found == quantities.end() ? std::nullopt : std::optional(found->second);
}

/// Whether a label or an annotation can have this key. Kubernetes checks that of an annotation in lower case.
bool is_key_of(std::string_view map, std::string_view key) {
  std::string name(key);
  if (map == "metadata.annotations")
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return qualified_name(name).empty();
}

std::string_view name_of(std::string_view resource) { return resource.substr(resource.find('.') + 1); }

}  // namespace

FieldPath parse_field_path(std::string_view path) {
  const std::size_t open = path.find("['");
  if (open == path.npos || !path.ends_with("']") || path.size() < open + 4) return {path, std::nullopt};
  return {path.substr(0, open), path.substr(open + 2, path.size() - open - 4)};
}

bool is_file_field(std::string_view path) {
  const auto [field, key] = parse_field_path(path);
  if (std::ranges::find(maps, field) != maps.end()) return !key || is_key_of(field, *key);
  return !key && std::ranges::find(single, field) != single.end();
}

bool is_env_field(std::string_view path) {
  const auto [field, key] = parse_field_path(path);
  if (!key && std::ranges::find(only_env, field) != only_env.end()) return true;
  const bool whole_map = !key && std::ranges::find(maps, field) != maps.end();
  return is_file_field(path) && !whole_map;
}

bool is_resource_field(std::string_view resource) {
  if (!resource.starts_with("limits.") && !resource.starts_with("requests.")) return false;
  const std::string_view name = name_of(resource);
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" ||
         (name.starts_with("hugepages-") && name.size() > 10);
}

bool asks_for_addresses(const Pod& pod) {
  for (const Container& container : pod.spec.containers)
    for (const EnvVar& variable : container.env)
      if (const auto* field = std::get_if<FieldRef>(&variable.source); field && field->path.starts_with("status."))
        return true;
  return false;
}

std::string field_value(std::string_view path, const Pod& pod, std::string_view uid, const HostFacts& facts,
                        const Addresses& addresses) {
  const auto [field, key] = parse_field_path(path);
  const Metadata& metadata = pod.metadata;
  if (field == "metadata.name") return metadata.name;
  if (field == "metadata.namespace") return metadata.namespace_name;
  if (field == "metadata.uid") return std::string(uid);
  if (field == "metadata.labels") return key ? value_of(metadata.labels, *key) : lines(metadata.labels);
  if (field == "metadata.annotations") return key ? value_of(metadata.annotations, *key) : lines(metadata.annotations);
  if (field == "spec.nodeName" || field == old_node_name)
    return pod.spec.node_name.empty() ? facts.hostname : pod.spec.node_name;
  if (field == "spec.serviceAccountName")
    return pod.spec.service_account_name.empty() ? "default" : pod.spec.service_account_name;
  if (field == "status.hostIP") return words_of(facts.addresses, false);
  if (field == "status.hostIPs") return words_of(facts.addresses, true);
  return words_of(addresses_of_pod(pod, facts, addresses), field == "status.podIPs");
}

std::string resource_value(const ResourceFieldRef& reference, const Container& container, const Pod& pod,
                           const HostFacts& facts) {
  const std::string name(name_of(reference.resource));
  const bool limit = reference.resource.starts_with("limits.");
  const auto is_unlimited = [](const std::optional<Quantity>& value) { return !value || *value == Quantity{}; };
  std::optional<Quantity> value =
      find_quantity(limit ? container.resources.limits : container.resources.requests, name);
  if (limit && is_unlimited(value)) value = find_quantity(pod.spec.resources.limits, name);
  if (limit && is_unlimited(value)) value = of_host(name, facts);
  if (!value) value = find_quantity(container.resources.limits, name);  // the default of a request
  const Quantity divisor = reference.divisor.value_or(Quantity{});
  return std::to_string(divided_up(value.value_or(Quantity{}), divisor == Quantity{} ? Quantity{.units = 1} : divisor));
}

}  // namespace podrun::pod
