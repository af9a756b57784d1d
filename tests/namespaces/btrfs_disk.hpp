// A btrfs file system in a file.
#pragma once

#include <fcntl.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"

extern char** environ;

namespace podrun::ns {

/// What this machine lacks for one; "" if nothing.
inline std::string lacks_btrfs() {
  if (::access("/dev/loop-control", R_OK | W_OK) < 0) return "there are no loop devices";
  if (::access("/sbin/mkfs.btrfs", X_OK) < 0) return "btrfs-progs is not installed";
  std::ifstream known("/proc/filesystems");
  for (std::string line; std::getline(known, line);)
    if (line.ends_with("\tbtrfs")) return "";
  return "this kernel has no btrfs";
}

/// Runs a program and returns its exit status.
inline int run_program(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t pid = 0;
  int status = -1;
  if (::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return -1;
  return ::waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Makes a file system in IMAGE and mounts it at PLACE, in the caller's mount namespace. The loop device is released
/// with the mount. Returns an error message, or "".
inline std::string mount_new_btrfs(const std::string& image, const std::string& place) {
  const Fd file(::open(image.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file || ::ftruncate(file.get(), 128 << 20) < 0) return "no image";
  if (run_program({"/sbin/mkfs.btrfs", "-q", image}) != 0) return "mkfs.btrfs failed";
  const Fd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  for (int tries = 0; tries < 100; ++tries) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    const std::string device = fmt::format("/dev/loop{}", number);
    const Fd loop(::open(device.c_str(), O_RDWR | O_CLOEXEC));
    loop_config config{};
    config.fd = static_cast<unsigned>(file.get());
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
    if (!loop || ::ioctl(loop.get(), LOOP_CONFIGURE, &config) < 0) continue;  // another process has taken it
    return ::mount(device.c_str(), place.c_str(), "btrfs", 0, nullptr) == 0
               ? ""
               : fmt::format("mount: {}", ::strerror(errno));
  }
  return "no loop device is free";
}

}  // namespace podrun::ns
