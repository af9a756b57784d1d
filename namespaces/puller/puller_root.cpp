// The file system that a puller sees.
#include "namespaces/puller/puller_root.hpp"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/new_mount.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/puller/copy_certificates.hpp"
#include "namespaces/puller/puller_protocol.hpp"

namespace podrun::puller {
namespace {

constexpr unsigned locked = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/// What is taken over from the host, read-only, where it is there. A link is followed, but for those at the top, which
/// lead into /usr.
constexpr const char* from_host[] = {
    "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32",
    // names and addresses
    "etc/resolv.conf", "etc/hosts", "etc/nsswitch.conf", "etc/host.conf", "etc/gai.conf", "etc/services",
    // programs
    "etc/ld.so.cache", "etc/ld.so.conf", "etc/ld.so.conf.d", "etc/localtime", "etc/alternatives",
    // registries and certificates
    "etc/containers", "etc/docker/certs.d", "etc/ssl/certs", "etc/ssl/openssl.cnf", "etc/pki", "etc/ca-certificates",
    "etc/crypto-policies",
    "dev/null", "dev/zero", "dev/random", "dev/urandom"};

/// Makes the missing folders above a place, and the place: a folder, or an empty file to mount on.
Result<> make_place(const std::string& place, bool is_folder) {
  for (std::size_t slash = place.find('/'); slash != std::string::npos; slash = place.find('/', slash + 1))
    if (::mkdirat(AT_FDCWD, place.substr(0, slash).c_str(), 0755) < 0 && errno != EEXIST) return fail_system(place);
  if (is_folder)
    return ::mkdirat(AT_FDCWD, place.c_str(), 0755) < 0 && errno != EEXIST ? fail_system(place) : Result<>();
  if (!Fd(::openat(AT_FDCWD, place.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644))) return fail_system(place);
  return {};
}

/// Mounts a detached tree at a place in the new root, which is the working directory.
Result<> attach(int tree, const std::string& place, unsigned attributes) {
  struct stat status;
  if (::fstat(tree, &status) < 0) return fail_system(place);
  TRY_VOID(make_place(place, S_ISDIR(status.st_mode)));
  const mount_attr set{.attr_set = attributes, .attr_clr = 0, .propagation = MS_PRIVATE, .userns_fd = 0};
  if (ns::sys::mount_setattr(tree, AT_RECURSIVE, set) < 0) return fail_system("mount_setattr " + place);
  const Fd target(::openat(AT_FDCWD, place.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW));
  if (!target || ns::sys::move_mount(tree, target.get()) < 0) return fail_system("mount " + place);
  return {};
}

Result<> take_from_host(const std::string& place) {
  const std::string path = "/" + place;
  char target[PATH_MAX] = {};
  if (place.find('/') == std::string::npos && ::readlink(path.c_str(), target, sizeof target - 1) > 0)
    return ::symlinkat(target, AT_FDCWD, place.c_str()) < 0 ? fail_system(place) : Result<>();
  const Fd tree(ns::sys::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | AT_RECURSIVE));
  if (!tree) return errno == ENOENT || errno == ENOTDIR ? Result<>() : fail_system(path);
  const bool is_device = place.starts_with("dev/");
  return attach(tree.get(), place, is_device ? MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC : locked | MOUNT_ATTR_RDONLY);
}

Result<> attach_new(const char* type, const std::string& place, std::span<const ns::MountOption> options) {
  const Fd tree(ns::new_mount(type, locked | MOUNT_ATTR_NOEXEC, options));
  if (!tree) return fail_system(std::string(type) + " at " + place);
  return attach(tree.get(), place, locked | MOUNT_ATTR_NOEXEC);
}

Result<> attach_given(const RootRequest& request) {
  struct stat status;
  if (::fstat(staging_fd, &status) == 0 && S_ISDIR(status.st_mode))
    TRY_VOID(attach(staging_fd, staging_place + 1, locked | MOUNT_ATTR_NOEXEC));
  if (request.source_is_mount)
    TRY_VOID(attach(source_fd, source_place + 1, locked | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY));
  return {};
}

Result<> fill_root(const RootRequest& request) {
  constexpr ns::MountOption proc[] = {{"subset", "pid"}};
  constexpr ns::MountOption small[] = {{"size", "16m"}, {"nr_inodes", "4096"}, {"mode", "1777"}};
  for (const char* place : from_host) TRY_VOID(take_from_host(place));
  TRY_VOID(attach_new("proc", "proc", proc));
  TRY_VOID(attach_new("tmpfs", "tmp", small));
  TRY_VOID(make_place("home", true));
  TRY_VOID(make_place("var", true));
  if (::symlinkat("../tmp", AT_FDCWD, "var/tmp") < 0) return fail_system("/var/tmp");
  if (!request.registry.empty()) TRY_VOID(copy_certificates(request.registry));
  if (!request.certificate_file.empty())
    TRY_VOID(copy_certificate_file(request.certificate_file, certificate_place + 1));
  return attach_given(request);
}

}  // namespace

Result<> enter_root(const RootRequest& request) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return fail_system("/");
  constexpr ns::MountOption options[] = {{"size", "16m"}, {"nr_inodes", "1024"}, {"mode", "0755"}};
  const Fd root(ns::new_mount("tmpfs", locked, options));
  if (!root) return fail_system("tmpfs");
  // The tree must be attached before anything can be mounted in it. The host's /proc is not needed here.
  const Fd proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!proc || ns::sys::move_mount(root.get(), proc.get()) < 0 || ::fchdir(root.get()) < 0) return fail_system("root");
  TRY_VOID(fill_root(request));
  const mount_attr read_only{.attr_set = MOUNT_ATTR_RDONLY, .attr_clr = 0, .propagation = 0, .userns_fd = 0};
  if (ns::sys::mount_setattr(root.get(), 0, read_only) < 0) return fail_system("mount_setattr");
  if (::syscall(SYS_pivot_root, ".", ".") < 0) return fail_system("pivot_root");
  if (::umount2(".", MNT_DETACH) < 0 || ::chdir("/") < 0) return fail_system("the host's root");
  return {};
}

}  // namespace podrun::puller
