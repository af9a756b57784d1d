// Finds the nodes of fields by their names.
#include "pod/manifest/field_places.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "pod/text/diagnostic.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::Node;

/// A node on the way to a field, and the key that leads to it, if there is one.
struct Step {
  const Node* node = nullptr;
  const Node* key = nullptr;
};

/// The next part of a name: "containers", or "0" of "[0]". It is removed from the name.
std::string_view next_part(std::string_view& name) {
  if (name.starts_with('.') || name.starts_with('[')) name.remove_prefix(1);
  const std::string_view part = name.substr(0, name.find_first_of(".[]"));
  name.remove_prefix(part.size());
  if (name.starts_with(']')) name.remove_prefix(1);
  return part;
}

Step below(const Node& owner, std::string_view part) {
  std::size_t index = 0;
  if (owner.kind == yaml::Kind::Sequence) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
    return error == std::errc{} ? Step{yaml::item(&owner, index)} : Step{};
  }
  for (const yaml::Entry& entry : owner.entries)
    if (entry.key->text == part) return {entry.value, entry.key};
  return {};
}

/// The last node on the way to a field, and whether it is the field itself.
std::pair<Step, bool> walk(const Node* root, std::string_view field) {
  Step last{root};
  while (!field.empty()) {
    const Step next = below(*last.node, next_part(field));
    if (next.node == nullptr) return {last, false};
    last = next;
  }
  return {last, true};
}

constexpr std::string_view inherited = ".securityContext.";

bool is_of_container(std::string_view field) {
  return field.starts_with("spec.containers[") || field.starts_with("spec.initContainers[");
}

/// The field of the pod that the field of a container takes its value from: "spec.securityContext.runAsUser"; "" if
/// there is none.
std::string pods_field(std::string_view field) {
  const std::size_t begin = field.find(inherited);
  if (!is_of_container(field) || begin == field.npos) return {};
  return "spec" + std::string(field.substr(begin));
}

}  // namespace

FieldPlaces::FieldPlaces(std::shared_ptr<const yaml::Document> document, const Node* root,
                         std::set<std::size_t> errors)
    : document_(std::move(document)), root_(root), errors_(std::move(errors)) {}

std::size_t FieldPlaces::at(std::string_view field) const {
  if (root_ == nullptr) return 0;
  const auto [own, is_there] = walk(root_, field);
  if (is_there) return own.node->at;
  const std::string other = pods_field(field);
  if (!other.empty())
    if (const auto [pods, has_it] = walk(root_, other); has_it) return pods.node->at;
  return own.node->at;
}

bool FieldPlaces::is_sound(std::string_view field) const {
  if (root_ == nullptr || errors_.empty()) return errors_.empty();
  const auto is_free = [&](std::string_view name) {
    const auto [step, is_there] = walk(root_, name);
    return !is_there || ((step.key == nullptr || !errors_.contains(step.key->at)) && !holds_any(*step.node, errors_));
  };
  // Whether an image is there depends on no other field.
  if (!is_of_container(field) || field.ends_with("].image")) return is_free(field);
  if (!is_free(field.substr(0, field.find(']') + 1))) return false;
  const auto [security, is_there] = walk(root_, "spec.securityContext");
  if (!is_there || security.node->kind != yaml::Kind::Mapping) return is_free("spec.securityContext");
  return !errors_.contains(security.node->at) &&
         std::ranges::all_of(security.node->entries, [&](const yaml::Entry& entry) {
           const bool is_of_pod = entry.key->text == "sysctls";  // which no container inherits
           return is_of_pod || (!errors_.contains(entry.key->at) && !holds_any(*entry.value, errors_));
         });
}

bool holds_any(const Node& node, const std::set<std::size_t>& positions) {
  return positions.contains(node.at) ||
         std::ranges::any_of(node.items, [&](const Node* item) { return holds_any(*item, positions); }) ||
         std::ranges::any_of(node.entries, [&](const yaml::Entry& entry) {
           return positions.contains(entry.key->at) || holds_any(*entry.value, positions);
         });
}

bool is_misspelt(const Node& owner, std::string_view field) {
  return owner.find(field) == nullptr && std::ranges::any_of(owner.entries, [&](const yaml::Entry& entry) {
           return nearest(entry.key->text, {field}) == field;
         });
}

}  // namespace podrun::pod
