// The steps that prepare a container's start. The supervisor executes them in the host's namespaces. steps.hpp has the
// steps of the container's process.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pod/plan/step_variant.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/spec_volumes.hpp"

namespace podrun::pod {

// ---- descriptors ----

/// A descriptor that one step provides and another uses, as an index into ContainerPlan::descriptors.
using Slot = std::uint8_t;

/// The slots that the launch provides, which are the same in every container's plan.
namespace slot {
inline constexpr Slot pause = 0;   ///< pidfd of the pause, whose namespaces containers enter
inline constexpr Slot cells = 1;   ///< the pod's /c below its cover, O_PATH
inline constexpr Slot gate = 2;    ///< opens when the pause has registered the child
inline constexpr Slot report = 3;  ///< socket for {step, errno}; a successful exec closes it
inline constexpr std::array<std::string_view, 4> names{"pause", "cells", "gate", "report"};
}  // namespace slot

// ---- host: executed by the supervisor ----

namespace host {
/// Where the writable layer of an overlay is.
enum class Layer {
  Disk,    ///< new directories below `directory`/<instance>
  Memory,  ///< a tmpfs, because the storage is on an overlay itself, which cannot contain a writable layer
};
/// Makes a detached overlay mount (nodev, volatile) of an image and a new writable layer.
struct OverlayRoot {
  Slot to;
  std::string image;                ///< for display: the reference in the manifest
  std::vector<std::string> layers;  ///< lower directories, uppermost first
  std::string directory;            ///< pods/<uid>/containers/<name>
  Layer layer = Layer::Disk;
  bool user_xattr = false;  ///< the layers are marked by user.overlay.* (Image::user_xattr)
};
/// Clones the proc(5) mount at /proc of another container, which must run, without the mounts on it. To mount a new one
/// a process would have to be in the PID namespace, where a container with SYS_PTRACE could inspect it.
struct CloneProc {
  Slot to;
  std::string container;
  bool read_only = true;
};
/// Whether device nodes in a tree can be used.
enum class Devices {
  Refused,   ///< nodev
  AsOnHost,  ///< as in the host's mount; for `privileged`
  Usable,    ///< dev; for a hostPath that is a device
};
/// open_tree(2) of a host path, or of one of the pod's volumes in memory, with all mounts below it; or of an overlay of
/// the layers of an image, which is read-only. The clone is private, so that mounts in the pod do not appear on the host,
/// unless the manifest requests propagation.
struct CloneTree {
  Slot to;
  /// A path whose symbolic links are not followed; the name of a volume in memory; the uppermost layer.
  std::string source;
  std::string label;   ///< for display: "emptyDir site", "hostPath /srv", "hosts"
  bool in_memory = false;
  std::string sub_path;        ///< relative path of the part to clone; links are resolved inside the tree. Empty: all
  bool make_sub_path = false;  ///< makes sub_path as a directory if it is missing
  Devices devices = Devices::Refused;
  bool no_exec = false;
  MountPropagation propagation = MountPropagation::None;
  std::vector<std::string> layers{};  ///< lower directories, uppermost first; empty: `source` is no layer
  bool user_xattr = false;            ///< as OverlayRoot's
};
/// Makes the file for terminationMessagePath: on disk, where it uses no memory; empty for each instance; writable for
/// every user.
struct MessageFile {
  Slot to;
  std::string path;  ///< in the pod's directory; the previous instance's message has been recorded by then
};
/// The container's stdout and stderr pipes. They are owned by its user, so that it can open /dev/stdout.
struct Stdio {
  Slot out;
  Slot err;
  std::uint32_t uid;
  std::uint32_t gid;
};
/// The container's stdin: a pipe. The pause holds the write end, so that stdin does not end with a supervisor.
struct Input {
  Slot to;
  std::uint32_t uid;
  std::uint32_t gid;
  bool once = false;  ///< stdinOnce: the first client that attaches takes the write end
};
/// A terminal in a private devpts, which is not mounted yet. The pause holds both of its ends.
struct Terminal {
  Slot devpts;
  Slot to;  ///< the container's end, owned by its user
  std::uint32_t uid;
  bool input = false;  ///< whether attached clients can send input
};
/// Makes a new namespace in a short-lived process: a network namespace with lo up, a UTS namespace with a host name, a
/// cgroup namespace rooted at the container's cgroup. A namespace that other containers join is made once and held by
/// the pause, so that it persists over restarts of its container.
struct MakeNamespace {
  Slot to;
  NamespaceKind kind;
  std::string container;  ///< its owner
  bool held = false;      ///< the pause holds it as "ns/<container>/<kind>"
  std::string hostname;   ///< host name of a UTS namespace
  ClockOffsets offsets;   ///< clock offsets of a time namespace
};
/// pidfd_open(2) of the pod's init.
struct OpenInit {
  Slot to;
};
/// pidfd_open(2) of the first process of another container, which must run.
struct OpenProcess {
  Slot to;
  std::string container;
};
/// Opens the root of another container, which must run, or of the host if the name is empty. O_PATH.
struct OpenRoot {
  Slot to;
  std::string container;
};
}  // namespace host
using HostStepVariant =
    std::variant<host::OverlayRoot, host::CloneTree, host::CloneProc, host::MessageFile, host::Stdio, host::Input,
                 host::Terminal, host::MakeNamespace, host::OpenInit, host::OpenProcess, host::OpenRoot>;
using HostStep = StepVariant<HostStepVariant>;

}  // namespace podrun::pod
