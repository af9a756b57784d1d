// Removes the root that the previous instance has left.
#include "namespaces/volumes/old_root.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

#include "namespaces/kernel/mount_point.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/walk_tree.hpp"

namespace podrun::ns {

Result<> unmount_old_root(const pod::ContainerPlan& plan, int pause, int cells) {
  for (const pod::ChildStep& step : plan.child)
    if (const auto* const old = std::get_if<pod::step::SetAsideOldRoot>(&step)) {
      // Like a container's own process before its exec, this process must not be inspected from inside the pod.
      if (::prctl(PR_SET_DUMPABLE, 0) < 0 || ::setns(pause, CLONE_NEWNS) < 0 || ::fchdir(cells) < 0)
        return fail_system("enter the pod");
      const int error = unmount_all(old->aside.c_str());
      if (error != 0 && error != ENOENT) return fail("unmount", error);
    }
  return {};
}

Result<> remove_former_layers(const std::string& directory, int instance) {
  Fd layers(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!layers) return errno == ENOENT ? Result<>{} : fail_system(directory);
  Result<> all;
  const auto remove = [&](const TreeEntry& entry) -> Result<Fd> {
    const std::string_view name = entry.name;
    int number = instance;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc() || end != name.data() + name.size() || number >= instance) return Fd();
    if (auto removed = remove_tree(entry.directory, entry.name); !removed) all = std::move(removed);
    return Fd();
  };
  TRY_VOID(walk_tree(std::move(layers), {.arrive = remove}));
  return all;
}

}  // namespace podrun::ns
