// The steps of the supervisor's half of a container's start, in the host's namespaces; steps.hpp has the other half.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pod/spec/namespaces.hpp"
#include "pod/spec/spec_volumes.hpp"

namespace podrun::pod {

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
/// The proc(5) of another container's PID namespace, which must run: whoever is in that namespace to mount one could be
/// seen there by a container with SYS_PTRACE. A clone of the one at its /proc, without what is mounted on it.
struct CloneProc {
  Slot to;
  std::string container;
  bool read_only = true;
};
/// What becomes of the device nodes in a tree.
enum class Devices {
  Refused,   ///< nodev
  AsOnHost,  ///< as where it is mounted on the host: for `privileged`
  Usable,    ///< dev: for a hostPath that is a device
};
/// open_tree(2) of a host path, or of one of the pod's volumes in memory, with everything mounted in it. Private, so
/// that nothing mounted in the pod comes back to the host, unless the manifest asks for propagation.
struct CloneTree {
  Slot to;
  std::string source;  ///< without links: none is followed. Of a volume in memory its name
  std::string label;   ///< for people: "emptyDir site", "hostPath /srv", "hosts"
  bool in_memory = false;
  std::string sub_path;        ///< the part of it; its links lead nowhere but into the tree. Empty: all of it
  bool make_sub_path = false;  ///< as a directory, where it is missing
  Devices devices = Devices::Refused;
  bool no_exec = false;
  MountPropagation propagation = MountPropagation::None;
};
/// The file for the container's last words, terminationMessagePath: on the disk, where it takes no memory; an empty one
/// for each instance, writable for every user.
struct MessageFile {
  Slot to;
  std::string path;  ///< of the pod's own directory; the former instance's is on record when this one is made
};
/// The container's stdout and stderr pipes, owned by its user so that /dev/stdout can be opened.
struct Stdio {
  Slot out;
  Slot err;
  std::uint32_t uid;
  std::uint32_t gid;
};
/// The container's stdin: a pipe whose write end the pause holds, so that no supervisor's end is the end of the input.
struct Input {
  Slot to;
  std::uint32_t uid;
  std::uint32_t gid;
  bool once = false;  ///< who attaches first takes the write end along
};
/// A terminal in a devpts of the container's own, not mounted yet; the pause holds both of its ends.
struct Terminal {
  Slot devpts;
  Slot to;  ///< the container's end, owned by its user
  std::uint32_t uid;
  bool input = false;  ///< whether who attaches may type at it
};
/// A new namespace, made by a short-lived process: a network one with lo up, a UTS one with a name, a cgroup one rooted
/// at the container's group. One that others join is held by the pause: made once, it outlives its container's
/// restarts.
struct MakeNamespace {
  Slot to;
  NamespaceKind kind;
  std::string container;  ///< whose it is
  bool held = false;      ///< the pause keeps it, as "ns/<container>/<kind>"
  std::string hostname;   ///< of a UTS namespace
  ClockOffsets offsets;   ///< of a time namespace
};
/// pidfd_open(2) of the pod's init.
struct OpenInit {
  Slot to;
};
/// pidfd_open(2) of the process of another container, which must run.
struct OpenProcess {
  Slot to;
  std::string container;
};
/// The root of another container, which must run, O_PATH; without a name the host's.
struct OpenRoot {
  Slot to;
  std::string container;
};
}  // namespace host
using HostStep =
    std::variant<host::OverlayRoot, host::CloneTree, host::CloneProc, host::MessageFile, host::Stdio, host::Input,
                 host::Terminal, host::MakeNamespace, host::OpenInit, host::OpenProcess, host::OpenRoot>;

}  // namespace podrun::pod
