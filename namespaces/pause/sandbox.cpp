// The sandbox steps, which the pause performs on itself.
#include "namespaces/pause/sandbox.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/mount.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/pause/init.hpp"

namespace podrun::pause {
namespace {

constexpr unsigned long hardened = MS_NOSUID | MS_NODEV | MS_NOEXEC;

int mount_tmpfs(const char* name, const char* target, unsigned long flags, const char* options) {
  return mount(name, target, "tmpfs", flags, options) < 0 ? errno : 0;
}

/// Makes a new tmpfs the root and detaches everything of the host's.
int leave_host_root() {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return errno;
  // Any directory can be the place to mount it on; /proc exists on every host that podrun can run on.
  if (int error = mount_tmpfs("podrun", "/proc", hardened, "mode=755,size=64k")) return error;
  if (chdir("/proc") < 0) return errno;
  if (syscall(SYS_pivot_root, ".", ".") < 0) return errno;
  if (umount2(".", MNT_DETACH) < 0) return errno;
  return chdir("/") < 0 ? errno : 0;
}

/// Makes the pod's root, which is read-only. /c holds the containers' roots and what else the pod has; it is opened and
/// then covered.
int make_root(int* cells) {
  if (int error = leave_host_root()) return error;
  if (mkdir("/c", 0755) < 0) return errno;
  if (int error = mount_tmpfs("cells", "/c", hardened, "mode=755,size=64k")) return error;
  *cells = open("/c", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (*cells < 0 || dup3(*cells, cells_fd, O_CLOEXEC) < 0) return errno;
  if (int error = mount_tmpfs("cover", "/c", hardened | MS_RDONLY, "mode=555,size=4k")) return error;
  return mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | hardened, nullptr) < 0 ? errno : 0;
}

/// Mounts the pod's shared memory at _shm among the cells, or a container's at _ipc/NAME.
int make_shared_memory(int64_t bytes, const char* container) {
  char options[64], path[sizeof Message::name + 8] = "_shm";
  snprintf(options, sizeof options, "mode=1777,size=%lld", static_cast<long long>(bytes));
  if (*container != '\0') {
    snprintf(path, sizeof path, "_ipc/%s", container);
    if (mkdirat(cells_fd, "_ipc", 0755) < 0 && errno != EEXIST) return errno;
  }
  return mount_among_cells("shm", path, "tmpfs", hardened, options);
}

/// Writes a setting, for example "net/ipv4/ip_forward=1", below `directory`.
int write_sysctl(int directory, const Message& step) {
  char path[sizeof step.name];
  strcpy(path, step.name);
  char* value = strchr(path, '=');
  if (value == nullptr) return EINVAL;
  *value++ = '\0';
  int fd = openat(directory, path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  int error = write(fd, value, strlen(value)) < 0 ? errno : 0;
  close(fd);
  return error;
}

}  // namespace

int mount_among_cells(const char* name, const char* path, const char* type, unsigned long flags, const char* options) {
  if (mkdirat(cells_fd, path, 0755) < 0 || fchdir(cells_fd) < 0) return errno;
  // A path that begins in the working directory goes beneath the cover.
  const int error = mount(name, path, type, flags, options) < 0 ? errno : 0;
  return chdir("/") < 0 ? errno : error;
}

int do_sandbox_step(const Message& step, int aux_fd, char** argv, int* made) {
  switch (static_cast<SandboxOp>(step.a)) {
    case SandboxOp::Unshare: return unshare(static_cast<int>(step.value)) < 0 ? errno : 0;
    case SandboxOp::Root: return make_root(made);
    case SandboxOp::SharedMemory: return make_shared_memory(step.value, step.name);
    case SandboxOp::Loopback: return helper::bring_loopback_up();
    case SandboxOp::Hostname: return sethostname(step.name, strnlen(step.name, sizeof step.name)) < 0 ? errno : 0;
    case SandboxOp::Sysctl: return write_sysctl(aux_fd, step);
    case SandboxOp::Init: return (*made = start_init(static_cast<int>(step.value), aux_fd, argv)) < 0 ? errno : 0;
  }
  return EOPNOTSUPP;  // a step of a newer supervisor
}

}  // namespace podrun::pause
