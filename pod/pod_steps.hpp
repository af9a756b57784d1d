// The steps of a plan that are taken once for the pod: its files, and the sandbox that its containers share.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "pod/namespaces.hpp"

namespace podrun::pod {

// ---- files: on the host's disk, before anything runs ----

namespace file {
/// Makes a directory and its missing parents; `mode` is the last one's, set explicitly.
struct MakeDirectory {
  std::string path;
  std::uint32_t mode;
};
/// Writes a small file of the pod (hosts, hostname, resolv.conf).
struct Write {
  std::string path;
  std::string content;
  std::uint32_t mode;
};
}  // namespace file
using FileStep = std::variant<file::MakeDirectory, file::Write>;

// ---- sandbox: done by the pause ----

namespace sandbox {
/// unshare(2) of the namespaces that the pod shares.
struct Unshare {
  NamespaceSet kinds;
};
/// A small tmpfs becomes the root and the host's tree is detached; `/c` is opened for the containers' roots
/// and then covered with an empty read-only tmpfs, so that who leaves a chroot finds nothing.
struct Root {};
/// The tmpfs behind every container's /dev/shm, at /shm of the pod's root; or that of the one whose IPC namespace is its
/// own, at /ipc/<container>.
struct SharedMemory {
  std::uint64_t bytes;
  std::string container;  ///< empty: the pod's
};
/// Brings `lo` up.
struct Loopback {};
/// sethostname(2).
struct Hostname {
  std::string name;
};
/// Writes a parameter of the pod's own network or IPC namespace, sysctl(8).
struct Sysctl {
  std::string name;  ///< "net.ipv4.ip_unprivileged_port_start"
  std::string value;
};
/// A second process in the pause's role, child of the pause: what the pause cannot hold itself. It is PID 1 of the pod's
/// PID namespace and reaps there, or is in the pod's cgroup and time namespace. It lies in the pod's control group.
struct Init {
  NamespaceSet kinds;
};
}  // namespace sandbox
using SandboxStep = std::variant<sandbox::Unshare, sandbox::Root, sandbox::SharedMemory, sandbox::Loopback,
                                 sandbox::Hostname, sandbox::Sysctl, sandbox::Init>;

}  // namespace podrun::pod
