// Verifies that Secrets stay in memory and that volumes in memory exist.
#include "pod/plan/verify_volumes.hpp"

#include <algorithm>
#include <set>
#include <string>

#include <fmt/format.h>

#include "pod/plan/step_predicates.hpp"

namespace podrun::pod {
namespace {

std::unexpected<Error> broken(std::string_view whose, std::string_view where, std::string_view how) {
  return fail(fmt::format("{}: {} breaks law 11: {}", whose, where, how));
}

const std::string& name_of_volume(const MemoryStep& step) {
  return std::visit([](const auto& each) -> const std::string& { return each.volume; }, step);
}

bool writes_secret(const FileStep& step) {
  const auto* volume = std::get_if<file::WriteVolume>(&step);
  return volume != nullptr && std::ranges::any_of(volume->files.list, [](const VolumeFile& file) {
    return !file.content.secret.empty();
  });
}

}  // namespace

Result<> verify_volumes(const PodPlan& plan) {
  for (std::size_t i = 0; i < plan.files.size(); ++i)
    if (writes_secret(plan.files[i]))
      return broken(plan.name, place("file ", plan.files, i), "a Secret's text touches no disk");
  std::set<std::string> made;
  for (std::size_t i = 0; i < plan.memory.size(); ++i) {
    const std::string& name = name_of_volume(plan.memory[i]);
    if (name.empty() || name.starts_with('.') || name.contains('/') || !made.insert(name).second)
      return broken(plan.name, place("memory ", plan.memory, i), "its place is its own");
  }
  for (const ContainerPlan& container : plan.containers)
    for (std::size_t i = 0; i < container.host.size(); ++i)
      if (const auto* tree = std::get_if<host::CloneTree>(&container.host[i]);
          tree != nullptr && tree->in_memory && !made.contains(tree->source))
        return broken(fmt::format("{}/{}", plan.name, container.name), place("host ", container.host, i),
                      "nothing makes this volume");
  return {};
}

}  // namespace podrun::pod
