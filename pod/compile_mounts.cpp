// What a container sees.
#include "pod/compile_mounts.hpp"

#include <array>
#include <set>

#include "pod/compile_files.hpp"
#include "pod/compile_security.hpp"
#include "pod/compile_volumes.hpp"
#include "pod/paths.hpp"
#include "pod/expand.hpp"
#include "pod/quote.hpp"
#include "pod/syntax.hpp"

namespace podrun::pod {
namespace {

/// A slot is a byte, and a container has a dozen of its own.
constexpr std::size_t most_volume_mounts = 240;

constexpr std::string_view shared_memory_path = "/dev/shm";

/// A tree that is cloned where it is and attached in the container.
struct Tree {
  std::string name;         ///< of its slot
  host::CloneTree clone{};  ///< but for its slot
  std::string path;
  bool read_only = false;
  bool recursive = false;
};

// ---- volumes ----

/// Why nothing may be mounted there, or "".
std::string objection(std::string_view path) {
  if (path == "/") return "would replace the container's whole root";
  for (const auto* candidates : {&mask_candidates(), &readonly_candidates()}) {
    for (const auto& hidden : *candidates) {
      if (is_at_or_below(hidden, path))
        return fmt::format("would uncover {}, which is kept from containers", hidden);
    }
  }
  if (is_at_or_below(path, "/proc")) return "lies in /proc, where only the kernel's own files may be";
  return {};
}

host::Devices devices_in(const VolumeSource& source, const Container& container) {
  if (source.is_device) return host::Devices::Usable;
  return container.security_context.privileged ? host::Devices::AsOnHost : host::Devices::Refused;
}

/// `subPath`, or `subPathExpr` with the container's variables. Errors: a variable that is missing or empty, as on Kubernetes; one
/// with a Secret's text, which would be seen in the plan; a path that is none of the volume's.
Result<std::string> part_of(const ContainerContext& context, const VolumeMount& mount) {
  const std::string& expression = mount.sub_path_expr;
  if (expression.empty()) return mount.sub_path;
  const auto refused = [&](std::string_view why) {
    return fail(fmt::format("container {}: subPathExpr {} {}", context.container.name, escaped(expression), why));
  };
  for (const std::string& name : references_in(expression)) {
    const auto value = context.variables.values.find(name);
    if (value == context.variables.values.end() || value->second.empty())
      return refused(fmt::format("wants the variable {}, which is missing or empty", name));
  }
  std::string path = expand(expression, context.variables.values);
  const std::string shown = expand(expression, context.variables.shown);
  if (path != shown && shown.contains("<secret ")) return refused("holds the text of a Secret");
  if (const Complaint complaint = relative_path(path); !complaint.empty())
    return refused(fmt::format("is {}, but it {}", escaped(path), complaint));
  return path;
}

Result<Tree> volume_tree(const ContainerContext& context, const Volume& volume, const VolumeMount& mount,
                         std::string path) {
  std::string part = TRY(part_of(context, mount));
  const bool is_part = !part.empty();
  VolumeSource source = source_of(volume, context.pod, context.images, context.placement);
  const bool read_only = mount.read_only || source.read_only;
  return Tree{.name = volume.name,
              .clone = {.to = {},
                        .source = std::move(source.path),
                        .label = std::move(source.label),
                        .in_memory = source.in_memory,
                        .sub_path = std::move(part),
                        .make_sub_path = is_part && !source.read_only,
                        .devices = devices_in(source, context.container),
                        .no_exec = source.no_exec,
                        .propagation = mount.mount_propagation},
              .path = std::move(path),
              .read_only = read_only,
              .recursive = read_only && mount.recursive_read_only != RecursiveReadOnly::Disabled};
}

/// The volumes of a container, a mount point before what lies below it, else in the manifest's order.
Result<std::vector<Tree>> volume_trees(const ContainerContext& context) {
  const auto& name = context.container.name;
  const auto& mounts = context.container.volume_mounts;
  if (mounts.size() > most_volume_mounts)
    return fail(fmt::format("container {}: {} volumeMounts, at most {} are possible", name, mounts.size(),
                            most_volume_mounts));
  std::vector<Tree> trees;
  std::set<std::string, std::less<>> taken;
  for (const auto& mount : mounts) {
    const auto refused = [&](std::string_view why) {
      return fail(fmt::format("container {}: mountPath {} {}", name, escaped(mount.mount_path), why));
    };
    auto path = clean_path(mount.mount_path);
    if (path.empty()) return refused("is not an absolute path");
    if (const auto why = objection(path); !why.empty()) return refused(why);
    if (!taken.insert(path).second) return refused("is used twice");
    const auto volume = std::ranges::find(context.pod.spec.volumes, mount.name, &Volume::name);
    if (volume == context.pod.spec.volumes.end())
      return refused("wants the unknown volume " + escaped(mount.name));
    trees.push_back(TRY(volume_tree(context, *volume, mount, std::move(path))));
  }
  std::ranges::stable_sort(trees, {}, [](const Tree& tree) { return depth(tree.path); });
  return trees;
}

// ---- the kernel's file systems ----

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

host::OverlayRoot overlay(const ContainerContext& context, Slot root) {
  return {.to = root,
          .image = context.image.reference,
          .layers = {context.image.rootfs},
          .directory = fmt::format("{}/containers/{}", context.storage, context.container.name),
          .layer = context.facts.overlay_on_storage ? host::Layer::Disk : host::Layer::Memory};
}

/// Collects both halves of a container's mounts, and leaves out what a volume replaces. The rules are
/// Kubernetes' (containerd's): a volume replaces a file system of the kernel at and below its own path, but a
/// thing of the pod only at the very path; with a volume on /etc, /etc/hosts is still the pod's.
class MountList {
 public:
  MountList(const ContainerContext& context, std::vector<Tree> volumes, Descriptors& descriptors)
      : volumes_(std::move(volumes)), descriptors_(descriptors), mounts_{.root = descriptors.add("root")} {
    mounts_.host.emplace_back(overlay(context, mounts_.root));
  }

