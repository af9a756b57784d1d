// What checks of lists share: where an item is in the text, containers among them, and whether a value was there before.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {

/// The positions of a decoded list's items in the text. The node of the list may be missing; the list is empty then.
class Places {
 public:
  Places(const yaml::Node* owner, std::string_view field) : list_(owner == nullptr ? nullptr : owner->find(field)) {}

  /// The node of an item; nullptr if there is none.
  const yaml::Node* item(std::size_t index) const {
    return list_ == nullptr || index >= list_->items.size() ? nullptr : list_->items[index];
  }
  /// The position of an item's field, or of the item if it does not have the field.
  std::size_t of(std::size_t index, std::string_view field) const {
    const yaml::Node* owner = item(index);
    const yaml::Node* value = owner == nullptr ? nullptr : owner->find(field);
    return value != nullptr ? value->at : owner != nullptr ? owner->at : 0;
  }

 private:
  const yaml::Node* list_;
};

/// The node of a container in `initContainers` or `containers`, which PodSpec has in one list; nullptr if the spec has
/// none. `spec`: the node of `spec`.
inline const yaml::Node* container_node(const yaml::Node* spec, const PodSpec& pod, std::size_t index) {
  std::size_t inits = 0;
  while (inits < pod.containers.size() && pod.containers[inits].role != ContainerRole::App) ++inits;
  if (index < inits) return yaml::item(yaml::find(spec, {"initContainers"}), index);
  return yaml::item(yaml::find(spec, {"containers"}), index - inits);
}

/// Reports values that were added before.
class Unique {
 public:
  Unique(std::string_view what, DiagnosticCollector& report) : what_(what), report_(report) {}

  /// Adds a value. An empty value is not compared. KEY is what has to differ, if that is not the value itself.
  void add(const std::string& value, std::size_t at) { add(value, value, at); }
  void add(const std::string& value, const std::string& key, std::size_t at) {
    if (value.empty()) return;
    const auto [first, is_new] = seen_.emplace(key, First{value, at});
    if (is_new || report_.full()) return;
    std::string hint = fmt::format("first on line {}", report_.line_of(first->second.at));
    if (first->second.value != value)
      hint += fmt::format(", as {}; podrun's own rule: one would hide the other", in_quotes(first->second.value));
    report_.add(at, fmt::format("{} {} is taken", what_, in_quotes(value)), std::move(hint));
  }

 private:
  struct First {
    std::string value;
    std::size_t at;
  };

  std::string_view what_;
  DiagnosticCollector& report_;
  std::map<std::string, First, std::less<>> seen_;  ///< by key
};

}  // namespace podrun::pod
