// A pseudoterminal in the devpts that a container's processes see.
#include "namespaces/pty.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "namespaces/target.hpp"

namespace podrun::ns {

Result<Pty> open_pty(int root, std::uint32_t uid) {
  const Fd directory(open_inside(root, "dev/pts", O_PATH | O_DIRECTORY));
  if (!directory) return fail_system("/dev/pts");
  // In a devpts there are terminals and nothing else; anywhere else the container could have put anything.
  struct statfs status{};
  if (::fstatfs(directory.get(), &status) < 0) return fail_system("/dev/pts");
  if (status.f_type != DEVPTS_SUPER_MAGIC) return fail("/dev/pts: no devpts is mounted there");
  Fd master(::openat(directory.get(), "ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  const int locked = 0;
  if (!master || ::ioctl(master.get(), TIOCSPTLCK, &locked) < 0) return fail_system("/dev/pts/ptmx");
  Fd peer(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!peer || ::fchown(peer.get(), uid, static_cast<gid_t>(-1)) < 0) return fail_system("terminal");
  return Pty{std::move(master), std::move(peer)};
}

}  // namespace podrun::ns
