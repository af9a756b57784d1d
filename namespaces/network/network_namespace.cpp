// Work in another network namespace.
#include "namespaces/network/network_namespace.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <cstdlib>
#include <optional>

namespace podrun::ns {
namespace {

// PIDFD_GET_NET_NAMESPACE of linux/pidfd.h, which Debian's headers do not have yet.
constexpr unsigned long pidfd_get_net_namespace = _IO(0xFF, 4);

/// Returns to a network namespace at the end of its scope, also by an exception.
class WayBack {
 public:
  explicit WayBack(Fd home) : home_(std::move(home)) {}
  WayBack(const WayBack&) = delete;
  WayBack& operator=(const WayBack&) = delete;
  ~WayBack() {
    if (::setns(home_.get(), CLONE_NEWNET) != 0) std::abort();
  }

 private:
  Fd home_;
};

}  // namespace

Result<> in_network_namespace(int network_namespace, const std::function<Result<>()>& work) {
  Fd home(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home) return fail_system("open the host's network namespace");
  if (::setns(network_namespace, CLONE_NEWNET) != 0) return fail_system("enter the pod's network namespace");
  const WayBack way_back(std::move(home));
  return work();
}

Result<NetlinkSocket> open_route_socket_in(int network_namespace) {
  std::optional<NetlinkSocket> socket;
  TRY_VOID(in_network_namespace(network_namespace, [&]() -> Result<> {
    socket = TRY(NetlinkSocket::open(NETLINK_ROUTE));
    return {};
  }));
  return std::move(*socket);
}

Result<Fd> open_network_namespace(int network_namespace) {
  if (::ioctl(network_namespace, NS_GET_NSTYPE) == CLONE_NEWNET) {
    Fd copy(::fcntl(network_namespace, F_DUPFD_CLOEXEC, 0));
    return copy ? Result<Fd>(std::move(copy)) : fail_system("copy a descriptor of the pod's network namespace");
  }
  // Before Linux 6.11 a pidfd does not tell its namespaces, but a socket tells its own.
  Fd found(::ioctl(network_namespace, pidfd_get_net_namespace, 0));
  if (found) return found;
  const NetlinkSocket inside = TRY(open_route_socket_in(network_namespace));
  found = Fd(::ioctl(inside.get(), SIOCGSKNS));
  return found ? Result<Fd>(std::move(found)) : fail_system("find the pod's network namespace");
}

}  // namespace podrun::ns
