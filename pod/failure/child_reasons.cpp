// Reasons why steps of a container's process fail, all but the last one.
#include <algorithm>
#include <cerrno>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "pod/failure/reasons.hpp"
#include "pod/plan/step_predicates.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/paths.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

/// The path in the container's root at which a step mounts, or to which it changes; "" for other steps.
std::string path_of(const ChildStep& child_step) {
  return std::visit(
      []<typename Step>(const Step& each) -> std::string {
        if constexpr (requires { each.root, each.path; } || std::is_same_v<Step, step::WorkingDirectory>)
          return clean_path(each.path);
        return {};
      },
      child_step);
}

/// Whether a mount is a volume of the manifest, and not a file of podrun's.
bool is_volume(const ContainerPlan& plan, const step::AttachTree& tree) {
  const std::string label = label_of(plan, tree.tree);
  return !label.empty() && label != volume_of(plan, tree.tree);
}

/// What the manifest calls the place of a mount: "volume h at /data".
std::string place_of(const ContainerPlan& plan, const ChildStep& child_step, const std::string& path) {
  const auto* const tree = std::get_if<step::AttachTree>(&child_step);
  const std::string name = tree == nullptr ? "" : volume_of(plan, tree->tree);
  if (tree != nullptr && is_volume(plan, *tree)) return fmt::format("volume {} at {}", name, escaped(path));
  if (name == "message") return fmt::format("terminationMessagePath {}", escaped(path));
  return fmt::format("{} in image {}", escaped(path), escaped(plan.image));
}

/// Whether a step mounts a file system in which only the kernel makes files, or an empty one that hides such files.
bool is_closed(const ChildStep& child_step, const std::string& point) {
  return std::holds_alternative<step::MountProc>(child_step) || std::holds_alternative<step::MountSys>(child_step) ||
         std::holds_alternative<step::MountPts>(child_step) || std::holds_alternative<step::MountMqueue>(child_step) ||
         std::holds_alternative<step::MaskPath>(child_step) || point == "/proc" || point == "/sys";
}

/// The mount point, of every container, around a path when the step is taken: "/dev" around "/dev/fd". "" in the root
/// or in a volume.
std::string own_mount_around(const ContainerPlan& plan, std::size_t index, const std::string& path, bool closed) {
  std::string found;
  bool is_it = false;
  for (std::size_t i = 0; i < std::min(index, plan.child.size()); ++i) {
    const std::string* point = mount_point(plan.child[i]);
    if (point == nullptr || *point == path || !is_at_or_below(path, *point) || point->size() < found.size()) continue;
    if (std::holds_alternative<step::ReadOnlyPath>(plan.child[i]) ||
        std::holds_alternative<step::WritablePath>(plan.child[i]))
      continue;
    found = *point;
    is_it = is_closed(plan.child[i], *point) ||
            (!closed && std::holds_alternative<step::MountDev>(plan.child[i]));
  }
  return is_it ? found : "";
}

std::string link_reason(const ContainerPlan& plan, std::size_t index, const std::string& path) {
  const auto* const volume = volume_around(plan, index, path);
  // A link in the image may lead into a volume. Links on the path of a directory that exists are followed.
  const bool mounts = !std::holds_alternative<step::WorkingDirectory>(plan.child[index]);
  if (const std::string around = own_mount_around(plan, index, path, false); !around.empty() && mounts)
    return fmt::format("{}: there is a link on that path, and links in {} are not followed",
                       place_of(plan, plan.child[index], path), around);
  if (volume == nullptr)
    return mounts ? fmt::format("{}: too many links, or a link in a volume, where links are not followed",
                                place_of(plan, plan.child[index], path))
                  : fmt::format("workingDir {}: too many links, or one behind which nothing can be made",
                                escaped(path));
  return fmt::format(
      "{} leads through a link in the volume at {}; links are not followed there, because another container could have "
      "made them",
      escaped(path), escaped(volume->path));
}

/// Why a missing directory or file cannot be made at a path of the container.
std::string unmade_reason(const ContainerPlan& plan, std::size_t index, const std::string& path, int error) {
  if (const std::string around = own_mount_around(plan, index, path, true);
      !around.empty() && (error == EROFS || error == EACCES || error == EPERM || error == ENOENT))
    return fmt::format("the container does not have it, and nothing can be made in {}", around);
  const auto* const volume = volume_around(plan, index, path);
  const std::string where = volume != nullptr ? fmt::format("the volume at {}", escaped(volume->path)) : "its root";
  switch (error) {
    case EROFS:
      return fmt::format("the container does not have it, and {} is read-only{}", where,
                         volume == nullptr ? " (readOnlyRootFilesystem)" : "");
    case ENOSPC:
      return fmt::format("the container does not have it, and {} is full", where);
    case EACCES:
      return fmt::format("the container does not have it, and podrun may not make it in {}", where);
    case ENAMETOOLONG:
      return "the path is too long";
    default:
      return "";
  }
}

