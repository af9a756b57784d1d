// Explains why a step of a container's process failed.
#include "pod/plan/step_failure_text.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "pod/text/paths.hpp"

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

/// The mount point of the volume that contains PATH when the step is executed; "" if there is none.
std::string volume_around(const ContainerPlan& plan, std::size_t index, std::string_view path) {
  std::string found;
  for (std::size_t i = 0; i < plan.child.size(); ++i) {
    const auto* tree = std::get_if<step::AttachTree>(&plan.child[i]);
    if (tree == nullptr || i >= index || tree->path == path || !is_at_or_below(path, tree->path)) continue;
    if (tree->path.size() > found.size()) found = tree->path;
  }
  return found;
}

}  // namespace

std::string step_failure_text(const ContainerPlan& plan, std::size_t index, int error) {
  const std::string words = ::strerror(error);
  const std::string path = error == ELOOP && index < plan.child.size() ? path_of(plan.child[index]) : "";
  if (path.empty()) return words;
  const std::string volume = volume_around(plan, index, path);
  // A link in the image may lead into a volume. Links on the path of a directory that exists are followed.
  const bool mounts = !std::holds_alternative<step::WorkingDirectory>(plan.child[index]);
  if (volume.empty()) return mounts ? words + ", or a link in a volume, where links are not followed" : words;
  return fmt::format(
      "{}: {} leads through a link in the volume at {}; links are not followed there, because another container could "
      "have made them",
      words, path, volume);
}

}  // namespace podrun::pod
