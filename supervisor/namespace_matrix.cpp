// Whose namespaces a pod's processes are in.
#include "supervisor/namespace_matrix.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "supervisor/table.hpp"

namespace podrun::supervisor {
namespace {

std::string owner(const NamespaceMatrix& matrix, const NamespaceRow& row, std::size_t kind) {
  const std::uint64_t id = row.ids[kind];
  if (id == matrix.host.ids[kind]) return "host";
  if (id == matrix.pause.ids[kind]) return "pod";
  const auto same = std::ranges::find_if(
      matrix.containers, [&](const NamespaceRow& other) { return &other != &row && other.ids[kind] == id; });
  return same == matrix.containers.end() ? "own" : "=" + same->name;
}

Owners owners_of(const NamespaceMatrix& matrix, const NamespaceRow& row) {
  Owners words;
  for (std::size_t kind = 0; kind < words.size(); ++kind) words[kind] = owner(matrix, row, kind);
  return words;
}

std::vector<std::string> cells(const NamespaceRow& row, const Owners& words) {
  std::vector<std::string> cells = {row.name, std::to_string(row.pid)};
  cells.insert(cells.end(), words.begin(), words.end());
  return cells;
}

std::string legend(const NamespaceMatrix& matrix, const std::vector<Owners>& words) {
  std::string text = "\nhost  this host's\n";
  std::string links;
  for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind)
    if (matrix.pause.ids[kind] != matrix.host.ids[kind])
      links += " " + link_text(kind, matrix.pause.ids[kind]);
  if (!links.empty()) text += fmt::format("pod   the pod's, held by its pause:{}\n", links);
  text += "own   this container's alone\n";
  const bool borrowed = std::ranges::any_of(words, [](const Owners& row) {
    return std::ranges::any_of(row, [](const std::string& word) { return word.starts_with('='); });
  });
  if (borrowed) text += "=...  shared with that container\n";
  return text;
}

}  // namespace

std::vector<Owners> owners(const NamespaceMatrix& matrix) {
  std::vector<Owners> all = {owners_of(matrix, matrix.host), owners_of(matrix, matrix.pause)};
  for (const NamespaceRow& row : matrix.containers) all.push_back(owners_of(matrix, row));
  return all;
}

std::string link_text(std::size_t kind, std::uint64_t id) {
  return fmt::format("{}:[{}]", pod::namespace_names[kind], id);
}

std::string matrix_text(const NamespaceMatrix& matrix) {
  std::vector<std::vector<std::string>> rows = {{"NAME", "PID"}};
  rows[0].insert(rows[0].end(), pod::namespace_names.begin(), pod::namespace_names.end());
  const std::vector<Owners> words = owners(matrix);
  rows.push_back(cells(matrix.host, words[0]));
  rows.push_back(cells(matrix.pause, words[1]));
  for (std::size_t index = 0; index < matrix.containers.size(); ++index)
    rows.push_back(cells(matrix.containers[index], words[index + 2]));
  return aligned(rows) + legend(matrix, words);
}

}  // namespace podrun::supervisor
