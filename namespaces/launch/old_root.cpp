// What becomes of the root that the instance before has left: it is moved aside, and unmounted later.
#include "namespaces/launch/old_root.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

#include "namespaces/child/apply.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/walk_tree.hpp"

namespace podrun::ns {
namespace {

/// umount2(2) of everything that is mounted there; errno or 0.
int unmount(const char* path) noexcept {
  while (::umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {}
  return errno == EINVAL ? 0 : errno;  // nothing is
}

/// move_mount(2) of what is mounted there, if anything is; errno or 0.
int move(const char* from, const char* to) noexcept {
  constexpr int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int source = ::open(from, flags), target = ::open(to, flags);
  const int error = source < 0 || target < 0 || sys::move_mount(source, target) < 0 ? errno : 0;
  ::close(source);
  ::close(target);
  return error == EINVAL ? 0 : error;  // no mount begins there: a former start got no further than the directory
}

}  // namespace

int apply(const pod::step::SetAsideOldRoot& step, const ChildContext& context) noexcept {
  const int cells = context.descriptors[step.cells];
  if (::mkdirat(cells, step.cell.c_str(), 0755) == 0) return 0;  // the first instance: there is none
  if (errno != EEXIST || ::fchdir(cells) < 0) return errno;
  if (::mkdir(step.aside.c_str(), 0755) < 0) {
    if (errno != EEXIST) return errno;
    if (const int error = unmount(step.aside.c_str()); error != 0) return error;  // of the instance before the last
  }
  return move(step.cell.c_str(), step.aside.c_str());
}

Result<> unmount_old_root(const pod::ContainerPlan& plan, int pause, int cells) {
  for (const pod::ChildStep& step : plan.child)
    if (const auto* const old = std::get_if<pod::step::SetAsideOldRoot>(&step)) {
      // As for a container's own process, nobody in the pod shall look into who enters it.
      if (::prctl(PR_SET_DUMPABLE, 0) < 0 || ::setns(pause, CLONE_NEWNS) < 0 || ::fchdir(cells) < 0)
        return fail_system("enter the pod");
      const int error = unmount(old->aside.c_str());
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
