// Collects the mounts of a container.
#pragma once

#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pod/compile/compile_mounts.hpp"
#include "pod/plan/step_predicates.hpp"
#include "pod/text/paths.hpp"

namespace podrun::pod {

/// A tree that is cloned on the host and attached in the container.
struct Tree {
  std::string name;         ///< name of its slot
  host::CloneTree clone{};  ///< the host step; its slot is not set yet
  std::string path;
  bool read_only = false;
  bool recursive = false;
};

/// The step that makes the root of a container from its image.
inline host::OverlayRoot overlay_of(const ContainerContext& context, Slot root) {
  return {.to = root,
          .image = context.image.reference,
          .layers = layers_of(context.image),
          .directory = fmt::format("{}/containers/{}", context.storage, context.container.name),
          .layer = context.facts.overlay_on_storage ? host::Layer::Disk : host::Layer::Memory,
          .user_xattr = context.image.user_xattr};
}

/// Collects the steps of a container's mounts, and omits mounts that a volume replaces. The rules are those of
/// Kubernetes with containerd: a volume replaces file systems of the kernel at and below its path, but files of the pod
/// only at the same path. With a volume on /etc, /etc/hosts is still the pod's.
class MountList {
 public:
  MountList(const ContainerContext& context, std::vector<Tree> volumes, Descriptors& descriptors)
      : volumes_(std::move(volumes)), descriptors_(descriptors), mounts_{.root = descriptors.add("root")} {
    mounts_.host.emplace_back(overlay_of(context, mounts_.root));
  }

  Slot root() const { return mounts_.root; }
  const std::vector<Tree>& volumes() const { return volumes_; }

  /// The volume at exactly this path, or nullptr.
  const Tree* volume_at(std::string_view path) const {
    const auto found = std::ranges::find(volumes_, path, &Tree::path);
    return found == volumes_.end() ? nullptr : &*found;
  }

  /// The first mount point so far at or below a path, or nullptr.
  const std::string* mount_below(std::string_view path) const {
    for (const ChildStep& step : mounts_.child)
      if (const std::string* point = mount_point(step); point != nullptr && is_at_or_below(*point, path)) return point;
    return nullptr;
  }

  template <typename Step>
  void add(Step step) {
    mounts_.child.emplace_back(std::move(step));
  }
  template <typename Step>
  void add_kernel_mount(Step step) {
    const auto covers = [&](const Tree& volume) { return is_at_or_below(step.path, volume.path); };
    if (std::ranges::none_of(volumes_, covers)) mounts_.child.emplace_back(std::move(step));
  }
  void add_pod_mount(step::BindFromPod step) {
    if (volume_at(step.path) == nullptr) mounts_.child.emplace_back(std::move(step));
  }
  void add_pod_mount(const Tree& file) {
    if (volume_at(file.path) == nullptr) attach(file);
  }
  void add_masks(std::vector<ChildStep> steps) { std::ranges::move(steps, std::back_inserter(mounts_.child)); }
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
  void attach(host::CloneProc proc, std::string path) {
    const auto covers = [&](const Tree& volume) { return is_at_or_below(path, volume.path); };
    if (std::ranges::any_of(volumes_, covers)) return;
    proc.to = descriptors_.add("proc");
    mounts_.child.emplace_back(
        step::AttachTree{.root = root(), .tree = proc.to, .path = std::move(path), .read_only = proc.read_only});
    mounts_.host.emplace_back(std::move(proc));
  }
  void attach(host::MessageFile file, std::string path) {
    file.to = descriptors_.add("message");
    mounts_.child.emplace_back(step::AttachTree{.root = root(), .tree = file.to, .path = std::move(path)});
    mounts_.host.emplace_back(std::move(file));
  }
  Mounts take() && { return std::move(mounts_); }

 private:
  std::vector<Tree> volumes_;
  Descriptors& descriptors_;
  Mounts mounts_;
};

}  // namespace podrun::pod