  Slot root() const { return mounts_.root; }
  const std::vector<Tree>& volumes() const { return volumes_; }

  template <typename Step>
  void of_kernel(Step step) {
    const auto covers = [&](const Tree& volume) { return is_at_or_below(step.path, volume.path); };
    if (std::ranges::none_of(volumes_, covers)) mounts_.child.emplace_back(std::move(step));
  }
  void of_pod(step::BindFromPod step) {
    if (!has_volume_at(step.path)) mounts_.child.emplace_back(std::move(step));
  }
  void of_pod(const Tree& file) {
    if (!has_volume_at(file.path)) attach(file);
  }
  void hide(std::vector<ChildStep> steps) { std::ranges::move(steps, std::back_inserter(mounts_.child)); }
  void attach(const Tree& tree) {
    const Slot slot = descriptors_.add(tree.name);
    host::CloneTree clone = tree.clone;
    clone.to = slot;
    mounts_.host.emplace_back(std::move(clone));
    mounts_.child.emplace_back(step::AttachTree{.root = root(),
                                                .tree = slot,
                                                .path = tree.path,
                                                .read_only = tree.read_only,
                                                .recursive = tree.recursive});
  }
  void attach(host::MessageFile file, std::string path) {
    file.to = descriptors_.add("message");
    mounts_.child.emplace_back(step::AttachTree{.root = root(), .tree = file.to, .path = std::move(path)});
    mounts_.host.emplace_back(std::move(file));
  }
  Mounts take() && { return std::move(mounts_); }

 private:
  bool has_volume_at(std::string_view path) const {
    return std::ranges::find(volumes_, path, &Tree::path) != volumes_.end();
  }

