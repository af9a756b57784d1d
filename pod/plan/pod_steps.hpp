// The steps of a plan that are taken once for the pod: its files, the sandbox that its containers share, and what it
// has in memory.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pod/spec/namespaces.hpp"
#include "pod/spec/spec_volumes.hpp"
#include "pod/text/redacted_text.hpp"

namespace podrun::pod {

/// A file of a volume that is made of ConfigMaps, Secrets and what is known of the pod.
struct VolumeFile {
  std::string path;  ///< in the volume: clean and relative
  RedactedText content;
  std::uint32_t mode;

  bool operator==(const VolumeFile&) const = default;
};

/// The directory of such a volume, which the kubelet's containers know: the files lie in a directory whose name is the
/// time,
/// `..data` is a link to it, and each name at the top is a link through that.
struct VolumeFiles {
  std::uint32_t group = 0;       ///< of everything
  std::uint32_t mode = 0777;     ///< the volume's own
  std::uint32_t below = 0755;    ///< of the directories in it
  std::vector<VolumeFile> list;  ///< in order of their paths
};

// ---- files: on the host's disk, before anything runs ----

namespace file {
/// Makes a directory and its missing parents. `mode` and `group` are the last one's, set explicitly; one that is there
/// stays as it is.
struct MakeDirectory {
  std::string path;
  std::uint32_t mode;
  std::uint32_t group = 0;
};
/// Writes a small file of the pod (hosts, hostname, resolv.conf).
struct Write {
  std::string path;
  std::string content;
  std::uint32_t mode;
};
/// Looks what lies at a hostPath, and makes what its type wants made.
struct CheckHostPath {
  std::string volume;
  std::string path;  ///< without links: none is followed
  HostPathType type;
};
/// Writes a volume of files, none of them a Secret's.
struct WriteVolume {
  std::string path;
  VolumeFiles files;
};
/// Gives a volume, and everything in it, to fsGroup: the group, setgid for directories, rw for whoever is in it.
struct GiveToGroup {
  std::string path;
  std::uint32_t group;
  bool unless_root_has_it;  ///< fsGroupChangePolicy OnRootMismatch
};
}  // namespace file
using FileStep =
    std::variant<file::MakeDirectory, file::Write, file::CheckHostPath, file::WriteVolume, file::GiveToGroup>;

// ---- what lies among the cells, beside the containers' roots ----

// Beneath the cover, so that who leaves a chroot finds none of it. No container is so called, nor what it leaves.

/// The tmpfs behind /dev/shm: the pod's, and below it by container those of who has an IPC namespace of its own.
inline constexpr char shared_memory[] = "_shm", own_shared_memories[] = "_ipc";
/// The proc(5) of the pod's PID namespace.
inline constexpr char shared_proc[] = "_proc";

// ---- sandbox: done by the pause ----

namespace sandbox {
/// unshare(2) of the namespaces that the pod shares.
struct Unshare {
  NamespaceSet kinds;
};
/// A small tmpfs becomes the root and the host's tree is detached; `/c` is opened for the containers' roots
/// and then covered with an empty read-only tmpfs, so that who leaves a chroot finds nothing.
struct Root {};
/// The tmpfs behind every container's /dev/shm, at _shm among the cells; or that of the one whose IPC namespace is its
/// own, at _ipc/<container>.
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
/// A second process in the pause's role, child of the pause: what the pause cannot hold itself. It is PID 1 of the
/// pod's PID namespace and reaps there, or is in the pod's cgroup and time namespace. It lies in the pod's control
/// group. With a PID namespace it mounts that one's proc(5) at _proc among the cells, while nobody else is in it.
struct Init {
  NamespaceSet kinds;
};
}  // namespace sandbox
using SandboxStep = std::variant<sandbox::Unshare, sandbox::Root, sandbox::SharedMemory, sandbox::Loopback,
                                 sandbox::Hostname, sandbox::Sysctl, sandbox::Init>;

// ---- memory: volumes that must not touch the disk, once the sandbox stands ----

/// Where they are among the cells.
inline constexpr char memory_volumes[] = "_volumes";

namespace memory {
/// A tmpfs that lives as long as the pod's mount namespace.
struct EmptyDir {
  std::string volume;
  std::uint64_t bytes;
  std::uint32_t mode;
  std::uint32_t group = 0;
};
/// A tmpfs with files in it, some of them a Secret's.
struct Files {
  std::string volume;
  std::uint64_t bytes;
  VolumeFiles files;
};
}  // namespace memory
using MemoryStep = std::variant<memory::EmptyDir, memory::Files>;

}  // namespace podrun::pod
