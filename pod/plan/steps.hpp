// The steps of a plan: small aggregates, one for each operation of a start. This file has the steps of a container's
// process. pod_steps.hpp has the steps for the whole pod, host_steps.hpp those that prepare a container.
//
// The kinds of steps differ in the process that executes them:
//   files           the supervisor, on the host's disk, once for the pod
//   sandbox         the pause, in the namespaces that it makes, once for the pod
//   memory          the supervisor, for the pod's volumes in memory, once for the pod
//   container host  the supervisor, in the host's namespaces; passes mounts and namespaces as descriptors
//   container child the container's process between clone3(2) and execve(2)
// verify() defines the invariants of their order; describe.hpp describes them in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pod/plan/host_steps.hpp"
#include "pod/plan/pod_steps.hpp"
#include "pod/seccomp/seccomp_profile.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/rlimit.hpp"

namespace podrun::pod {

// ---- child: from clone3(2) to execve(2), in the container's own process ----

namespace step {
/// Sets every signal to its default action and unblocks all signals.
struct ResetSignals {};
/// PR_SET_DUMPABLE 0: processes of the pod cannot inspect this process before its exec.
struct NotDumpable {};
/// setsid(2), a new session keyring (keyctl(2)), and umask 0022.
struct NewSession {};
/// Sets oom_score_adj to 0, proc(5). The pause and the supervisor have a lower value, so that the OOM killer selects
/// containers first. Without CAP_SYS_RESOURCE, where that is required, the inherited value stays.
struct ResetOomScore {};
/// setns(2) into namespaces of these kinds, in one call: namespaces of a process by its pidfd, or one namespace by its
/// descriptor.
struct EnterNamespaces {
  Slot of;
  NamespaceSet kinds;
};
/// unshare(2) of the mount namespace: the container gets a private copy of the pod's. Unmounts the cover of the cells
/// in the copy. From then on `cells` refers to the copy, in which mounts of the pod's namespace cannot be cloned.
struct OwnMounts {
  Slot cells;
};
/// move_mount(2) of the root of the previous instance from /c/<cell> to /c/<aside>. The start does not wait for the
/// unmount, which takes the kernel as long (an RCU grace period) as many mounts.
struct SetAsideOldRoot {
  Slot cells;
  std::string cell;
  std::string aside;  ///< unmounted after the new instance has started
};
/// move_mount(2) of the root to /c/<cell>.
struct AttachRoot {
  Slot cells;
  Slot root;
  std::string cell;
};
/// move_mount(2) of the root onto /c in the container's private mount namespace, where the cover hides all cells.
struct AttachOwnRoot {
  Slot root;
};
/// Mounts proc(5) of the container's PID namespace.
struct MountProc {
  Slot root;
  std::string path;
  bool read_only = true;
};
/// Mounts sysfs of the network namespace of the process.
struct MountSys {
  Slot root;
  std::string path;
  bool read_only = true;
};
/// A character device below /dev.
struct DeviceNode {
  std::string name;
  unsigned major;
  unsigned minor;
};
/// Mounts a tmpfs on /dev and makes its device nodes (mode 0666) and links.
struct MountDev {
  Slot root;
  std::string path;
  std::vector<DeviceNode> nodes;
  std::vector<std::pair<std::string, std::string>> links;  ///< name → target
};
/// The maximum number of terminals of a container's devpts, its mount option `max`. The terminals of all devpts count
/// towards a single limit, the host's kernel.pty.max.
inline constexpr const char* most_terminals = "256";
/// Mounts a private devpts instance for the container.
struct MountPts {
  Slot root;
  std::string path;
};
/// Mounts the POSIX message queues of the IPC namespace, mq_overview(7).
struct MountMqueue {
  Slot root;
  std::string path;
};
/// Binds a mount of the pod that is beside the containers' roots (`_shm`, `_ipc/web`, `_proc`) into the container.
struct BindFromPod {
  Slot root;
  Slot cells;
  std::string source;  ///< path relative to the cells
  std::string path;
  bool read_only = false;
};
/// Attaches a tree that a host step has cloned. Makes the mount point if the image does not have it.
struct AttachTree {
  Slot root;
  Slot tree;
  std::string path;
  bool read_only = false;
  bool recursive = false;  ///< read_only also applies to mounts in the tree
};
/// Hides a path: mounts /dev/null over a file, or an empty read-only tmpfs over a directory.
struct MaskPath {
  Slot root;
  std::string path;
};
/// Makes a path read-only by a bind mount over itself.
struct ReadOnlyPath {
  Slot root;
  std::string path;
};
/// Binds a directory of the root over itself, so that it stays writable in a read-only root: a volume of the image's
/// config. Makes the directory if the image does not have it.
struct WritablePath {
  Slot root;
  std::string path;
};
/// Makes the root mount read-only (readOnlyRootFilesystem). Follows WorkingDirectory, which may make a directory.
struct ReadOnlyRoot {
  Slot root;
};
/// fchdir(2) and chroot(2) into the root.
struct Chroot {
  Slot root;
};
/// pivot_root(2) into the root, and detaches the old root. Used for a process that could leave a chroot.
struct PivotRoot {
  Slot root;
};
/// chdir(2). Makes the directory if it is missing, as container runtimes do.
struct WorkingDirectory {
  std::string path;
};
/// Connects stdin to /dev/null, or where a volume has replaced that to another null device, and stdout and stderr to the
/// pipes.
struct ConnectStdio {
  Slot out;
  Slot err;
};
/// Connects stdin to a pipe. Follows ConnectStdio.
struct ConnectInput {
  Slot in;
};
/// Makes the terminal the controlling terminal of the session, and connects stdin, stdout and stderr to it.
struct ConnectTerminal {
  Slot terminal;
};
/// setrlimit(2) for every resource, so that no limit of podrun's caller is inherited.
struct ResourceLimits {
  std::vector<ResourceLimit> limits;
};
/// PR_CAPBSET_DROP of every capability outside `keep`, and PR_SET_KEEPCAPS for the change of ids.
struct BoundCapabilities {
  std::uint64_t keep;
};
/// seccomp(2): sets a filter of system calls. Without no_new_privs that requires CAP_SYS_ADMIN, which later steps drop.
/// With no_new_privs it is the last step before the gate, so that a profile need not allow the system calls of other
/// steps. Privileged containers have no filter.
struct Seccomp {
  std::string profile;  ///< "podrun" (SeccompDenials), "RuntimeDefault", "localhost/PATH"
  std::shared_ptr<const SeccompFilter> rules;
  bool last = false;  ///< just before the gate
  std::shared_ptr<const SeccompDenials> own{};  ///< the denials of "podrun"; null for other profiles
};
/// setgroups(2), setresgid(2), setresuid(2).
struct SetIds {
  std::uint32_t uid;
  std::uint32_t gid;
  std::vector<std::uint32_t> groups;
};
/// PR_SET_NO_NEW_PRIVS (allowPrivilegeEscalation: false).
struct NoNewPrivileges {};
/// capset(2) of the permitted and effective sets.
struct SetCapabilities {
  std::uint64_t keep;
};
/// PR_SET_PDEATHSIG KILL: the container is killed if the pause dies. Follows the change of ids, which clears it.
struct ParentDeathSignal {};
/// Closes every descriptor except 0, 1, 2, the gate and the report socket, which the exec closes.
struct CloseDescriptors {};
/// Waits until the pause has registered this process. A process that is never registered does not get past this step.
struct Gate {
  Slot gate;
};
/// execve(2). argv[0] is looked up in the container's PATH unless it contains a '/'.
struct Exec {
  std::vector<std::string> argv;
  std::vector<std::string> env;               ///< "NAME=value"
  std::map<std::string, std::string> shown{};  ///< printable forms of words that contain a Secret's value

