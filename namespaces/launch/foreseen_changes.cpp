// Judges by the plan alone: which steps of the start and which mounts of containers write in a tree.
#include "namespaces/launch/foreseen_changes.hpp"

#include <algorithm>
#include <variant>

#include "pod/spec/namespaces.hpp"
#include "pod/text/paths.hpp"

namespace podrun::ns {
namespace {

bool is_read_only(const pod::ContainerPlan& container, pod::Slot tree) {
  return std::ranges::none_of(container.child, [&](const pod::ChildStep& step) {
    const auto* const attach = std::get_if<pod::step::AttachTree>(&step);
    return attach != nullptr && attach->tree == tree && !attach->read_only;
  });
}

/// A container that sees the host's processes may, with enough rights, reach all files of the host.
bool reaches_host(const pod::ContainerPlan& container) {
  const auto is_host = [&](pod::NamespaceKind kind) {
    return pod::source_of(container.namespaces, kind).owner == pod::NamespaceOwner::Host;
  };
  return is_host(pod::NamespaceKind::Mnt) || is_host(pod::NamespaceKind::Pid);
}

}  // namespace

Change change_by(const pod::ContainerPlan& container, const pod::host::CloneTree& tree) {
  if (!tree.in_memory && reaches_host(container)) return Change::Everything;
  Change change = Change::None;
  for (const pod::HostStep& step : container.host) {
    const auto* const other = std::get_if<pod::host::CloneTree>(&step);
    if (other == nullptr || other == &tree || other->in_memory != tree.in_memory) continue;
    const bool makes = other->make_sub_path && !other->sub_path.empty();
    if (!makes && is_read_only(container, other->to)) continue;
    if (pod::is_at_or_below(other->source, tree.source))
      change = std::max(change, Change::Content);
    else if (pod::is_at_or_below(tree.source, other->source))
      return Change::Everything;
  }
  return change;
}

Change change_by_others(const pod::PodPlan& plan, const pod::host::CloneTree& tree, const pod::ContainerPlan& except) {
  Change change = Change::None;
  for (const pod::ContainerPlan& container : plan.containers)
    if (&container != &except) change = std::max(change, change_by(container, tree));
  return change;
}

bool is_made_in(const pod::PodPlan& plan, const pod::host::CloneTree& tree) {
  const auto is_inside = [&](const auto& step) {
    return !tree.in_memory && step.path != tree.source && pod::is_at_or_below(step.path, tree.source);
  };
  return std::ranges::any_of(plan.files, [&](const pod::FileStep& step) { return std::visit(is_inside, step); });
}

}  // namespace podrun::ns
