// The plan: everything a pod's start does, as data. What is printed is what is run.
//
// A pod is set up in three places, each with its own kind of step:
//   files     by the supervisor, on the host's disk, once for the pod
//   sandbox   by the pause, in the namespaces it makes, once for the pod
//   container host  by the supervisor, in the host's namespaces: trees that cross into the pod as descriptors
//             child by the container's own process between clone3(2) and execve(2)
// verify() states the laws of their order; describe.hpp puts them into words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pod/backoff_times.hpp"
#include "pod/spec.hpp"

namespace podrun::pod {

// ---- namespaces are data ----

/// The eight kinds of namespaces(7), in the order every table of podrun shows them.
enum class NamespaceKind : std::uint8_t { Mnt, Net, Ipc, Uts, Pid, User, Cgroup, Time };
inline constexpr std::size_t namespace_kinds = 8;
inline constexpr std::array<std::string_view, namespace_kinds> namespace_names{
    "mnt", "net", "ipc", "uts", "pid", "user", "cgroup", "time"};

/// Whose namespace of one kind a container uses.
enum class NamespaceOwner : std::uint8_t {
  Pod,      ///< the one the pause holds, shared by the pod
  Private,  ///< one of its own
  Host,     ///< the host's
};

/// The composition of one container: an owner for each kind, indexed by NamespaceKind.
using Composition = std::array<NamespaceOwner, namespace_kinds>;

/// A set of kinds, e.g. those the pause makes.
using NamespaceSet = std::vector<NamespaceKind>;

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
/// The tmpfs behind every container's /dev/shm.
struct SharedMemory {
  std::uint64_t bytes;
};
/// Brings `lo` up.
struct Loopback {};
/// sethostname(2).
struct Hostname {
  std::string name;
};
}  // namespace sandbox
using SandboxStep =
    std::variant<sandbox::Unshare, sandbox::Root, sandbox::SharedMemory, sandbox::Loopback, sandbox::Hostname>;

// ---- descriptors ----

/// A descriptor that steps hand to each other, as an index into ContainerPlan::descriptors.
using Slot = std::uint8_t;

/// The slots that the launch itself provides, the same in every container plan.
namespace slot {
inline constexpr Slot pause = 0;   ///< pidfd of the pause: whose namespaces to enter
inline constexpr Slot cells = 1;   ///< the pod's /c, O_PATH, beneath its cover
inline constexpr Slot gate = 2;    ///< opens when the pause knows the child
inline constexpr Slot report = 3;  ///< where {step, errno} goes; closed by a successful exec
inline constexpr std::array<std::string_view, 4> names{"pause", "cells", "gate", "report"};
}  // namespace slot

// ---- host: the supervisor's half of a container's start ----

namespace host {
/// Where an overlay's writable layer lies.
enum class Layer {
  Disk,    ///< fresh directories below `directory`/<instance>
  Memory,  ///< a tmpfs: the storage is itself an overlay, which cannot hold one
};
/// A detached overlay mount (nodev, volatile): the image below a fresh writable layer.
struct OverlayRoot {
  Slot to;
  std::string image;                ///< as the manifest names it; for people
  std::vector<std::string> layers;  ///< lower directories, uppermost first
  std::string directory;            ///< pods/<uid>/containers/<name>
  Layer layer = Layer::Disk;
};
/// open_tree(2) of a host path with everything mounted in it, private so that nothing mounted in the pod
/// comes back to the host.
struct CloneTree {
  Slot to;
  std::string source;
  std::string label;  ///< for people: "emptyDir site", "hostPath /srv", "hosts"
  bool read_only = false;
};
/// The container's stdout and stderr pipes, owned by its user so that /dev/stdout can be opened.
struct Stdio {
  Slot out;
  Slot err;
  std::uint32_t uid;
  std::uint32_t gid;
};
}  // namespace host
using HostStep = std::variant<host::OverlayRoot, host::CloneTree, host::Stdio>;

// ---- child: from clone3(2) to execve(2), in the container's own process ----

