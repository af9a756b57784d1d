// The plan's file steps.
#include "namespaces/volumes/file_steps.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/host_path.hpp"
#include "namespaces/paths/remove_tree.hpp"
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

/// What a type wants at its path, for messages.
std::string_view wanted_by(pod::HostPathType type) {
  switch (type) {
    case pod::HostPathType::Any: return "anything";
    case pod::HostPathType::DirectoryOrCreate:
    case pod::HostPathType::Directory: return "a directory";
    case pod::HostPathType::FileOrCreate:
    case pod::HostPathType::File: return "a file";
    case pod::HostPathType::Socket: return "a socket";
    case pod::HostPathType::CharDevice: return "a character device";
    case pod::HostPathType::BlockDevice: return "a block device";
  }
  __builtin_unreachable();
}

/// What can be done about a path that does not exist.
std::string remedy_for(pod::HostPathType type) {
  if (type == pod::HostPathType::Directory) return " (type: DirectoryOrCreate makes it)";
  if (type == pod::HostPathType::File) return " (type: FileOrCreate makes it)";
  return fmt::format(" (its type {} wants {})", pod::name_of(type), wanted_by(type));
}

/// Whether there is a directory in which a file can be made.
bool has_directory(const std::string& path) {
  const std::string directory = path.substr(0, path.rfind('/') + 1);
  return Fd(sys::openat2(AT_FDCWD, directory.c_str(), O_PATH | O_DIRECTORY, 0)) || errno != ENOENT;
}

std::unexpected<Error> without_directory(const pod::file::CheckHostPath& step) {
  return fail(
      fmt::format("volume {}: hostPath {} cannot be made: its directory does not exist", step.volume, step.path));
}

Result<> make_missing(const pod::file::CheckHostPath& step) {
  const bool makes_file = step.type == pod::HostPathType::FileOrCreate;
  const bool makes_directory = step.type == pod::HostPathType::DirectoryOrCreate || step.type == pod::HostPathType::Any;
  if (!makes_file && !makes_directory) return {};
  if (makes_file && !has_directory(step.path)) return without_directory(step);
  const auto made = makes_file ? make_host_file(step.path) : make_host_directories(step.path);
  if (made || made.error().number != ENOENT) return made;
  // A file system such as /proc takes no directories: "does not exist" would not say that podrun has tried.
  const std::string& why = made.error().message;
  return fail(fmt::format("volume {}: hostPath {} cannot be made: {}", step.volume, step.path, why));
}

Fd open_host_path(const pod::file::CheckHostPath& step) {
  return Fd(sys::openat2(AT_FDCWD, step.path.c_str(), O_PATH, RESOLVE_NO_SYMLINKS));
}

/// Checks what has been opened at a hostPath; `place` is empty, with errno, if it could not be opened.
Result<> check_type(const pod::file::CheckHostPath& step, const Fd& place) {
  const std::string name = fmt::format("volume {}: hostPath {}", step.volume, step.path);
  if (!place && errno == ENOENT) return fail(name + " does not exist" + remedy_for(step.type));
  if (!place && errno == ELOOP) return fail(name + " is a link that leads nowhere, or was made since the pod's start");
  struct stat status{};
  if (!place || ::fstat(place.get(), &status) < 0) return fail_system(name);
  if (!is_of_type(step.type, status.st_mode))
    return fail(fmt::format("{} is {}, and its type {} wants {}", name, kind_of(status.st_mode),
                            pod::name_of(step.type), wanted_by(step.type)));
  return {};
}

}  // namespace

Result<> perform(const pod::file::MakeDirectory& step) {
  struct stat status{};
  const bool is_there = ::lstat(step.path.c_str(), &status) == 0;
  TRY_VOID(make_directories(step.path, step.mode));
  if (is_there || step.group == 0) return {};
  // The mode is set again, because a change of group may clear setgid.
  if (::lchown(step.path.c_str(), 0, step.group) < 0 || ::chmod(step.path.c_str(), step.mode) < 0)
    return fail_system(step.path);
  return {};
}

Result<> perform(const pod::file::Write& step) { return write_file(step.path, step.content, step.mode); }

Result<> perform(const pod::file::CheckHostPath& step) {
  Fd place = open_host_path(step);
  if (!place && errno == ENOENT) {
    const auto made = make_missing(step);
    if (!made && made.error().number != ELOOP) return made;
    place = open_host_path(step);
  }
  return check_type(step, place);
}

std::string host_path_fault(const pod::file::CheckHostPath& step) {
  const Fd place = open_host_path(step);
  if (!place && errno == EACCES) return "";
  const bool makes_directory =
      step.type == pod::HostPathType::DirectoryOrCreate || step.type == pod::HostPathType::Any;
  if (!place && errno == ENOENT && makes_directory) return "";
  if (!place && errno == ENOENT && step.type == pod::HostPathType::FileOrCreate)
    return has_directory(step.path) ? "" : without_directory(step).error().message;
  const auto checked = check_type(step, place);
  return checked ? "" : checked.error().message;
}

Result<> perform(const pod::file::WriteVolume& step) {
  // A supervisor that died in this step may have left it.
  TRY_VOID(remove_tree(step.path));
  TRY_VOID(make_directories(step.path, step.files.mode));
  const Fd directory(::open(step.path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!directory) return fail_system(step.path);
  if (::fchownat(directory.get(), "", 0, step.files.group, AT_EMPTY_PATH) < 0 ||
      ::chmod(step.path.c_str(), step.files.mode) < 0)
    return fail_system(step.path);
  return write_volume_files(directory.get(), step.files);
}

Result<> perform(const pod::FileStep& step) {
  return std::visit([](const auto& each) { return perform(each); }, step);
}

}  // namespace podrun::ns
