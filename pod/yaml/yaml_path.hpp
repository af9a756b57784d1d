// Looks up nodes by path.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>

#include "pod/yaml/yaml.hpp"

namespace podrun::pod::yaml {

/// The node at a path of field names, or nullptr if one of them is missing. NODE may be nullptr.
inline const Node* find(const Node* node, std::initializer_list<std::string_view> path) {
  for (const std::string_view field : path) node = node == nullptr ? nullptr : node->find(field);
  return node;
}

/// An item of a sequence, or nullptr if there is none. LIST may be nullptr.
inline const Node* item(const Node* list, std::size_t index) {
  return list != nullptr && index < list->items.size() ? list->items[index] : nullptr;
}

}  // namespace podrun::pod::yaml