namespace step {
/// Every signal to its default, none blocked.
struct ResetSignals {};
/// PR_SET_DUMPABLE 0: nobody in the pod may look into this process before its exec.
struct NotDumpable {};
/// setsid(2), a session keyring of its own (keyctl(2)), umask 0022.
struct NewSession {};
/// setns(2) into the pause's namespaces of these kinds, in one call.
struct EnterNamespaces {
  Slot pause;
  NamespaceSet kinds;
};
/// MNT_DETACH of what the last instance left at /c/<cell>.
struct DetachOldRoot {
  Slot cells;
  std::string cell;
};
/// move_mount(2) of the root to /c/<cell>.
struct AttachRoot {
  Slot cells;
  Slot root;
  std::string cell;
};
/// proc(5) of the container's PID namespace.
struct MountProc {
  Slot root;
  std::string path;
  bool read_only = true;
};
/// sysfs of the pod's network namespace, read-only.
struct MountSys {
  Slot root;
  std::string path;
};
/// A character device below /dev.
struct DeviceNode {
  std::string name;
  unsigned major;
  unsigned minor;
};
/// A tmpfs on /dev with its nodes (mode 0666) and links.
struct MountDev {
  Slot root;
  std::string path;
  std::vector<DeviceNode> nodes;
  std::vector<std::pair<std::string, std::string>> links;  ///< name → target
};
/// A devpts instance of the container's own.
struct MountPts {
  Slot root;
  std::string path;
};
/// POSIX message queues of the pod's IPC namespace, mq_overview(7).
struct MountMqueue {
  Slot root;
  std::string path;
};
/// A directory of the pod's own root (`/shm`) bound into the container.
struct BindFromPod {
  Slot root;
  std::string source;
  std::string path;
};
/// Attaches a tree that the host half cloned; makes the mount point if the image lacks it.
struct AttachTree {
  Slot root;
  Slot tree;
  std::string path;
  bool read_only = false;
};
/// Hides a path: /dev/null over a file, an empty read-only tmpfs over a directory.
struct MaskPath {
  Slot root;
  std::string path;
};
/// A read-only bind of a path over itself.
struct ReadOnlyPath {
  Slot root;
  std::string path;
};
/// The root mount itself becomes read-only (readOnlyRootFilesystem).
struct ReadOnlyRoot {
  Slot root;
};
/// fchdir + chroot(2) into the root.
struct Chroot {
  Slot root;
};
/// chdir(2), the directory made if it is missing, as container runtimes do.
struct WorkingDirectory {
  std::string path;
};
/// stdin from /dev/null, stdout and stderr to the pipes.
struct ConnectStdio {
  Slot out;
  Slot err;
};
/// PR_CAPBSET_DROP of everything outside `keep`, and PR_SET_KEEPCAPS across the change of ids.
struct BoundCapabilities {
  std::uint64_t keep;
};
/// setgroups, setresgid, setresuid.
struct SetIds {
  std::uint32_t uid;
  std::uint32_t gid;
  std::vector<std::uint32_t> groups;
};
/// PR_SET_NO_NEW_PRIVS (allowPrivilegeEscalation: false).
struct NoNewPrivileges {};
/// capset(2): permitted and effective.
struct SetCapabilities {
  std::uint64_t keep;
};
/// PR_SET_PDEATHSIG KILL: if the pause dies, so does the container. After the ids, which clear it.
struct ParentDeathSignal {};
/// Closes every descriptor but 0, 1, 2, the gate and the report socket (which the exec closes).
struct CloseDescriptors {};
/// Waits until the pause has registered this process; if nobody did, it never runs.
struct Gate {
  Slot gate;
};
/// execve(2), argv[0] looked up in the container's PATH unless it holds a '/'.
struct Exec {
  std::vector<std::string> argv;
  std::vector<std::string> env;  ///< "NAME=value"
};
}  // namespace step
using ChildStep =
    std::variant<step::ResetSignals, step::NotDumpable, step::NewSession, step::EnterNamespaces, step::DetachOldRoot,
                 step::AttachRoot, step::MountProc, step::MountSys, step::MountDev, step::MountPts,
                 step::MountMqueue, step::BindFromPod, step::AttachTree, step::MaskPath, step::ReadOnlyPath,
                 step::ReadOnlyRoot, step::Chroot, step::WorkingDirectory, step::ConnectStdio,
                 step::BoundCapabilities, step::SetIds, step::NoNewPrivileges, step::SetCapabilities,
                 step::ParentDeathSignal, step::CloseDescriptors, step::Gate, step::Exec>;

// ---- the whole ----

/// One container: how it is cloned and the steps on both sides of the clone.
struct ContainerPlan {
  std::string name;
  std::string image;
  Composition namespaces{};
  std::vector<std::string> descriptors;  ///< the names of the slots; begins with slot::names
  std::vector<HostStep> host;
  std::vector<ChildStep> child;
};

/// One pod.
struct PodPlan {
  std::string id;  ///< "<namespace>_<name>"
  std::string name;
  std::string uid;
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::int64_t grace_seconds = 30;
  BackoffTimes backoff;
  std::string storage;  ///< the pod's own directory on disk: pods/<uid>
  std::vector<FileStep> files;
  std::vector<SandboxStep> sandbox;
  std::vector<ContainerPlan> containers;
};

}  // namespace podrun::pod
