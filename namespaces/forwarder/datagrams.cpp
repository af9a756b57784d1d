// Sessions of datagrams.
#include "namespaces/forwarder/datagrams.hpp"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace podrun::forwarder {
namespace {

constexpr int datagrams_a_turn = 64, replies_a_turn = 16;

/// Room for the control message with the local address of either family.
union Control {
  cmsghdr header;
  char room[CMSG_SPACE(sizeof(in6_pktinfo))];
};

msghdr message_of(iovec& part, SocketAddress& client, Control& control) {
  msghdr message = {};
  message.msg_name = &client;
  message.msg_namelen = sizeof client;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.room;
  message.msg_controllen = sizeof control.room;
  return message;
}

/// The address that a datagram was sent to.
in6_addr local_address(msghdr& message) {
  in6_addr local = {};
  for (cmsghdr* item = CMSG_FIRSTHDR(&message); item != nullptr; item = CMSG_NXTHDR(&message, item)) {
    if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      memcpy(&local, &info.ipi_addr, sizeof info.ipi_addr);
    } else if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      memcpy(&info, CMSG_DATA(item), sizeof info);
      local = info.ipi6_addr;
    }
  }
  return local;
}

template <typename Info>
void put(msghdr& message, int level, int type, const Info& info) {
  message.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* const item = CMSG_FIRSTHDR(&message);
  item->cmsg_level = level;
  item->cmsg_type = type;
  item->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(item), &info, sizeof info);
}

/// What of a client tells it from others: the fields that the kernel does not set may differ.
bool is_same(const Ends& one, const Ends& other) {
  if (one.port != other.port || memcmp(&one.local, &other.local, sizeof one.local) != 0) return false;
  const SocketAddress &a = one.client, &b = other.client;
  if (a.any.sa_family != b.any.sa_family) return false;
  if (a.any.sa_family == AF_INET)
    return a.v4.sin_port == b.v4.sin_port && a.v4.sin_addr.s_addr == b.v4.sin_addr.s_addr;
  return a.v6.sin6_port == b.v6.sin6_port && memcmp(&a.v6.sin6_addr, &b.v6.sin6_addr, sizeof a.v6.sin6_addr) == 0;
}

uint32_t mixed(uint32_t hash, const void* data, size_t size) {
  const auto* const bytes = static_cast<const unsigned char*>(data);
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 16777619U;
  return hash;
}

}  // namespace

void Datagrams::set_up(const Poller& poller, int64_t lifetime, uint32_t seed) {
  poller_ = poller;
  lifetime_ = lifetime;
  seed_ = seed;
  for (uint32_t& bucket : buckets_) bucket = none;
  free_ = none;
  next_expiry_ = never;
}

int Datagrams::add_port(int fd, const Target& target) {
  const uint32_t index = ports_count_++;
  ports_[index] = {.fd = fd, .target = target, .oldest = none, .newest = none, .count = 0};
  return poller_.add(fd, EPOLLIN, Source::Port, index) ? 0 : errno;
}

// ---- from clients ----

