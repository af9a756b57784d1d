// The steps of a plan: small aggregates, one for each thing that a start does. Those for the pod: pod_steps.hpp;
// the host's half of a container: host_steps.hpp.
//
// A pod is set up in three places, each with its own kind of step:
//   files     by the supervisor, on the host's disk, once for the pod
//   sandbox   by the pause, in the namespaces it makes, once for the pod
//   container host  by the supervisor, in the host's namespaces: trees and namespaces that cross as descriptors
//             child by the container's own process between clone3(2) and execve(2)
// verify() states the invariants of their order; describe.hpp puts them into words.
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
/// Every signal to its default, none blocked.
struct ResetSignals {};
/// PR_SET_DUMPABLE 0: nobody in the pod may look into this process before its exec.
struct NotDumpable {};
/// setsid(2), a session keyring of its own (keyctl(2)), umask 0022.
struct NewSession {};
/// oom_score_adj becomes 0, proc(5), whatever podrun has: its pause and supervisor are the last to be killed,
/// containers are not. Where that needs CAP_SYS_RESOURCE, and it is not there, what was inherited stays.
struct ResetOomScore {};
/// setns(2) into namespaces of these kinds, in one call: those of a process, by its pidfd, or one by its own
/// descriptor.
struct EnterNamespaces {
  Slot of;
  NamespaceSet kinds;
};
/// unshare(2): a mount namespace of the container's own, a copy of the pod's. In it the cover of the cells is taken
/// away, and `cells` is the copy's from then on: nothing of the pod's can be cloned there.
struct OwnMounts {
  Slot cells;
};
/// move_mount(2) of what the last instance left at /c/<cell> to /c/<aside>. Nobody waits for its end: the kernel takes
/// as long for that (a grace period of its RCU) as for many mounts.
struct SetAsideOldRoot {
  Slot cells;
  std::string cell;
  std::string aside;  ///< unmounted when the new instance runs
};
/// move_mount(2) of the root to /c/<cell>.
struct AttachRoot {
  Slot cells;
  Slot root;
  std::string cell;
};
/// move_mount(2) of the root over the /c of its own mount namespace, where the cover lies that hides all cells.
struct AttachOwnRoot {
  Slot root;
};
/// proc(5) of the container's PID namespace.
struct MountProc {
  Slot root;
  std::string path;
  bool read_only = true;
};
/// sysfs of the network namespace that the process is in.
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
/// A tmpfs on /dev with its nodes (mode 0666) and links.
struct MountDev {
  Slot root;
  std::string path;
  std::vector<DeviceNode> nodes;
  std::vector<std::pair<std::string, std::string>> links;  ///< name → target
};
/// How many terminals a devpts of a container's has at most (its mount option `max`): those of all devpts come out of
/// one number, kernel.pty.max of the host's.
inline constexpr const char* most_terminals = "256";
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
/// A mount that the pod has beside the containers' roots (`_shm`, `_ipc/web`, `_proc`), bound into the container.
struct BindFromPod {
  Slot root;
  Slot cells;
  std::string source;  ///< below the cells
  std::string path;
  bool read_only = false;
};
/// Attaches a tree that the host half cloned; makes the mount point if the image lacks it.
struct AttachTree {
  Slot root;
  Slot tree;
  std::string path;
  bool read_only = false;
  bool recursive = false;  ///< read_only holds for what is mounted in the tree, too
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
/// pivot_root(2) into the root, and detaches what was there before: for a process that could leave a chroot.
struct PivotRoot {
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
/// stdin from the pipe instead.
struct ConnectInput {
  Slot in;
};
/// The session's terminal becomes the controlling one, and stdin, stdout and stderr.
struct ConnectTerminal {
  Slot terminal;
};
/// setrlimit(2) of every resource there is: nothing is left as the caller has it.
struct ResourceLimits {
  std::vector<ResourceLimit> limits;
};
/// PR_CAPBSET_DROP of everything outside `keep`, and PR_SET_KEEPCAPS across the change of ids.
struct BoundCapabilities {
  std::uint64_t keep;
};
/// seccomp(2): a filter of system calls. Without no_new_privs it needs powers that the next steps take away; with it,
/// it comes last, so that a profile need not allow what the steps before it do. Not for `privileged`.
struct Seccomp {
  std::string profile;  ///< "podrun" (its own refusals, seccomp_profile.hpp), "RuntimeDefault", "localhost/PATH"
  std::shared_ptr<const SeccompFilter> rules;
  bool last = false;  ///< just before the gate
  std::shared_ptr<const SeccompDenials> own{};  ///< what "podrun" refuses; null: another profile
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
  std::vector<std::string> env;               ///< "NAME=value"
  std::map<std::string, std::string> shown{};  ///< what is printed in place of a word that holds a Secret's value

  static constexpr std::size_t unlisted = 1;

  /// argv or env as it may be printed.
  std::vector<std::string> printable(std::vector<std::string> words) const {
    for (std::string& word : words)
      if (const auto masked = shown.find(word); masked != shown.end()) word = masked->second;
    return words;
  }
};
}  // namespace step
using ChildStep =
    std::variant<step::ResetSignals, step::NotDumpable, step::NewSession, step::ResetOomScore, step::EnterNamespaces,
                 step::OwnMounts, step::SetAsideOldRoot, step::AttachRoot, step::AttachOwnRoot, step::MountProc,
                 step::MountSys, step::MountDev, step::MountPts, step::MountMqueue, step::BindFromPod, step::AttachTree,
                 step::MaskPath, step::ReadOnlyPath, step::ReadOnlyRoot, step::Chroot, step::PivotRoot,
                 step::WorkingDirectory, step::ConnectStdio, step::ConnectInput, step::ConnectTerminal,
                 step::ResourceLimits, step::BoundCapabilities, step::Seccomp, step::SetIds, step::NoNewPrivileges,
                 step::SetCapabilities, step::ParentDeathSignal, step::CloseDescriptors, step::Gate, step::Exec>;

}  // namespace podrun::pod
