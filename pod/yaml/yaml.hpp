// The one door to yaml-cpp: text → a small tree of our own that knows its places and has bounds.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod::yaml {

inline constexpr std::size_t max_bytes = 1U << 20;
inline constexpr std::size_t max_levels = 64;  ///< mappings and lists inside each other, through aliases too
inline constexpr std::size_t max_nodes = 100'000;  ///< every alias counts as all that it stands for

enum class Kind { Null, Scalar, Sequence, Mapping };

struct Node;

/// One `key: value`. Keys are scalars, and no two of a mapping are equal.
struct Entry {
  const Node* key;
  const Node* value;
};

/// A value of the document. An alias is not a node: it is the node it names, met once more.
struct Node {
  Kind kind = Kind::Null;
  std::size_t at = 0;              ///< the byte of the text where it begins
  bool quoted = false;             ///< a scalar that is a string whatever it looks like: "", '', |, >, !!str
  std::string text;                ///< a scalar's
  std::vector<const Node*> items;  ///< a sequence's
  std::vector<Entry> entries;      ///< a mapping's
  std::size_t nodes = 1;           ///< itself and all below, aliases followed
  std::size_t levels = 0;          ///< of mappings and lists, itself included, aliases followed

  /// The value of a mapping's field, or nullptr (also for what is no mapping).
  const Node* find(std::string_view key) const;
};

/// The nodes of a text's documents; they point at each other, so it moves but is never copied.
struct Document {
  std::deque<Node> nodes;
  const Node* root = nullptr;        ///< of the first document
  std::vector<const Node*> roots;  ///< of all of them; one without content is not there

  Document() = default;
  Document(Document&&) noexcept = default;
  Document& operator=(Document&&) noexcept = default;
};

/// Reads the documents of TEXT (UTF-8 without a byte order mark). What is wrong goes into REPORT; the
/// root is nullptr if that left nothing to look at. Never throws.
Document read(std::string_view text, DiagnosticCollector& report);

}  // namespace podrun::pod::yaml
