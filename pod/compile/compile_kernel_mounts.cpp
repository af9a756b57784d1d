// Compiles the mounts of the kernel's file systems.
#include "pod/compile/compile_kernel_mounts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/compile/compile_security.hpp"

namespace podrun::pod {
namespace {

/// The devices that every container has.
const std::vector<step::DeviceNode>& common_devices() {
  static const std::vector<step::DeviceNode> nodes{{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                                                   {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
  return nodes;
}

step::MountDev device_directory(Slot root) {
  return {.root = root,
          .path = "/dev",
          .nodes = common_devices(),
          .links = {{"fd", "/proc/self/fd"},
                    {"stdin", "/proc/self/fd/0"},
                    {"stdout", "/proc/self/fd/1"},
                    {"stderr", "/proc/self/fd/2"},
                    {"ptmx", "pts/ptmx"}}};
}

/// A tree of the host at the same path in the container.
Tree host_tree(std::string name, const std::string& path, host::Devices devices) {
  return {.name = std::move(name),
          .clone = {.to = {}, .source = path, .label = "the host's " + path, .devices = devices},
          .path = path};
}

/// Adds the volume at /dev. Devices in a volume are refused, but in the host's /dev those that every container has must
/// be usable: programs need /dev/null.
void attach_devices(const Tree& volume, MountList& list) {
  list.attach(volume);
  if (volume.clone.source != "/dev" || !volume.clone.sub_path.empty()) return;
  for (const step::DeviceNode& node : common_devices()) {
    Tree device = host_tree(node.name, fmt::format("/dev/{}", node.name), host::Devices::Usable);
    device.read_only = volume.read_only;
    list.add_pod_mount(device);
  }
}

/// Adds /dev/shm. As in Kubernetes, containers that share an IPC namespace also share /dev/shm.
void add_shared_memory(const ContainerContext& context, MountList& list) {
  const std::string path{shared_memory_path};
  const auto bind = [&](std::string source) {
    list.add_pod_mount(
        step::BindFromPod{.root = list.root(), .cells = slot::cells, .source = std::move(source), .path = path});
  };
  const NamespaceSource ipc = source_of(context.namespaces(), NamespaceKind::Ipc);
  switch (ipc.owner) {
    case NamespaceOwner::Pod: return bind(shared_memory);
    case NamespaceOwner::Private: return bind(own_shared_memory(context.container.name));
    case NamespaceOwner::Container:
      return bind(own_shared_memory(context.pod.spec.containers[ipc.container].name));
    case NamespaceOwner::Host:
      return list.add_pod_mount(host_tree("shm", path, host::Devices::Refused));
  }
}

/// Adds /proc. Only a process in a PID namespace can mount its proc. Where other processes live in the PID namespace, a
/// process of podrun must not enter it before it has become the container's process, so that container gets a mount
/// that was made before.
void add_proc(const ContainerContext& context, MountList& list) {
  const std::string path = "/proc";
  const bool read_only = !context.container.security_context.privileged;
  const NamespaceSource pid = source_of(context.namespaces(), NamespaceKind::Pid);
  switch (pid.owner) {
    case NamespaceOwner::Private:
    case NamespaceOwner::Host:
      return list.add_kernel_mount(step::MountProc{.root = list.root(), .path = path, .read_only = read_only});
    case NamespaceOwner::Pod:
      return list.add_kernel_mount(step::BindFromPod{
          .root = list.root(), .cells = slot::cells, .source = shared_proc, .path = path, .read_only = read_only});
    case NamespaceOwner::Container:
      return list.attach(
          host::CloneProc{
              .to = {}, .container = context.pod.spec.containers[pid.container].name, .read_only = read_only},
          path);
  }
}

/// Adds /sys: the kernel's, or the host's if a hostPath replaces it.
void add_sysfs(const ContainerContext& context, MountList& list) {
  if (const Tree* volume = list.volume_at(sysfs_path)) return list.attach(*volume);
  const bool read_only = !context.container.security_context.privileged;
  list.add(step::MountSys{.root = list.root(), .path = std::string(sysfs_path), .read_only = read_only});
}

}  // namespace

bool is_common_device(std::string_view path) {
  return std::ranges::any_of(common_devices(),
                             [&](const step::DeviceNode& node) { return path == fmt::format("/dev/{}", node.name); });
}

std::string own_shared_memory(std::string_view container) {
  return fmt::format("{}/{}", own_shared_memories, container);
}

void add_kernel_mounts(const ContainerContext& context, MountList& list) {
  const Slot root = list.root();
  const bool privileged = context.container.security_context.privileged;
  const Tree* volume = list.volume_at(devices_path);
  add_proc(context, list);
  add_sysfs(context, list);
  // The masks need a /dev/null that no volume has replaced.
  if (!privileged) list.add(device_directory(root));
  if (volume != nullptr && !privileged) list.add_masks(hidden_paths(context.facts, root));
  if (volume != nullptr && privileged) list.attach(*volume);
  if (volume != nullptr && !privileged) attach_devices(*volume, list);
  if (volume == nullptr && privileged) list.add_pod_mount(host_tree("dev", "/dev", host::Devices::AsOnHost));
  list.add_kernel_mount(step::MountPts{.root = root, .path = "/dev/pts"});
  list.add_kernel_mount(step::MountMqueue{.root = root, .path = "/dev/mqueue"});
  add_shared_memory(context, list);
  if (volume == nullptr && !privileged) list.add_masks(hidden_paths(context.facts, root));
}

}  // namespace podrun::pod
