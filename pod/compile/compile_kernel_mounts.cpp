// Compiles the mounts of the kernel's file systems.
#include "pod/compile/compile_kernel_mounts.hpp"

#include "pod/compile/compile_security.hpp"

namespace podrun::pod {
namespace {

step::MountDev device_directory(Slot root) {
  return {.root = root,
          .path = "/dev",
          .nodes = {{"null", 1, 3},
                    {"zero", 1, 5},
                    {"full", 1, 7},
                    {"random", 1, 8},
                    {"urandom", 1, 9},
                    {"tty", 5, 0}},
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

}  // namespace

std::string own_shared_memory(std::string_view container) {
  return fmt::format("{}/{}", own_shared_memories, container);
}

void add_kernel_mounts(const ContainerContext& context, MountList& list) {
  const Slot root = list.root();
  const bool privileged = context.container.security_context.privileged;
  add_proc(context, list);
  list.add_kernel_mount(step::MountSys{.root = root, .path = "/sys", .read_only = !privileged});
  if (privileged)
    list.add_pod_mount(host_tree("dev", "/dev", host::Devices::AsOnHost));
  else
    list.add_kernel_mount(device_directory(root));
  list.add_kernel_mount(step::MountPts{.root = root, .path = "/dev/pts"});
  list.add_kernel_mount(step::MountMqueue{.root = root, .path = "/dev/mqueue"});
  add_shared_memory(context, list);
  if (!privileged) list.add_masks(hidden_paths(context.facts, root));
}

}  // namespace podrun::pod
