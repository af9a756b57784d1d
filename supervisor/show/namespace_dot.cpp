// Draws processes and namespaces as a graph.
#include "supervisor/show/namespace_dot.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"

namespace podrun::supervisor {
namespace {

/// Escapes text for a quoted string of DOT.
std::string dot_text(std::string_view text) {
  std::string safe;
  for (const char c : pod::escaped(text)) {
    if (c == '"' || c == '\\') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string kind_names(const std::vector<std::size_t>& kinds) {
  std::vector<std::string_view> names;
  for (const std::size_t kind : kinds) names.push_back(pod::namespace_names[kind]);
  return pod::joined(names, " ");
}

std::string process(const NamespaceMatrix& matrix, const Sharing& sharing, std::size_t row) {
  std::vector<std::size_t> own;
  std::vector<std::size_t> hosts;
  for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) {
    const auto group = sharing.cells[row][kind];
    if (!group)
      hosts.push_back(kind);
    else if (!sharing.groups[*group].is_shared())
      own.push_back(kind);
  }
  std::string label = fmt::format("{}\\npid {}", dot_text(matrix.members[row].name), matrix.members[row].pid);
  if (!own.empty()) label += "\\nown: " + kind_names(own);
  if (!hosts.empty()) label += "\\nhost's: " + kind_names(hosts);
  return fmt::format("  p{} [shape=box, label=\"{}\"];\n", row, label);
}

}  // namespace

std::string to_dot(const std::string& pod_id, const NamespaceMatrix& matrix) {
  const Sharing sharing = sharing_of(matrix);
  std::string text = fmt::format("graph \"{}\" {{\n  rankdir=LR;\n  node [fontname=\"monospace\", style=rounded];\n",
                                 dot_text(pod::pod_name(pod_id)));
  for (const std::size_t row : adjacency_order(sharing)) text += process(matrix, sharing, row);
  for (std::size_t index = 0; index < sharing.groups.size(); ++index) {
    const NamespaceGroup& group = sharing.groups[index];
    if (!group.is_shared()) continue;
    text += fmt::format("  n{} [shape=ellipse, label=\"{}\\n{}\"];\n", index, group.letter,
                        kind_names(group.kinds));
    for (const std::size_t member : group.members) text += fmt::format("  n{} -- p{};\n", index, member);
  }
  return text + "}\n";
}

}  // namespace podrun::supervisor
