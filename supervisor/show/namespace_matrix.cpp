// The matrix of a pod's processes and their namespaces.
#include "supervisor/show/namespace_matrix.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/text/joined.hpp"

namespace podrun::supervisor {
namespace {

/// A … Z, AA, AB …, like the columns of a spreadsheet.
std::string nth_letter(std::size_t index, bool capital) {
  std::string letters;
  for (std::size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>((capital ? 'A' : 'a') + (rest - 1) % 26));
  return letters;
}

std::vector<std::size_t> members_in(const NamespaceMatrix& matrix, std::size_t kind, std::uint64_t id) {
  std::vector<std::size_t> members;
  for (std::size_t index = 0; index < matrix.members.size(); ++index)
    if (matrix.members[index].ids[kind] == id) members.push_back(index);
  return members;
}

/// Assigns letters and colours: one for each first member.
void name(std::vector<NamespaceGroup>& groups) {
  std::map<std::size_t, std::size_t> letters;
  std::map<std::size_t, std::size_t> colours;
  for (NamespaceGroup& group : groups) {
    const std::size_t holder = group.members.front();
    group.letter = nth_letter(letters.try_emplace(holder, letters.size()).first->second, group.is_shared());
    if (group.is_shared()) group.colour = colours.try_emplace(holder, colours.size()).first->second;
  }
}

/// The number of processes, summed over all namespaces, that are placed between processes which share a namespace
/// without being in it themselves.
std::size_t outsiders_between(const Sharing& sharing, const std::vector<std::size_t>& order) {
  std::vector<std::size_t> place(order.size());
  for (std::size_t at = 0; at < order.size(); ++at) place[order[at]] = at;
  std::size_t outsiders = 0;
  for (const NamespaceGroup& group : sharing.groups) {
    const auto [first, last] =
        std::ranges::minmax(group.members, {}, [&](std::size_t member) { return place[member]; });
    outsiders += (place[last] - place[first] + 1 - group.members.size()) * group.kinds.size();
  }
  return outsiders;
}

std::vector<std::size_t> moved(std::vector<std::size_t> order, std::size_t from, std::size_t to) {
  const std::size_t member = order[from];
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(from));
  order.insert(order.begin() + static_cast<std::ptrdiff_t>(to), member);
  return order;
}

}  // namespace

const char* name_of(Role role) {
  switch (role) {
    case Role::Host:
      return "host";
    case Role::Pause:
      return "pause";
    case Role::Init:
      return "init";
    case Role::Container:
      return "container";
  }
  return "";
}

Sharing sharing_of(const NamespaceMatrix& matrix) {
  Sharing sharing;
  sharing.cells.resize(matrix.members.size());
  std::map<std::vector<std::size_t>, std::size_t> known;
  for (std::size_t row = 0; row < matrix.members.size(); ++row)
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) {
      const std::uint64_t id = matrix.members[row].ids[kind];
      if (id == matrix.host.ids[kind]) continue;
      const std::vector<std::size_t> members = members_in(matrix, kind, id);
      const auto [group, is_new] = known.try_emplace(members, sharing.groups.size());
      if (is_new) sharing.groups.push_back({.members = members, .kinds = {}, .letter = ""});
      if (row == members.front()) {
        sharing.groups[group->second].kinds.push_back(kind);
        sharing.groups[group->second].ids[kind] = id;
      }
      sharing.cells[row][kind] = group->second;
    }
  name(sharing.groups);
  return sharing;
}

std::vector<Letter> letters_of(const Sharing& sharing) {
  std::vector<Letter> letters;
  for (const NamespaceGroup& group : sharing.groups) {
    if (!group.is_shared()) continue;
    if (group.colour == letters.size())
      letters.push_back(
          {.text = group.letter, .colour = group.colour, .holder = group.members.front(), .namespaces = {}});
    for (const std::size_t kind : group.kinds)
      letters[group.colour].namespaces.emplace(kind, group.ids[kind]);
  }
  return letters;
}

std::vector<LegendLine> network_legend(const NamespaceMatrix& matrix, const Sharing& sharing) {
  constexpr auto net = static_cast<std::size_t>(pod::NamespaceKind::Net);
  std::vector<LegendLine> lines;
  for (const NetworkRecord& network : matrix.networks) {
    const auto owner = std::ranges::find_if(matrix.members, [&](const NamespaceRow& row) {
      return network.container.empty() ? row.role == Role::Pause
                                       : row.role == Role::Container && row.name == network.container;
    });
    if (owner == matrix.members.end()) continue;  // the container does not run
    const auto index = sharing.cells[static_cast<std::size_t>(owner - matrix.members.begin())][net];
    if (!index) continue;
    const NamespaceGroup& group = sharing.groups[*index];
    lines.push_back({.letter = group.letter,
                     .colour = group.colour,
                     .is_shared = group.is_shared(),
                     .words = fmt::format("net: {} ({})", pod::joined(texts_of(network.addresses), ", "),
                                          network.interface)});
  }
  return lines;
}

std::optional<std::uint64_t> pods_namespace(const NamespaceMatrix& matrix, std::size_t kind) {
  for (const NamespaceRow& row : matrix.members)
    if (row.role != Role::Container && row.ids[kind] != matrix.host.ids[kind]) return row.ids[kind];
  return std::nullopt;
}

Owners owners_of(const NamespaceMatrix& matrix, const NamespaceRow& row) {
  Owners words;
  for (std::size_t kind = 0; kind < words.size(); ++kind) {
    const std::uint64_t id = row.ids[kind];
    const auto same = std::ranges::find_if(matrix.members, [&](const NamespaceRow& other) {
      return &other != &row && other.role == Role::Container && other.ids[kind] == id;
    });
    if (id == matrix.host.ids[kind])
      words[kind] = "host";
    else if (id == pods_namespace(matrix, kind))
      words[kind] = "pod";
    else
      words[kind] = same == matrix.members.end() ? "own" : "=" + same->name;
  }
  return words;
}

std::string link_text(std::size_t kind, std::uint64_t id) {
  return fmt::format("{}:[{}]", pod::namespace_names[kind], id);
}

std::vector<std::size_t> adjacency_order(const Sharing& sharing) {
  std::vector<std::size_t> order(sharing.cells.size());
  for (std::size_t at = 0; at < order.size(); ++at) order[at] = at;
  std::size_t best = outsiders_between(sharing, order);
  for (bool better = true; better && best > 0;) {  // terminates: each round reduces the number
    better = false;
    for (std::size_t from = 1; from < order.size(); ++from)
      for (std::size_t to = 1; to < order.size(); ++to) {
        auto other = moved(order, from, to);
        const std::size_t outsiders = outsiders_between(sharing, other);
        if (outsiders >= best) continue;
        order = std::move(other);
        best = outsiders;
        better = true;
      }
  }
  return order;
}

}  // namespace podrun::supervisor
