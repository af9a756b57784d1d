// Makes nodes that are not in a text, for manifests that are derived from others.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Makes nodes with the position of the node that they are derived from.
class NodeFactory {
 public:
  NodeFactory(yaml::Document& document, std::size_t at) : document_(document), at_(at) {}

  const yaml::Node* text(std::string value) {
    yaml::Node& node = make(yaml::Kind::Scalar);
    node.quoted = true;
    node.text = std::move(value);
    return &node;
  }
  yaml::Entry entry(std::string_view key, const yaml::Node* value) {
    return {.key = text(std::string(key)), .value = value};
  }
  yaml::Entry entry(std::string_view key, std::string value) { return entry(key, text(std::move(value))); }
  /// A mapping of the entries that have a value.
  const yaml::Node* mapping(std::vector<yaml::Entry> entries) {
    yaml::Node& node = make(yaml::Kind::Mapping);
    std::erase_if(entries, [](const yaml::Entry& each) { return each.value == nullptr; });
    node.entries = std::move(entries);
    return &node;
  }
  const yaml::Node* list(std::vector<const yaml::Node*> items) {
    yaml::Node& node = make(yaml::Kind::Sequence);
    node.items = std::move(items);
    return &node;
  }

 private:
  yaml::Node& make(yaml::Kind kind) {
    yaml::Node& node = document_.nodes.emplace_back();
    node.kind = kind;
    node.at = at_;
    return node;
  }

  yaml::Document& document_;
  std::size_t at_;
};

/// The entries of a mapping except for some fields. MAPPING may be nullptr.
inline std::vector<yaml::Entry> entries_without(const yaml::Node* mapping,
                                                std::initializer_list<std::string_view> fields) {
  std::vector<yaml::Entry> entries;
  if (mapping == nullptr) return entries;
  for (const yaml::Entry& entry : mapping->entries)
    if (std::ranges::find(fields, entry.key->text) == fields.end()) entries.push_back(entry);
  return entries;
}

}  // namespace podrun::pod
