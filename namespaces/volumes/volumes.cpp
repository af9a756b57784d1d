// The pod's volumes: what is made for them once, on disk and in memory.
#include "namespaces/volumes/volumes.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/host_path.hpp"
#include "namespaces/volumes/atomic_writer.hpp"
#include "pod/plan/enum_names.hpp"

namespace podrun::ns {
namespace {

std::string_view kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR: return "a directory";
    case S_IFREG: return "a file";
    case S_IFSOCK: return "a socket";
    case S_IFCHR: return "a character device";
    case S_IFBLK: return "a block device";
    case S_IFIFO: return "a FIFO";
    case S_IFLNK: return "a link";
    default: return "something else";
  }
}

bool is_of_type(pod::HostPathType type, mode_t mode) {
  switch (type) {
    case pod::HostPathType::Any: return true;
    case pod::HostPathType::DirectoryOrCreate:
    case pod::HostPathType::Directory: return S_ISDIR(mode);
    case pod::HostPathType::FileOrCreate:
    case pod::HostPathType::File: return S_ISREG(mode);
    case pod::HostPathType::Socket: return S_ISSOCK(mode);
    case pod::HostPathType::CharDevice: return S_ISCHR(mode);
    case pod::HostPathType::BlockDevice: return S_ISBLK(mode);
  }
  __builtin_unreachable();
}

Result<> make_missing(const pod::file::CheckHostPath& step) {
  if (step.type == pod::HostPathType::DirectoryOrCreate) return make_host_directories(step.path);
  if (step.type == pod::HostPathType::FileOrCreate) return make_host_file(step.path);
  return {};
}

Result<Fd> new_tmpfs(std::uint64_t bytes, std::uint32_t mode, std::uint32_t group) {
  const Fd context(sys::fsopen("tmpfs"));
  const auto set = [&](const char* key, const std::string& value) {
    return sys::fsconfig_string(context.get(), key, value.c_str()) == 0;
  };
  if (!context || !set("size", std::to_string(bytes)) || !set("mode", fmt::format("{:o}", mode)) ||
      !set("gid", std::to_string(group)) || sys::fsconfig_create(context.get()) < 0)
    return fail_system("tmpfs");
  Fd mount(sys::fsmount(context.get(), MOUNT_ATTR_NODEV));
  if (!mount) return fail_system("tmpfs");
  return mount;
}

Result<Fd> make(const pod::memory::EmptyDir& step) { return new_tmpfs(step.bytes, step.mode, step.group); }
Result<Fd> make(const pod::memory::Files& step) {
  Fd mount = TRY(new_tmpfs(step.bytes, step.files.mode, step.files.group));
  TRY_VOID(write_volume_files(mount.get(), step.files));
  return mount;
}

/// A tmpfs on its way into the pod.
struct Arrival {
  const PodMounts& pod;
  std::string path;  ///< below the cells
  Fd mount;
};

bool is_mount_point(int directory, const std::string& path) {
  struct statx status{};
  return ::statx(directory, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0 &&
         (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/// In a child: only who is in the pod's mount namespace may mount there.
int attach(void* argument) {
  const auto& arrival = *static_cast<const Arrival*>(argument);
  if (::setns(arrival.pod.pause, CLONE_NEWNS) < 0) return errno;
  const int cells = arrival.pod.cells;
  for (const std::string& directory : {std::string(pod::memory_volumes), arrival.path})
    if (::mkdirat(cells, directory.c_str(), 0755) < 0 && errno != EEXIST) return errno;
  const Fd target(::openat(cells, arrival.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return target && sys::move_mount(arrival.mount.get(), target.get()) == 0 ? 0 : errno;
}

}  // namespace

Result<> perform(const pod::file::CheckHostPath& step) {
  const auto refused = [&](std::string_view what) {
    return fail(fmt::format("volume {}: at {} lies {}, not what its type {} says", step.volume, step.path, what,
                            pod::name_of(step.type)));
  };
  const auto look = [&] { return Fd(sys::openat2(AT_FDCWD, step.path.c_str(), O_PATH, RESOLVE_NO_SYMLINKS)); };
  Fd place = look();
  if (!place && errno == ENOENT) {
    const auto made = make_missing(step);
    if (!made && made.error().number != ELOOP) return made;
    place = look();
  }
  if (!place && errno == ENOENT) return refused("nothing");
  if (!place && errno == ELOOP) return refused("a link that leads nowhere, or has been made since the pod's start");
  struct stat status{};
  if (!place || ::fstat(place.get(), &status) < 0)
    return fail_system(fmt::format("volume {}: {}", step.volume, step.path));
  if (!is_of_type(step.type, status.st_mode)) return refused(kind_of(status.st_mode));
  return {};
}

Result<> perform(const pod::file::WriteVolume& step) {
  // There if a supervisor died in this very step.
  TRY_VOID(remove_tree(step.path));
  TRY_VOID(make_directories(step.path, step.files.mode));
  const Fd directory(::open(step.path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return fail_system(step.path);
  if (::fchownat(directory.get(), "", 0, step.files.group, AT_EMPTY_PATH) < 0 ||
      ::chmod(step.path.c_str(), step.files.mode) < 0)
    return fail_system(step.path);
  return write_volume_files(directory.get(), step.files);
}

Result<> perform(const pod::MemoryStep& step, const PodMounts& pod) {
  const auto name = std::visit([](const auto& each) { return each.volume; }, step);
  Arrival arrival{.pod = pod, .path = fmt::format("{}/{}", pod::memory_volumes, name), .mount = {}};
  if (is_mount_point(pod.cells, arrival.path)) return {};
  arrival.mount = TRY(std::visit([](const auto& each) { return make(each); }, step));
  const Process child = TRY(run_in_child(attach, &arrival));
  if (const int status = TRY(wait_for(child)); status != 0) return fail_system("mount", exit_code_of(status));
  return {};
}

}  // namespace podrun::ns
