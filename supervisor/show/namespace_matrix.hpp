// The matrix of a pod's processes and their namespaces, from the numbers in /proc/PID/ns. Pure.
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
#include "supervisor/state/network_record.hpp"

namespace podrun::supervisor {

/// The role of a process in its pod.
enum class Role : std::uint8_t {
  Host,       ///< a process of the host
  Pause,      ///< the pause: holds the pod's mnt, net, ipc and uts namespaces
  Init,       ///< the init: holds the pod's pid, cgroup and time namespaces, if it has them
  Container,  ///< the first process of a container
};
/// "host", "pause", "init", "container".
const char* name_of(Role role);

/// A process and its namespaces.
struct NamespaceRow {
  std::string name;  ///< name of the container, or of the role
  Role role;
  pid_t pid;  ///< in the host's PID namespace
  ns::NamespaceIds ids;
};

/// One pod and its host.
struct NamespaceMatrix {
  NamespaceRow host;
  std::vector<NamespaceRow> members;  ///< the pause, the init if there is one, the containers that run
  std::vector<NetworkRecord> networks{};  ///< the network namespaces that are connected to the host
};

/// Namespaces with exactly the same set of member processes.
struct NamespaceGroup {
  std::vector<std::size_t> members;  ///< indices into NamespaceMatrix::members, ascending
  std::vector<std::size_t> kinds;    ///< kinds of the namespaces, ascending
  ns::NamespaceIds ids{};            ///< numbers of the namespaces; 0 for other kinds
  std::string letter;                ///< letter of the first member; a capital if there are several members
  std::size_t colour = 0;            ///< colour of the first member, counted from 0 among capitals

  bool is_shared() const { return members.size() > 1; }
};

/// Which processes share which namespaces. A namespace has the letter of its first member, so equal letters in a column
/// of the matrix are the same namespace.
struct Sharing {
  std::vector<NamespaceGroup> groups;  ///< in the order of their first members
  /// By member and kind: an index into `groups`; empty: the host's namespace.
  std::vector<std::array<std::optional<std::size_t>, pod::namespace_kinds>> cells;
};
/// Groups the namespaces of the matrix.
Sharing sharing_of(const NamespaceMatrix& matrix);

/// The meaning of a capital letter: the namespaces that other processes share with one.
struct Letter {
  std::string text;
  std::size_t colour;
  std::size_t holder;                               ///< index into NamespaceMatrix::members
  std::map<std::size_t, std::uint64_t> namespaces;  ///< kind → number
};
/// The letters in the order of their colours.
std::vector<Letter> letters_of(const Sharing& sharing);

/// The number of the pod's namespace of a kind: that of its holder, unless it is the host's.
std::optional<std::uint64_t> pods_namespace(const NamespaceMatrix& matrix, std::size_t kind);

/// The letter of a namespace, and what is said about it in the legend.
struct LegendLine {
  std::string letter;
  std::size_t colour = 0;
  bool is_shared = false;
  std::string words;
};
/// A line for each network namespace that is connected to the host: "net  10.77.1.5, fd12::5 (podrun260)".
std::vector<LegendLine> network_legend(const NamespaceMatrix& matrix, const Sharing& sharing);

/// A word for each kind, in the order of pod::NamespaceKind: "host", "pod", "own" (not shared), or "=NAME" of the first
/// other container in it. `row` must be a row of the matrix.
using Owners = std::array<std::string, pod::namespace_kinds>;
/// Determines the owners of a row's namespaces.
Owners owners_of(const NamespaceMatrix& matrix, const NamespaceRow& row);

/// "net:[4026532201]", as in the links in /proc/PID/ns.
std::string link_text(std::size_t kind, std::uint64_t id);

/// An order of the members, as indices, that places members which share namespaces next to each other as far as
/// possible. The pause is the first.
std::vector<std::size_t> adjacency_order(const Sharing& sharing);

/// The table with a legend. With colours, cells of shared namespaces have a background colour.
std::string matrix_text(const NamespaceMatrix& matrix, bool colours);

}  // namespace podrun::supervisor
