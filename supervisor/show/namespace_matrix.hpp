// Whose namespaces a pod's processes are in, from the numbers that /proc shows. Pure.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/kernel/namespace_kinds.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::supervisor {

/// What a process is to its pod.
enum class Role : std::uint8_t {
  Host,       ///< any process outside
  Pause,      ///< holds the pod's mnt, net, ipc and uts
  Init,       ///< holds the pod's pid, cgroup and time, in pods that have them
  Container,  ///< a container's first process
};
/// "host", "pause", "init", "container".
const char* name_of(Role role);

/// A process and its namespaces.
struct NamespaceRow {
  std::string name;  ///< the container's, or its role's
  Role role;
  pid_t pid;  ///< in the host's PID namespace
  ns::NamespaceIds ids;
};

/// One pod and its host.
struct NamespaceMatrix {
  NamespaceRow host;
  std::vector<NamespaceRow> members;  ///< the pause, the init if there is one, the containers that run
};

/// The namespaces of one set of processes, all of whom, and nobody else, are in each of them.
struct NamespaceGroup {
  std::vector<std::size_t> members;  ///< indices into NamespaceMatrix::members, ascending
  std::vector<std::size_t> kinds;    ///< of which kinds, ascending
  ns::NamespaceIds ids{};            ///< their numbers; of other kinds 0
  std::string letter;                ///< that of the first member, a capital if there are more
  std::size_t colour = 0;            ///< likewise: the letters of those who share, counted from 0

  bool is_shared() const { return members.size() > 1; }
};

/// Who shares what. A namespace has the letter of the first process that is in it: in a column of the matrix
/// the same letter is the same namespace.
struct Sharing {
  std::vector<NamespaceGroup> groups;  ///< in the order of their first members
  /// For each member and kind an index into `groups`; empty: the host's.
  std::vector<std::array<std::optional<std::size_t>, pod::namespace_kinds>> cells;
};
Sharing sharing_of(const NamespaceMatrix& matrix);

/// What a capital letter stands for: the namespaces that others share with one process.
struct Letter {
  std::string text;
  std::size_t colour;
  std::size_t holder;                               ///< index into NamespaceMatrix::members
  std::map<std::size_t, std::uint64_t> namespaces;  ///< kind → number
};
/// In the order of their colours.
std::vector<Letter> letters_of(const Sharing& sharing);

/// The number of the pod's namespace of a kind: its holder's, unless that is the host's.
std::optional<std::uint64_t> pods_namespace(const NamespaceMatrix& matrix, std::size_t kind);

/// A word for each kind, in the order of pod::NamespaceKind: "host", "pod", "own" (nobody else's), or "=NAME"
/// of the first other container that is in it. ROW is one of the matrix.
using Owners = std::array<std::string, pod::namespace_kinds>;
Owners owners_of(const NamespaceMatrix& matrix, const NamespaceRow& row);

/// "net:[4026532201]", as the links in /proc/PID/ns have it.
std::string link_text(std::size_t kind, std::uint64_t id);

/// An order of the members, as indices, in which those that share stand next to each other as far as that can
/// be; the pause is the first.
std::vector<std::size_t> adjacency_order(const Sharing& sharing);

/// The table with a legend. With colours, what is shared is a field of one colour.
std::string matrix_text(const NamespaceMatrix& matrix, bool colours);

}  // namespace podrun::supervisor
