// The event loop of a forwarder.
#include "namespaces/forwarder/forwarder.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>

#include "namespaces/forwarder/socket_options.hpp"

namespace podrun::forwarder {
namespace {

constexpr int events_at_once = 256;
/// Descriptors for what else there is; and for sessions, at least.
constexpr uint64_t aside = 16, aside_for_sessions = 1024;

uint64_t at_most(uint64_t value, uint64_t limit) { return value < limit ? value : limit; }

}  // namespace

int Forwarder::set_up(const Times& times) {
  uint32_t seed = 0;
  if (getrandom(&seed, sizeof seed, 0) < 0) return errno;
  poller_.fd = epoll_create1(EPOLL_CLOEXEC);
  if (poller_.fd < 0) return errno;
  connections_.set_up(poller_, int64_t{times.connect} * 1000);
  datagrams_.set_up(poller_, int64_t{times.session} * 1000, seed);
  idle_ = int64_t{times.idle} * 1000;
  return 0;
}

void Forwarder::share_out(uint64_t descriptors) {
  uint64_t taken = aside + sockets_;
  if (has_datagrams_) taken += at_most(descriptors / 8, aside_for_sessions);
  const uint64_t room = descriptors > taken + 2 ? descriptors - taken : 2;
  connections_.limit_to(static_cast<unsigned>(at_most(room / 2, max_connections)));
}

int Forwarder::add(int fd, const Target& target) {
  ++sockets_;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return errno;
  if (target.protocol != IPPROTO_UDP) {
    set_stream_options(fd, target.protocol);
    return connections_.add_listener(fd, target);
  }
  has_datagrams_ = true;
  set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
  set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  return datagrams_.add_port(fd, target);
}

void Forwarder::handle(const epoll_event& event) {
  const uint32_t index = index_of(event);
  switch (source_of(event)) {
    case Source::Listener: return connections_.on_listener(index);
    case Source::Client:
    case Source::Target: return connections_.on_event(source_of(event), index, event.events);
    case Source::Port: return datagrams_.on_port(index);
    case Source::Session: return datagrams_.on_session(index);
  }
}

int Forwarder::wait_time(int64_t now) const {
  if (connections_.has_turns()) return 0;
  int64_t until = connections_.count() + datagrams_.count() == 0 ? idle_until_ : never;
  if (connections_.next_tick() < until) until = connections_.next_tick();
  if (datagrams_.next_tick() < until) until = datagrams_.next_tick();
  if (until == never) return -1;
  return until <= now ? 0 : static_cast<int>(at_most(static_cast<uint64_t>(until - now), 1'000'000));
}

// Connections and datagrams that come after the last look stay in the sockets, which others hold as well: they see them
// there.
int Forwarder::run() {
  epoll_event events[events_at_once];
  int64_t now = monotonic_now();
  idle_until_ = now + idle_;
  for (;;) {
    const int count = epoll_wait(poller_.fd, events, events_at_once, wait_time(now));
    if (count < 0 && errno != EINTR) return cannot_run;
    now = monotonic_now();
    connections_.set_time(now);
    datagrams_.set_time(now);
    for (int i = 0; i < count; ++i) handle(events[i]);
    connections_.turns();
    connections_.tick();
    datagrams_.tick();
    connections_.recycle();
    if (count > 0 || connections_.count() + datagrams_.count() > 0) idle_until_ = now + idle_;
    else if (now >= idle_until_) return idle;
  }
}

}  // namespace podrun::forwarder
