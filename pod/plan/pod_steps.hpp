// The steps that are executed once for the pod: its files, the sandbox that its containers share, and its volumes in
// memory.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "pod/plan/step_variant.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/spec_volumes.hpp"
#include "pod/text/redacted_text.hpp"

namespace podrun::pod {

/// A file of a configMap, secret, downwardAPI or projected volume.
struct VolumeFile {
  std::string path;  ///< clean path relative to the volume
  RedactedText content;
  std::uint32_t mode;

  bool operator==(const VolumeFile&) const = default;
};

/// The directory of such a volume, with the kubelet's layout: the files are in a directory that is named after the
/// time, `..data` is a link to that directory, and each name at the top level is a link through `..data`.
struct VolumeFiles {
  std::uint32_t group = 0;       ///< group of all files and directories
  std::uint32_t mode = 0777;     ///< mode of the volume's root
  std::uint32_t below = 0755;    ///< mode of directories in it
  std::vector<VolumeFile> list;  ///< in the order of their paths
  std::vector<std::string> mount_points{};  ///< directories for what containers mount in it, beside the links
};

// ---- files: on the host's disk, before any process of the pod runs ----

namespace file {
/// Makes a directory and its missing parents. `mode` and `group` are set on the last one, independently of the umask. A
/// directory that exists is not changed.
struct MakeDirectory {
  std::string path;
  std::uint32_t mode;
  std::uint32_t group = 0;
};
/// Writes a small file of the pod: hosts, hostname or resolv.conf.
struct Write {
  std::string path;
  std::string content;
  std::uint32_t mode;
};
/// Checks the type of a hostPath, and makes the file or directory if the type says so. One without a type is made as a
/// directory, as container runtimes do.
struct CheckHostPath {
  std::string volume;
  std::string path;  ///< symbolic links in it are not followed
  HostPathType type;
};
/// Writes a volume of files that contain no Secrets.
struct WriteVolume {
  std::string path;
  VolumeFiles files;
};
/// Applies fsGroup to a volume and everything in it: sets the group, setgid on directories, and read and write
/// permission for the group.
struct GiveToGroup {
  std::string path;
  std::uint32_t group;
  bool unless_root_has_it;  ///< fsGroupChangePolicy OnRootMismatch
};
}  // namespace file
using FileStepVariant =
    std::variant<file::MakeDirectory, file::Write, file::CheckHostPath, file::WriteVolume, file::GiveToGroup>;
using FileStep = StepVariant<FileStepVariant>;

// ---- names in /c, the directory of cells, beside the containers' roots ----

// They are below the cover, so that a process that leaves a chroot does not find them. The names differ from those of
// containers and of old roots.

/// The tmpfs for /dev/shm of the pod, and the directory with those of containers that have a private IPC namespace.
inline constexpr char shared_memory[] = "_shm", own_shared_memories[] = "_ipc";
/// The proc(5) of the pod's PID namespace.
inline constexpr char shared_proc[] = "_proc";

// ---- sandbox: executed by the pause ----

namespace sandbox {
/// unshare(2) of the namespaces that the containers of the pod share.
struct Unshare {
  NamespaceSet kinds;
};
/// Makes a small tmpfs the root and detaches the host's tree. Opens `/c`, the directory for the containers' roots, and
/// then covers it with an empty read-only tmpfs, so that a process that leaves a chroot finds nothing.
struct Root {};
/// Mounts the tmpfs for /dev/shm: at _shm in the directory of cells for the pod, or at _ipc/<container> for a container
/// with a private IPC namespace.
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
/// Writes a kernel parameter of the pod's network or IPC namespace, sysctl(8).
struct Sysctl {
  std::string name;  ///< "net.ipv4.ip_unprivileged_port_start"
  std::string value;
};
/// Starts the pod's init, a child of the pause that holds the namespaces that the pause cannot hold itself. It is PID 1
/// of the pod's PID namespace and reaps there, or is a member of the pod's cgroup and time namespaces. It is in the group
/// _helpers below the pod's cgroup. In a new PID namespace it mounts proc(5) at _proc in the directory of cells before
/// any other process is in the namespace.
struct Init {
  NamespaceSet kinds;
};
}  // namespace sandbox
using SandboxStepVariant = std::variant<sandbox::Unshare, sandbox::Root, sandbox::SharedMemory, sandbox::Loopback,
                                 sandbox::Hostname, sandbox::Sysctl, sandbox::Init>;
using SandboxStep = StepVariant<SandboxStepVariant>;

// ---- memory: volumes that must not be written to disk, after the sandbox steps ----

/// Their directory in the directory of cells.
inline constexpr char memory_volumes[] = "_volumes";

namespace memory {
/// Mounts a tmpfs with the lifetime of the pod's mount namespace.
struct EmptyDir {
  std::string volume;
  std::uint64_t bytes;
  std::uint32_t mode;
  std::uint32_t group = 0;
};
/// Mounts a tmpfs and writes files into it, some of which contain Secrets.
struct Files {
  std::string volume;
  std::uint64_t bytes;
  VolumeFiles files;
};
}  // namespace memory
using MemoryStepVariant = std::variant<memory::EmptyDir, memory::Files>;
using MemoryStep = StepVariant<MemoryStepVariant>;

}  // namespace podrun::pod