  static constexpr std::size_t unlisted = 1;

  /// The printable form of argv or env.
  std::vector<std::string> printable(std::vector<std::string> words) const {
    for (std::string& word : words)
      if (const auto masked = shown.find(word); masked != shown.end()) word = masked->second;
    return words;
  }
};
}  // namespace step
using ChildStepVariant =
    std::variant<step::ResetSignals, step::NotDumpable, step::NewSession, step::ResetOomScore, step::EnterNamespaces,
                 step::OwnMounts, step::SetAsideOldRoot, step::AttachRoot, step::AttachOwnRoot, step::MountProc,
                 step::MountSys, step::MountDev, step::MountPts, step::MountMqueue, step::BindFromPod, step::AttachTree,
                 step::MaskPath, step::ReadOnlyPath, step::WritablePath, step::ReadOnlyRoot, step::Chroot,
                 step::PivotRoot, step::WorkingDirectory, step::ConnectStdio, step::ConnectInput, step::ConnectTerminal,
                 step::ResourceLimits, step::BoundCapabilities, step::Seccomp, step::SetIds, step::NoNewPrivileges,
                 step::SetCapabilities, step::ParentDeathSignal, step::CloseDescriptors, step::Gate, step::Exec>;
using ChildStep = StepVariant<ChildStepVariant>;

}  // namespace podrun::pod
