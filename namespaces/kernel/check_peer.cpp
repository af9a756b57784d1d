// Checks which process is at the other end of a Unix socket.
#include "namespaces/kernel/check_peer.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "pod/spec/namespaces.hpp"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

namespace podrun::ns {
namespace {

/// A pidfd that was not opened by pid, because the pid may have been reused. Before Linux 6.5 there is only the pid.
Fd pidfd_of_peer(int socket, pid_t pid) {
  int fd = -1;
  socklen_t length = sizeof fd;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &fd, &length) == 0) return Fd(fd);
  return errno == ENOPROTOOPT ? Fd(sys::pidfd_open(pid)) : Fd();
}

bool lives(const Fd& pidfd) {
  pollfd ended{pidfd.get(), POLLIN, 0};
  return pidfd && ::poll(&ended, 1, 0) == 0;
}

/// The inode number of a namespace, namespaces(7); 0 if it cannot be read.
ino_t namespace_of(pid_t pid, pod::NamespaceKind kind) {
  struct stat status{};
  return ::stat(fmt::format("/proc/{}/ns/{}", pid, pod::name_of(kind)).c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

Result<> check_peer(int socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return fail_system("SO_PEERCRED");
  if (peer.uid != ::geteuid()) return fail(fmt::format("process {} has the user {}", peer.pid, peer.uid), EPERM);
  const Fd pidfd = pidfd_of_peer(socket, peer.pid);
  const ino_t pids = namespace_of(peer.pid, pod::NamespaceKind::Pid),
              mounts = namespace_of(peer.pid, pod::NamespaceKind::Mnt);
  // The pidfd is asked after the namespaces were read: if the process still lives, its pid was not reused before.
  if (!lives(pidfd) || pids == 0 || mounts == 0) return fail(fmt::format("process {} has ended", peer.pid), ESRCH);
  if (pids != namespace_of(::getpid(), pod::NamespaceKind::Pid))
    return fail(fmt::format("process {} is in another PID namespace", peer.pid), EPERM);
  if (mounts != namespace_of(::getpid(), pod::NamespaceKind::Mnt) && mounts != namespace_of(1, pod::NamespaceKind::Mnt))
    return fail(fmt::format("process {} is in another mount namespace", peer.pid), EPERM);
  return {};
}

}  // namespace podrun::ns
