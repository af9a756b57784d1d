// The way to a value through mappings and sequences.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "pod/yaml/yaml.hpp"

namespace podrun::pod::yaml {

/// The value of a field of a field …, or nullptr where one of them is missing; NODE may be nullptr.
inline const Node* find(const Node* node, std::initializer_list<std::string_view> path) {
  for (const std::string_view field : path) node = node == nullptr ? nullptr : node->find(field);
  return node;
}

/// An item of a sequence, or nullptr where there is none; LIST may be nullptr.
inline const Node* item(const Node* list, std::size_t index) {
  return list != nullptr && index < list->items.size() ? list->items[index] : nullptr;
}

}  // namespace podrun::pod::yaml
