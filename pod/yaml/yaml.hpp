// Parses YAML into a tree of nodes with their positions and bounded size. Only this folder uses yaml-cpp.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod::yaml {

inline constexpr std::size_t max_bytes = 64U << 20;
inline constexpr std::size_t max_levels = 64;  ///< depth of nested mappings and lists, aliases followed
/// The number of nodes of a document and of a text; an alias counts as many as it stands for.
inline constexpr std::size_t max_nodes = 500'000, max_nodes_of_text = 2'000'000;

enum class Kind { Null, Scalar, Sequence, Mapping };

struct Node;

/// One `key: value` of a mapping. Keys are scalars, and the keys of a mapping are different.
struct Entry {
  const Node* key;
  const Node* value;
};

/// A value of the document. An alias has no node of its own; its parent points to the node that it names.
struct Node {
  Kind kind = Kind::Null;
  std::size_t at = 0;              ///< position of the first byte in the text
  bool quoted = false;             ///< the scalar is a string regardless of its content: "", '', |, >, !!str
  std::string text;                ///< content of a scalar
  std::vector<const Node*> items;  ///< items of a sequence
  std::vector<Entry> entries;      ///< entries of a mapping
  std::size_t nodes = 1;           ///< number of nodes of this subtree, aliases followed
  std::size_t levels = 0;          ///< depth of mappings and lists, this one included, aliases followed

  /// The value of a field of a mapping, or nullptr, which is also the answer for other nodes.
  const Node* find(std::string_view key) const;
};

/// The nodes of the documents of a text. It can be moved but not copied, because nodes point to each other.
struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;      ///< root of the first document
  std::vector<const Node*> roots;  ///< roots of all documents that have content

  Document() = default;
  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;
};

/// Parses the documents of TEXT (UTF-8 without a byte order mark); between JSON documents "---" may be missing. Adds
/// errors to REPORT. The root is nullptr if no
/// document could be parsed. Never throws.
Document read(std::string_view text, DiagnosticCollector& report);

}  // namespace podrun::pod::yaml