void Datagrams::on_port(uint32_t index) {
  const DatagramPort& port = ports_[index];
  for (int i = 0; i < datagrams_a_turn; ++i) {
    Ends ends = {};
    Control control;
    iovec part = {datagram_, sizeof datagram_};
    msghdr message = message_of(part, ends.client, control);
    const ssize_t length = recvmsg(port.fd, &message, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (length < 0) continue;
    ends.local = local_address(message);
    ends.port = index;
    uint32_t session = find(ends);
    if (session == none) session = open(ends);
    if (session == none) continue;
    use(session);
    // An error of a former datagram, such as a port that nobody listens on, is reported in place of sending this one.
    const int fd = all_[session].fd;
    if (send(fd, datagram_, static_cast<size_t>(length), MSG_NOSIGNAL) < 0 && errno != EAGAIN)
      send(fd, datagram_, static_cast<size_t>(length), MSG_NOSIGNAL);
  }
}

// ---- from targets ----

void Datagrams::on_session(uint32_t index) {
  const Session& session = all_[index];
  if (session.fd < 0) return;  // it has ended in this batch
  for (int i = 0; i < replies_a_turn; ++i) {
    const ssize_t length = recv(session.fd, datagram_, sizeof datagram_, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (length < 0) continue;  // as after send(2)
    use(index);
    reply(session, static_cast<size_t>(length));
  }
}

/// Sends the datagram to the session's client. If there is no room it is lost, as on any way.
bool Datagrams::reply(const Session& session, size_t length) {
  SocketAddress client = session.ends.client;
  Control control = {};
  iovec part = {datagram_, length};
  msghdr message = message_of(part, client, control);
  message.msg_namelen = size_of(client);
  if (client.any.sa_family == AF_INET) {
    in_pktinfo info = {};
    memcpy(&info.ipi_spec_dst, &session.ends.local, sizeof info.ipi_spec_dst);
    put(message, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info = {};
    info.ipi6_addr = session.ends.local;
    put(message, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
  return sendmsg(ports_[session.ends.port].fd, &message, MSG_NOSIGNAL) >= 0;
}

// ---- sessions ----

uint32_t Datagrams::bucket_of(const Ends& ends) const {
  uint32_t hash = mixed(seed_, &ends.port, sizeof ends.port);
  if (ends.client.any.sa_family == AF_INET) {
    hash = mixed(hash, &ends.client.v4.sin_addr, sizeof ends.client.v4.sin_addr);
    hash = mixed(hash, &ends.client.v4.sin_port, sizeof ends.client.v4.sin_port);
  } else {
    hash = mixed(hash, &ends.client.v6.sin6_addr, sizeof ends.client.v6.sin6_addr);
    hash = mixed(hash, &ends.client.v6.sin6_port, sizeof ends.client.v6.sin6_port);
  }
  return (hash ^ hash >> 16) % bucket_count;
}

uint32_t Datagrams::find(const Ends& ends) const {
  uint32_t index = buckets_[bucket_of(ends)];
  while (index != none && !is_same(all_[index].ends, ends)) index = all_[index].next;
  return index;
}

uint32_t Datagrams::take_free() {
  if (free_ == none) return fresh_++;
  const uint32_t index = free_;
  free_ = all_[index].newer;
  return index;
}

int Datagrams::connect_session(const Target& target) {
  const int fd = socket(target.address.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP);
  if (fd < 0) return -1;
  if (connect(fd, &target.address.any, size_of(target.address)) == 0) return fd;
  close(fd);
  return -1;
}

/// Ends the session of a port that was idle longest; of the port with the most, if this one has none.
bool Datagrams::make_room(uint32_t port) {
  if (ports_[port].count == 0)
    for (uint32_t i = 0; i < ports_count_; ++i)
      if (ports_[i].count > ports_[port].count) port = i;
  if (ports_[port].oldest == none) return false;
  end(ports_[port].oldest);
  return true;
}

/// Opens a session. `none`: the datagram is lost.
uint32_t Datagrams::open(const Ends& ends) {
  DatagramPort& port = ports_[ends.port];
  if ((!has_room() || port.count >= max_sessions_of_a_port) && !make_room(ends.port)) return none;
  int fd = connect_session(port.target);
  if (fd < 0 && make_room(ends.port)) fd = connect_session(port.target);
  if (fd < 0) return none;
  const uint32_t index = take_free();
  Session& session = all_[index];
  if (!poller_.add(fd, EPOLLIN, Source::Session, index)) {
    close(fd);
    session.fd = -1;
    session.newer = free_;
    free_ = index;
    return none;
  }
  session.ends = ends;
  session.fd = fd;
  uint32_t& bucket = buckets_[bucket_of(ends)];
  session.next = bucket;
  bucket = index;
  session.expires_at = now_ + lifetime_;
  if (session.expires_at < next_expiry_) next_expiry_ = session.expires_at;
  append(index);
  ++count_;
  ++port.count;
  return index;
}

void Datagrams::append(uint32_t index) {
  Session& session = all_[index];
  DatagramPort& port = ports_[session.ends.port];
  session.older = port.newest;
  session.newer = none;
  (port.newest == none ? port.oldest : all_[port.newest].newer) = index;
  port.newest = index;
}

void Datagrams::unlink(uint32_t index) {
  const Session& session = all_[index];
  DatagramPort& port = ports_[session.ends.port];
  (session.older == none ? port.oldest : all_[session.older].newer) = session.newer;
  (session.newer == none ? port.newest : all_[session.newer].older) = session.older;
}

/// Notes that a session has a datagram.
void Datagrams::use(uint32_t index) {
  all_[index].expires_at = now_ + lifetime_;
  unlink(index);
  append(index);
}

void Datagrams::end(uint32_t index) {
  Session& session = all_[index];
  uint32_t* link = &buckets_[bucket_of(session.ends)];
  while (*link != index) link = &all_[*link].next;
  *link = session.next;
  unlink(index);
  --ports_[session.ends.port].count;
  --count_;
  close(session.fd);
  session.fd = -1;
  session.newer = free_;
  free_ = index;
}

void Datagrams::tick() {
  if (next_tick() > now_) return;
  next_expiry_ = never;
  for (uint32_t i = 0; i < ports_count_; ++i) {
    while (ports_[i].oldest != none && all_[ports_[i].oldest].expires_at <= now_) end(ports_[i].oldest);
    if (ports_[i].oldest == none) continue;
    const int64_t expiry = all_[ports_[i].oldest].expires_at;
    if (expiry < next_expiry_) next_expiry_ = expiry;
  }
}

}  // namespace podrun::forwarder
