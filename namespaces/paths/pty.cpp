// Makes a pseudoterminal in the devpts that a container's processes see.
#include "namespaces/paths/pty.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "namespaces/kernel/new_mount.hpp"
#include "namespaces/paths/open_inside.hpp"

namespace podrun::ns {

Result<Fd> find_devpts(int root) {
  Fd directory(open_inside(root, "dev/pts", O_PATH | O_DIRECTORY));
  if (!directory) return fail_system("/dev/pts");
  // A devpts contains only terminals; in any other file system the container could have made anything.
  struct statfs status{};
  if (::fstatfs(directory.get(), &status) < 0) return fail_system("/dev/pts");
  if (status.f_type != DEVPTS_SUPER_MAGIC) return fail("/dev/pts: no devpts is mounted there");
  return directory;
}

Result<Fd> make_devpts() {
  Fd mount(new_devpts());
  if (!mount) return fail_system("devpts");
  return mount;
}

Result<Pty> open_pty(int devpts, std::uint32_t uid) {
  Fd master(::openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  const int locked = 0;
  if (!master || ::ioctl(master.get(), TIOCSPTLCK, &locked) < 0) return fail_system("/dev/pts/ptmx");
  Fd peer(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!peer || ::fchown(peer.get(), uid, static_cast<gid_t>(-1)) < 0) return fail_system("terminal");
  return Pty{std::move(master), std::move(peer)};
}

}  // namespace podrun::ns
