// Pods for the tests of `podrun ns`.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {

constexpr std::size_t index_of(pod::NamespaceKind kind) {
  return static_cast<std::size_t>(kind);
}

/// A process in the host's namespaces, numbered 1 to 8, except for those in `others`.
inline NamespaceRow process(std::string name, Role role, pid_t pid,
                            const std::vector<std::pair<pod::NamespaceKind, std::uint64_t>>& others = {}) {
  NamespaceRow row{.name = std::move(name), .role = role, .pid = pid, .ids = {1, 2, 3, 4, 5, 6, 7, 8}};
  for (const auto& [kind, id] : others) row.ids[index_of(kind)] = id;
  return row;
}

/// A pod as podrun makes it: mnt, net, ipc and uts are shared, pid is each container's own.
inline NamespaceMatrix web() {
  using enum pod::NamespaceKind;
  return {.host = process("host", Role::Host, 1),
          .members = {process("pause", Role::Pause, 100, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}}),
                      process("app", Role::Container, 101, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}, {Pid, 21}}),
                      process("log", Role::Container, 102, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}, {Pid, 22}})}};
}

/// The same with addresses; `log` has a network of its own.
inline NamespaceMatrix connected() {
  NamespaceMatrix matrix = web();
  matrix.members[2].ids[index_of(pod::NamespaceKind::Net)] = 32;
  const auto network = [](const char* container, const char* interface, const char* ipv4, const char* ipv6) {
    return NetworkRecord{.container = container,
                         .interface = interface,
                         .addresses = {.ipv4 = pod::parse_ip(ipv4), .ipv6 = pod::parse_ip(ipv6)}};
  };
  matrix.networks = {network("", "podrun5", "10.77.0.5", "fd12::5"), network("log", "podrun6", "10.77.0.6", ""),
                     network("ended", "podrun7", "10.77.0.7", "")};
  return matrix;
}

/// A pod with an init and every kind of source. Its sets of processes overlap.
inline NamespaceMatrix composed() {
  using enum pod::NamespaceKind;
  return {
      .host = process("host", Role::Host, 1),
      .members = {
          process("pause", Role::Pause, 100, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}}),
          process("init", Role::Init, 101, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}, {Pid, 15}}),
          process("web", Role::Container, 102, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 44}, {Pid, 15}, {Cgroup, 37}}),
          process("db", Role::Container, 103, {{Mnt, 41}, {Net, 42}, {Uts, 44}, {Pid, 15}, {Time, 48}}),
          process("a-name-that-is-as-long-as-a-label-may-be", Role::Container, 104,
                  {{Mnt, 11}, {Net, 42}, {Ipc, 13}, {Uts, 54}, {Pid, 55}}),
          process("hosts", Role::Container, 105, {{Mnt, 11}})}};
}

/// Six containers whose sets overlap, so that no order of columns makes each set contiguous.
inline NamespaceMatrix crossing() {
  using enum pod::NamespaceKind;
  NamespaceMatrix matrix{.host = process("host", Role::Host, 1),
                         .members = {process("pause", Role::Pause, 100, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}})}};
  constexpr std::array<std::uint64_t, 6> nets{12, 32, 32, 12, 33, 33};
  constexpr std::array<std::uint64_t, 6> ipcs{13, 43, 44, 43, 44, 13};
  constexpr std::array<std::uint64_t, 6> utss{14, 54, 53, 53, 54, 14};
  for (std::size_t index = 0; index < nets.size(); ++index)
    matrix.members.push_back(
        process(std::string("c") + static_cast<char>('0' + index), Role::Container, 101 + static_cast<pid_t>(index),
                {{Mnt, 11}, {Net, nets[index]}, {Ipc, ipcs[index]}, {Uts, utss[index]}, {Pid, 60 + index}}));
  return matrix;
}

}  // namespace podrun::supervisor
