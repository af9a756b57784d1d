// Certificates of the host that only root may read, for the puller.
#include "namespaces/puller/copy_certificates.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/new_mount.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/puller/puller_protocol.hpp"

namespace podrun::puller {
namespace {

constexpr std::size_t largest_certificates = 4 << 20;
constexpr unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/// A name of a folder, and nothing that leads elsewhere.
bool is_registry(const std::string& name) {
  return name.find('/') == std::string::npos && name != "." && name != "..";
}

Result<> copy_file(int from, const std::string& name, int folder, const std::string& path) {
  const std::string text = TRY(ns::read_all(from, path, largest_certificates));
  const Fd copy(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400));
  if (!copy) return fail_system(path);
  TRY_VOID(ns::write_all(copy.get(), text, path));
  if (::fchown(copy.get(), user_id, user_id) < 0) return fail_system(path);
  return {};
}

Result<> copy_folder(const std::string& path, int target) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  if (!folder) return fail_system(path);
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string name = entry->d_name, whole = path + "/" + name;
    const Fd file(::openat(::dirfd(folder.get()), name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) < 0) return fail_system(whole);
    if (S_ISREG(status.st_mode)) TRY_VOID(copy_file(file.get(), name, target, whole));
  }
  return {};
}

}  // namespace

Result<> copy_certificates(const std::string& registry) {
  if (!is_registry(registry)) return {};
  for (const std::string above : {"etc/containers/certs.d/", "etc/docker/certs.d/"}) {
    const std::string place = above + registry;
    const Fd target(::openat(AT_FDCWD, place.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!target) continue;
    constexpr ns::MountOption options[] = {{"size", "16m"}, {"nr_inodes", "1024"}, {"mode", "0755"}};
    const Fd copies(ns::new_mount("tmpfs", attributes, options));
    if (!copies) return fail_system("tmpfs");
    TRY_VOID(copy_folder("/" + place, copies.get()));
    if (ns::sys::move_mount(copies.get(), target.get()) < 0) return fail_system(place);
  }
  return {};
}

Result<> copy_certificate_file(const std::string& path, const std::string& place) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return fail_system("SSL_CERT_FILE: " + path);
  return copy_file(file.get(), place, AT_FDCWD, path);
}

}  // namespace podrun::puller
