// Waits until an interface is up, or gone.
#include "namespaces/network/link_state.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "namespaces/network/network_steps.hpp"
#include "namespaces/netlink/route_messages.hpp"

namespace podrun::ns {
namespace {

using Clock = std::chrono::steady_clock;

/// The state of the interface. The kernel answers when no interface is being removed, so that routes by an absent one
/// are gone, too. Before it answers it lets an interface that has just got its other end send (since Linux 6.8).
Result<LinkState> state_of(NetlinkSocket& socket, const std::string& interface) {
  LinkState state = LinkState::Absent;
  const auto answered = socket.ask(question_about_interface(interface), [&](const NetlinkReply& reply) {
    const auto operation = find_value<std::uint8_t>(reply.attributes_after<ifinfomsg>(), IFLA_OPERSTATE);
    state = operation == IF_OPER_UP ? LinkState::Up : LinkState::Down;
  });
  if (!answered && answered.error().number != ENODEV) return std::unexpected(answered.error());
  return state;
}

/// Waits for news about interfaces, and forgets what they say: a full queue loses some of it.
Result<bool> hear_news(int socket, Clock::time_point end) {
  const auto rest = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
  pollfd waiting{.fd = socket, .events = POLLIN};
  const int ready = ::poll(&waiting, 1, static_cast<int>(std::max<std::int64_t>(rest.count(), 0)));
  if (ready < 0 && errno != EINTR) return fail_system("wait for news about interfaces");
  char ignored = 0;
  while (::recv(socket, &ignored, sizeof ignored, MSG_DONTWAIT | MSG_TRUNC) >= 0 || errno == ENOBUFS) {
  }
  return ready != 0;
}

}  // namespace

Result<> wait_for_link(NetlinkSocket& socket, const std::string& interface, LinkState wanted,
                       std::chrono::milliseconds timeout) {
  if (TRY(state_of(socket, interface)) == wanted) return {};
  const auto end = Clock::now() + timeout;
  const NetlinkSocket news = TRY(NetlinkSocket::open(NETLINK_ROUTE, RTMGRP_LINK));
  while (TRY(state_of(socket, interface)) != wanted) {
    const bool has_heard = TRY(hear_news(news.get(), end));
    if (has_heard) continue;
    const auto what = wanted == LinkState::Absent ? "wait for the end of the interface " : "wait for the interface ";
    return fail_system(what + interface, ETIMEDOUT);
  }
  return {};
}

Result<> wait_for_link_end(const std::string& interface, std::chrono::milliseconds timeout) {
  NetlinkSocket socket = TRY(NetlinkSocket::open(NETLINK_ROUTE));
  return wait_for_link(socket, interface, LinkState::Absent, timeout);
}

}  // namespace podrun::ns
