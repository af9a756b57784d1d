// The mounts of a container as they will be: what is at a path of each, and whether something can be made there.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/layer_stack.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// Where the content of a mount comes from.
enum class Content : std::uint8_t {
  Directory,  ///< a directory of the host: an image, a hostPath
  Layers,     ///< the layers of an image
  Listed,     ///< nothing but what the volume's files and earlier steps make
  Sysfs,
  Proc,
  Devices,    ///< podrun's own /dev
  Terminals,  ///< devpts
  Queues,     ///< mqueue
  File,       ///< a single file
  Something,  ///< a directory; nobody can know yet what is in it
  Unknown,    ///< nobody can know yet
};

/// One mount.
struct ForeseenMount {
  std::string path;  ///< in the container, without links
  Content content = Content::Unknown;
  bool read_only = false;
  bool is_root = false;                           ///< links are followed in the root alone
  Fd directory{};                                 ///< of Directory
  LayerStack layers{};                            ///< of Layers
  const pod::VolumeFiles* files = nullptr;        ///< of Listed
  const pod::step::MountDev* devices = nullptr;   ///< of Devices
  std::set<std::string, std::less<>> made{};      ///< directories that earlier steps have made in it
};

/// What is at a path.
enum class Found : std::uint8_t { Directory, File, Link, Missing, Unknown };

/// What is at a relative path of the mount. The target of a link is put into TARGET.
Found look(const ForeseenMount& mount, const std::string& path, std::string& target);

/// The errno if a missing directory or file cannot be made in the mount; 0 if it can, or if nobody knows.
int error_of_making(const ForeseenMount& mount, bool directory);

/// The content of a tree that a host step of the container clones, at no path yet. What other mounts of the pod may
/// write in it is not known. ERROR is the errno if its subPath cannot be opened, else 0.
ForeseenMount mount_of(const pod::PodPlan& plan, const pod::ContainerPlan& container,
                       const pod::host::CloneTree& tree, bool read_only, int& error);

/// The mount of a root, or with unknown content if a layer cannot be opened.
ForeseenMount mount_of_root(const pod::host::OverlayRoot& root);

}  // namespace podrun::ns