  std::vector<Tree> volumes_;
  Descriptors& descriptors_;
  Mounts mounts_;
};

/// Something of the host at the same path in the container.
Tree host_tree(std::string name, const std::string& path, host::Devices devices) {
  return {.name = std::move(name),
          .clone = {.to = {}, .source = path, .label = "the host's " + path, .devices = devices},
          .path = path};
}

/// /dev/shm belongs to the IPC namespace, as on Kubernetes: who shares one shares the other.
void add_shared_memory(const ContainerContext& context, MountList& list) {
  const std::string path{shared_memory_path};
  const auto bind = [&](std::string source) {
    list.of_pod(step::BindFromPod{.root = list.root(), .source = std::move(source), .path = path});
  };
  const NamespaceSource ipc = source_of(context.namespaces(), NamespaceKind::Ipc);
  switch (ipc.owner) {
    case NamespaceOwner::Pod: return bind("/shm");
    case NamespaceOwner::Private: return bind(own_shared_memory(context.container.name));
    case NamespaceOwner::Container:
      return bind(own_shared_memory(context.pod.spec.containers[ipc.container].name));
    case NamespaceOwner::Host:
      return list.of_pod(host_tree("shm", path, host::Devices::Refused));
  }
}

/// What the kernel gives: for a privileged container writable, whole, and with the host's devices.
void add_kernel_mounts(const ContainerContext& context, MountList& list) {
  const Slot root = list.root();
  const bool privileged = context.container.security_context.privileged;
  list.of_kernel(step::MountProc{.root = root, .path = "/proc", .read_only = !privileged});
  list.of_kernel(step::MountSys{.root = root, .path = "/sys", .read_only = !privileged});
  if (privileged)
    list.of_pod(host_tree("dev", "/dev", host::Devices::AsOnHost));
  else
    list.of_kernel(device_directory(root));
  list.of_kernel(step::MountPts{.root = root, .path = "/dev/pts"});
  list.of_kernel(step::MountMqueue{.root = root, .path = "/dev/mqueue"});
  add_shared_memory(context, list);
  if (!privileged) list.hide(hidden_paths(context.facts, root));
}

/// Whether a thing of the pod lies inside this volume, which then has to be there first.
bool holds_pod_files(const Tree& volume) {
  const auto holds = [&](std::string_view path) {
    return path != volume.path && is_at_or_below(path, volume.path);
  };
  return holds(shared_memory_path) || std::ranges::any_of(pod_files, holds, &PodFile::path);
}

Tree pod_file_tree(const ContainerContext& context, const PodFile& file) {
  return {.name = std::string{file.name},
          .clone = {.to = {}, .source = pod_file_path(context.storage, file), .label = std::string{file.name}},
          .path = std::string{file.path},
          .read_only = context.container.security_context.read_only_root_filesystem};
}

/// Whether /dev is the host's, or a volume: there a mount point would be left behind.
bool has_foreign_devices(const ContainerContext& context, const MountList& list) {
  return context.container.security_context.privileged ||
         std::ranges::any_of(list.volumes(), [](const Tree& volume) { return volume.path == "/dev"; });
}

/// As the kubelet does it after all volumes: what is mounted at its very path is covered.
Result<> add_message_file(const ContainerContext& context, MountList& list) {
  const Container& container = context.container;
  if (container.termination_message_path.empty()) return {};
  std::string path = clean_path(container.termination_message_path);
  const auto refused = [&](std::string_view why) {
    return fail(fmt::format("container {}: terminationMessagePath {} {}", container.name,
                            escaped(container.termination_message_path), why));
  };
  if (path.empty()) return refused("is not an absolute path");
  if (const auto why = objection(path); !why.empty()) return refused(why);
  if (std::ranges::find(list.volumes(), path, &Tree::path) != list.volumes().end())
    return refused("is a volume's mountPath too");
  if (is_at_or_below(path, "/dev") && has_foreign_devices(context, list)) return {};
  std::string file = fmt::format("{}/containers/{}/termination-log", context.storage, container.name);
  list.attach(host::MessageFile{.to = {}, .path = std::move(file)}, std::move(path));
  return {};
}

}  // namespace

std::string own_shared_memory(std::string_view container) {
  return fmt::format("/ipc/{}", container);
}

Result<Mounts> compile_mounts(const ContainerContext& context, Descriptors& descriptors) {
  MountList list{context, TRY(volume_trees(context)), descriptors};

  for (const auto& volume : list.volumes())
    if (holds_pod_files(volume)) list.attach(volume);

  add_kernel_mounts(context, list);
  for (const auto& file : pod_files) list.of_pod(pod_file_tree(context, file));

  for (const auto& volume : list.volumes())
    if (!holds_pod_files(volume)) list.attach(volume);
  TRY_VOID(add_message_file(context, list));
  return std::move(list).take();
}

}  // namespace podrun::pod
