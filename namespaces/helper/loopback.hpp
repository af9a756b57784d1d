// The loopback interface of a new network namespace. libc alone, no heap.
#pragma once

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace podrun::helper {

/// Brings "lo" up in the caller's network namespace, netdevice(7). Returns 0 or an errno.
inline int bring_loopback_up() noexcept {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  struct ifreq request = {};
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const int error = ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? errno : 0;
  close(fd);
  return error;
}

}  // namespace podrun::helper
