// Adopts a pod that an older version of podrun has started.
#include "namespaces/volumes/legacy_cells.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>

#include <fmt/format.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/mount_point.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "pod/plan/pod_steps.hpp"

namespace podrun::ns {
namespace {

constexpr unsigned first_version_with_current_cells = 3;

Result<> attach(int cells, const Fd& tree, const std::string& place) {
  const std::size_t slash = place.find('/');
  if (slash != place.npos && ::mkdirat(cells, place.substr(0, slash).c_str(), 0755) < 0 && errno != EEXIST)
    return fail_system(place);
  if (::mkdirat(cells, place.c_str(), 0755) < 0 && errno != EEXIST) return fail_system(place);
  const Fd target(::openat(cells, place.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!target || sys::move_mount(tree.get(), target.get()) < 0) return fail_system(place);
  return {};
}

/// Clones what is mounted at `from` below `directory`, if anything is.
Result<> migrate_mount(int directory, const std::string& from, int cells, const std::string& place) {
  if (is_mount_point(cells, place) || !is_mount_point(directory, from)) return {};
  const Fd tree(sys::open_tree(directory, from.c_str(), OPEN_TREE_CLONE));
  if (!tree) return fail_system(from);
  return attach(cells, tree, place);
}

Fd open_folder(int directory, const char* name) {
  return Fd(::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

Result<> migrate_mounts(const PodMounts& pod, const Fd& proc) {
  if (::setns(pod.pause, CLONE_NEWNS) < 0) return fail_system("enter the pod's mount namespace");
  const Fd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_system("/");
  TRY_VOID(migrate_mount(root.get(), "shm", pod.cells, pod::shared_memory));
  for (const std::string& name : names_in(open_folder(root.get(), "ipc")))
    TRY_VOID(migrate_mount(root.get(), "ipc/" + name, pod.cells, fmt::format("{}/{}", pod::own_shared_memories, name)));
  for (const std::string& name : names_in(open_folder(pod.cells, ".volumes")))
    TRY_VOID(migrate_mount(pod.cells, ".volumes/" + name, pod.cells, fmt::format("{}/{}", pod::memory_volumes, name)));
  if (!proc || is_mount_point(pod.cells, pod::shared_proc)) return {};
  return attach(pod.cells, proc, pod::shared_proc);
}

}  // namespace

bool has_legacy_cells(unsigned version) { return version < first_version_with_current_cells; }

Result<> migrate_legacy_cells(const PodMounts& pod, const Fd& proc) {
  return finish_child_task(TRY(start_child_task([&] { return migrate_mounts(pod, proc); })));
}

}  // namespace podrun::ns
