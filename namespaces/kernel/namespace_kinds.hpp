// The eight kinds of namespaces as clone flags and as links below /proc/PID/ns.
#pragma once

#include <linux/sched.h>
#include <sys/types.h>

#include <array>
#include <cstdint>

#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The CLONE_NEW… flag of a kind, for unshare(2), setns(2) and clone3(2).
constexpr int clone_flag(pod::NamespaceKind kind) noexcept {
  switch (kind) {
    case pod::NamespaceKind::Mnt: return CLONE_NEWNS;
    case pod::NamespaceKind::Net: return CLONE_NEWNET;
    case pod::NamespaceKind::Ipc: return CLONE_NEWIPC;
    case pod::NamespaceKind::Uts: return CLONE_NEWUTS;
    case pod::NamespaceKind::Pid: return CLONE_NEWPID;
    case pod::NamespaceKind::User: return CLONE_NEWUSER;
    case pod::NamespaceKind::Cgroup: return CLONE_NEWCGROUP;
    case pod::NamespaceKind::Time: return CLONE_NEWTIME;
  }
  return 0;
}

/// The inode number of each namespace of a process; it identifies the namespace on this host, namespaces(7).
using NamespaceIds = std::array<std::uint64_t, pod::namespace_kinds>;

/// Reads /proc/PID/ns; the caller needs the rights of ptrace(2) on the process.
Result<NamespaceIds> namespaces_of(pid_t pid);

}  // namespace podrun::ns
