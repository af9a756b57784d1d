// A descriptor that a short-lived process makes.
#include "namespaces/kernel/fd_from_child.hpp"

#include <sys/socket.h>

#include <cerrno>

#include "namespaces/kernel/process.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::ns {
namespace {

struct Order {
  const std::function<Result<Fd>()>& make;
  int socket;
};

int make_and_send(void* argument) {
  const auto& order = *static_cast<const Order*>(argument);
  const Result<Fd> made = order.make();
  if (!made) return made.error().number;
  const int fd = made->get();
  return pause::send_message(order.socket, {.op = pause::Op::Hold}, &fd, 1) ? 0 : errno;
}

}  // namespace

Result<Fd> fd_from_child(const std::string& what, const std::function<Result<Fd>()>& make, int cgroup) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return fail_system("socketpair");
  const Fd ours(pair[0]), theirs(pair[1]);
  Order order{make, theirs.get()};
  const Process child = TRY(run_in_child(make_and_send, &order, cgroup));
  if (const int status = TRY(wait_for(child)); status != 0) return fail_system(what, exit_code_of(status));
  pause::Message message{};
  int fds[pause::max_descriptors];
  unsigned count = 0;
  if (!pause::receive_message(ours.get(), message, fds, count, MSG_DONTWAIT) || count != 1)
    return fail(what + ": nothing came back");
  return Fd(fds[0]);
}

}  // namespace podrun::ns