std::string mount_reason(const ContainerPlan& plan, std::size_t index, const std::string& path, int error) {
  const std::string place = place_of(plan, plan.child[index], path);
  const auto* const tree = std::get_if<step::AttachTree>(&plan.child[index]);
  switch (error) {
    case ELOOP:
      return link_reason(plan, index, path);
    case ENOTDIR:
      if (tree == nullptr) return fmt::format("{} is not a directory", place);
      return is_volume(plan, *tree) ? fmt::format(
                                          "{}: that path is a file in the container or lies below one, so no "
                                          "directory can be mounted there (subPath mounts a single file)",
                                          place)
                                    : fmt::format("{}: a part of that path is a file in the container", place);
    case EISDIR:
      if (tree != nullptr && !is_volume(plan, *tree))
        return fmt::format("{}: that path is a directory in the container", place);
      return fmt::format("{}: that path is a directory in the container, and the volume is a single file{}", place,
                         tree == nullptr ? "" : fmt::format(" ({})", escaped(label_of(plan, tree->tree))));
    default:
      break;
  }
  const std::string unmade = unmade_reason(plan, index, path, error);
  return unmade.empty() ? host_reason(error) : fmt::format("{}: {}", place, unmade);
}

std::string directory_reason(const ContainerPlan& plan, std::size_t index, const std::string& path, int error) {
  const std::string place = fmt::format("workingDir {}", escaped(path));
  if (error == ELOOP) return link_reason(plan, index, path);
  if (error == ENOTDIR) return fmt::format("{} is not a directory, or lies below a file", place);
  const std::string unmade = unmade_reason(plan, index, path, error);
  if (unmade.empty() && error == ENOENT) return fmt::format("{}: a link on the way leads to nothing", place);
  return unmade.empty() ? "" : fmt::format("{}: {}", place, unmade);
}

std::string ids_reason(const step::SetIds& step, int error) {
  if (error == EINVAL || error == EPERM)
    return fmt::format("user {}, group {}: podrun cannot take them on; is podrun in a user namespace without them?",
                       step.uid, step.gid);
  if (error == EAGAIN) return fmt::format("user {} has too many processes", step.uid);
  return host_reason(error);
}

std::string seccomp_reason(const step::Seccomp& step, int error) {
  if (error == EINVAL) return fmt::format("seccompProfile {}: the kernel refuses the filter", escaped(step.profile));
  return host_reason(error);
}

std::string limits_reason(int error) {
  if (error == EPERM) return "a hard limit is above podrun's own, and podrun lacks CAP_SYS_RESOURCE to raise it";
  return host_reason(error);
}

std::string capabilities_reason(int error) {
  if (error == EPERM)
    return "securityContext.capabilities: podrun itself lacks a capability that the container is to have";
  return host_reason(error);
}

}  // namespace

const step::AttachTree* volume_around(const ContainerPlan& plan, std::size_t child_step, std::string_view path) {
  const step::AttachTree* found = nullptr;
  for (std::size_t i = 0; i < std::min(child_step, plan.child.size()); ++i) {
    const auto* tree = std::get_if<step::AttachTree>(&plan.child[i]);
    if (tree == nullptr || tree->path == path || !is_at_or_below(path, tree->path)) continue;
    if (found == nullptr || tree->path.size() > found->path.size()) found = tree;
  }
  return found;
}

std::string reason_of(const ContainerPlan& plan, std::size_t child_step, int error) {
  const ChildStep& step = plan.child[child_step];
  if (std::holds_alternative<step::WorkingDirectory>(step))
    return directory_reason(plan, child_step, path_of(step), error);
  if (const std::string path = path_of(step); !path.empty()) return mount_reason(plan, child_step, path, error);
  return std::visit(
      Overloaded{[&](const step::SetIds& ids) { return ids_reason(ids, error); },
                 [&](const step::Seccomp& filter) { return seccomp_reason(filter, error); },
                 [&](const step::ResourceLimits&) { return limits_reason(error); },
                 [&](const step::BoundCapabilities&) { return capabilities_reason(error); },
                 [&](const step::SetCapabilities&) { return capabilities_reason(error); },
                 [](const step::Gate&) { return std::string(); }, [&](const auto&) { return host_reason(error); }},
      step);
}

}  // namespace podrun::pod
