// The folders of the image store.
#include "namespaces/images/store_folders.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"

namespace podrun::ns {
namespace {

constexpr mode_t folder_mode = 0700, file_mode = 0600;

struct Folder {
  const char* name;
  Fd StoreFolders::*fd;
};

constexpr Folder all_folders[] = {{"layers", &StoreFolders::layers},
                                  {"images", &StoreFolders::images},
                                  {"names", &StoreFolders::names},
                                  {"staging", &StoreFolders::staging}};

Fd open_folder(int directory, const char* name) {
  return Fd(::openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// mkdirat(2) with exactly that mode. Only root can write to the store, so nobody exchanges it meanwhile.
Result<> make_folder(const Fd& directory, const char* name, const std::string& path) {
  if (::mkdirat(directory.get(), name, folder_mode) < 0 && errno != EEXIST) return fail_system(path);
  const Fd made = open_folder(directory.get(), name);
  if (!made || ::fchmod(made.get(), folder_mode) < 0) return fail_system(path);
  return {};
}

}  // namespace

std::string StoreFolders::path_of(std::string_view folder, std::string_view name) const {
  return fmt::format("{}/{}/{}", path, folder, name);
}

Result<std::optional<StoreFolders>> open_store_folders(const std::string& path) {
  StoreFolders folders{.path = path};
  folders.top = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folders.top && errno == ENOENT) return std::nullopt;
  if (!folders.top) return fail_system(path);
  for (const auto& [name, fd] : all_folders) {
    folders.*fd = open_folder(folders.top.get(), name);
    if (!(folders.*fd) && errno == ENOENT) return std::nullopt;  // its maker was killed, or is at it
    if (!(folders.*fd)) return fail_system(fmt::format("{}/{}", path, name));
  }
  return folders;
}

Result<StoreFolders> make_store_folders(const std::string& path) {
  if (auto there = TRY(open_store_folders(path))) return std::move(*there);
  TRY_VOID(make_directories(path, folder_mode));
  const Fd top(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return fail_system(path);
  for (const auto& [name, fd] : all_folders) TRY_VOID(make_folder(top, name, fmt::format("{}/{}", path, name)));
  if (auto made = TRY(open_store_folders(path))) return std::move(*made);
  return fail_system(path, ENOENT);
}

Result<Fd> open_lock_file(const StoreFolders& folders, const char* name) {
  Fd file(::openat(folders.top.get(), name, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!file && errno == ENOENT) {
    file = Fd(::openat(folders.top.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, file_mode));
    if (file && ::fchmod(file.get(), file_mode) < 0) file.reset();  // the umask
  }
  if (!file) return fail_system(fmt::format("{}/{}", folders.path, name));
  return file;
}

Result<Fd> lock_store(const StoreFolders& folders, StoreAccess access) {
  Fd lock = TRY(open_lock_file(folders, "lock"));
  while (::flock(lock.get(), access == StoreAccess::Read ? LOCK_SH : LOCK_EX) < 0)
    if (errno != EINTR) return fail_system(folders.path + "/lock");
  return lock;
}

Result<std::string> read_in(const Fd& folder, const std::string& name, const std::string& path, std::size_t limit) {
  const Fd file(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return fail_system(path);
  return read_all(file.get(), path, limit);
}

Result<> write_durably(int folder, const std::string& name, std::string_view text, const std::string& path) {
  const Fd file(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode));
  if (!file || ::fchmod(file.get(), file_mode) < 0) return fail_system(path);
  TRY_VOID(write_all(file.get(), text, path));
  if (::fsync(file.get()) < 0) return fail_system(path);
  return {};
}

Result<> sync_folder(const Fd& folder, const std::string& path) {
  if (::fsync(folder.get()) < 0) return fail_system(path);
  return {};
}

}  // namespace podrun::ns
