// The pod's volumes in memory.
#include "namespaces/volumes/memory_volumes.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/mount_point.hpp"
#include "namespaces/kernel/new_mount.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/volumes/atomic_writer.hpp"

namespace podrun::ns {
namespace {

Result<Fd> new_tmpfs(std::uint64_t bytes, std::uint32_t mode, std::uint32_t group) {
  const std::string size = std::to_string(bytes), octal = fmt::format("{:o}", mode), gid = std::to_string(group);
  const MountOption options[] = {{"size", size.c_str()}, {"mode", octal.c_str()}, {"gid", gid.c_str()}};
  Fd mount(new_mount("tmpfs", MOUNT_ATTR_NODEV, options));
  if (!mount) return fail_system("tmpfs");
  return mount;
}

Result<Fd> make(const pod::memory::EmptyDir& step) { return new_tmpfs(step.bytes, step.mode, step.group); }
Result<Fd> make(const pod::memory::Files& step) {
  Fd mount = TRY(new_tmpfs(step.bytes, step.files.mode, step.files.group));
  TRY_VOID(write_volume_files(mount.get(), step.files));
  return mount;
}

/// A new tmpfs, and where in the pod it is to be attached.
struct VolumeMount {
  const PodMounts& pod;
  std::string path;  ///< below the cells
  Fd mount;
};

/// Runs in a child, because only a process in the pod's mount namespace may mount there. Returns 0 or an errno.
int attach(const VolumeMount& volume) {
  if (::setns(volume.pod.pause, CLONE_NEWNS) < 0) return errno;
  const int cells = volume.pod.cells;
  for (const std::string& directory : {std::string(pod::memory_volumes), volume.path})
    if (::mkdirat(cells, directory.c_str(), 0755) < 0 && errno != EEXIST) return errno;
  const Fd target(::openat(cells, volume.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return target && sys::move_mount(volume.mount.get(), target.get()) == 0 ? 0 : errno;
}

}  // namespace

Result<> perform(const pod::MemoryStep& step, const PodMounts& pod) {
  const auto name = std::visit([](const auto& each) { return each.volume; }, step);
  VolumeMount volume{.pod = pod, .path = fmt::format("{}/{}", pod::memory_volumes, name), .mount = {}};
  if (is_mount_point(pod.cells, volume.path)) return {};
  volume.mount = TRY(std::visit([](const auto& each) { return make(each); }, step));
  return run_in_child_to_end("mount", [&] { return attach(volume); });
}

}  // namespace podrun::ns
