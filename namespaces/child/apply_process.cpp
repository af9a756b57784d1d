// The child steps that decide what the process is: signals, session, descriptors, and the exec.
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "namespaces/child/apply.hpp"
#include "namespaces/helper/exec_path.hpp"
#include "namespaces/helper/process_steps.hpp"
#include "namespaces/kernel/new_mount.hpp"

namespace podrun::ns {
namespace {

bool is_null_device(int fd) noexcept {
  struct stat status;
  return ::fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(1, 3);
}

/// Opens the null device of a new tmpfs, which lasts as long as the descriptor. Returns -1 with errno.
int open_new_null_device() noexcept {
  constexpr MountOption options[] = {{"mode", "755"}, {"size", "4k"}};
  const int mount = new_mount("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, options);
  if (mount < 0) return -1;
  int null = -1;
  if (::mknodat(mount, "null", S_IFCHR | 0666, ::makedev(1, 3)) == 0)
    null = ::openat(mount, "null", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  const int error = errno;
  ::close(mount);
  errno = error;
  return null;
}

/// Opens the container's /dev/null. Where a volume lies, anything can be in its place, and devices may be refused: then
/// it is a new one. O_NONBLOCK: the open must not wait for the writer of a FIFO.
int open_null_device() noexcept {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (null >= 0 && is_null_device(null) && ::fcntl(null, F_SETFL, 0) == 0) return null;
  if (null >= 0) ::close(null);
  return open_new_null_device();
}

/// Closes every descriptor of [first, last].
bool close_between(unsigned first, unsigned last) noexcept {
  return first > last || ::syscall(SYS_close_range, first, last, 0) == 0;
}

}  // namespace

int apply(const pod::step::ResetSignals&, const ChildContext&) noexcept {
  struct sigaction dismissed{};
  dismissed.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &dismissed, nullptr);  // EINVAL for KILL and STOP
  sigset_t none;
  ::sigemptyset(&none);
  return ::sigprocmask(SIG_SETMASK, &none, nullptr) < 0 ? errno : 0;
}

int apply(const pod::step::NotDumpable&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? errno : 0;
}

int apply(const pod::step::NewSession&, const ChildContext&) noexcept {
  if (::setsid() < 0) return errno;
  ::umask(0022);
  // A kernel without keyrings has no session keyring that could leak.
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) < 0 && errno != ENOSYS) return errno;
  return 0;
}

int apply(const pod::step::ResetOomScore&, const ChildContext&) noexcept {
  const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (score < 0) return errno;
  const int error = ::write(score, "0", 1) == 1 || errno == EACCES || errno == EPERM ? 0 : errno;
  ::close(score);
  return error;
}

int apply(const pod::step::ConnectStdio& step, const ChildContext& context) noexcept {
  const int null = open_null_device();
  if (null < 0) return errno;
  if (::dup2(null, STDIN_FILENO) < 0) return errno;
  if (::dup2(context.descriptors[step.out], STDOUT_FILENO) < 0) return errno;
  return ::dup2(context.descriptors[step.err], STDERR_FILENO) < 0 ? errno : 0;
}

int apply(const pod::step::ConnectInput& step, const ChildContext& context) noexcept {
  return ::dup2(context.descriptors[step.in], STDIN_FILENO) < 0 ? errno : 0;
}

int apply(const pod::step::ConnectTerminal& step, const ChildContext& context) noexcept {
  const int terminal = context.descriptors[step.terminal];
  if (!context.through_entry && ::ioctl(terminal, TIOCSCTTY, 0) < 0) return errno;
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::dup2(terminal, standard) < 0) return errno;
  return 0;
}

int apply(const pod::step::CloseDescriptors&, const ChildContext& context) noexcept {
  const auto [first, second] = std::minmax({static_cast<unsigned>(context.descriptors[pod::slot::gate]),
                                            static_cast<unsigned>(context.descriptors[pod::slot::report])});
  const bool closed =
      close_between(3, first - 1) && close_between(first + 1, second - 1) && close_between(second + 1, ~0U);
  return closed ? 0 : errno;
}

int apply(const pod::step::Gate& step, const ChildContext& context) noexcept {
  return helper::wait_at_gate(context.descriptors[step.gate]);
}

int apply(const pod::step::Exec&, const ChildContext& context) noexcept {
  return exec_along(context.search_path, context.argv, context.envp);
}

}  // namespace podrun::ns
