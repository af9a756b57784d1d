// A socket of netlink(7).
#include "namespaces/netlink/netlink_socket.hpp"

#include <linux/netlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace podrun::ns {
namespace {

constexpr std::size_t buffer_size = 32768;  // the kernel's messages of a dump are not longer
constexpr int usual_send_buffer = 65536;

/// The next message of what was received; shortens `rest`.
std::optional<std::pair<nlmsghdr, Bytes>> next_message(Bytes& rest) {
  const auto header = read_value<nlmsghdr>(rest);
  if (!header || header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > rest.size()) return std::nullopt;
  const Bytes payload = rest.subspan(NLMSG_HDRLEN, header->nlmsg_len - NLMSG_HDRLEN);
  rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nlmsg_len), rest.size()));
  return std::pair(*header, payload);
}

/// What an acknowledgement says: 0 or an errno, and the kernel's sentence.
struct Acknowledgement {
  int error = 0;
  std::string sentence{};
};

Acknowledgement read_acknowledgement(const nlmsghdr& header, Bytes payload) {
  const auto answer = read_value<nlmsgerr>(payload);
  if (!answer) return {EPROTO};
  Acknowledgement result{-answer->error};
  if ((header.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return result;
  // With NETLINK_CAP_ACK the request's header is repeated, not what follows it.
  const std::size_t length = NLMSG_ALIGN(sizeof(nlmsgerr)) +
      ((header.nlmsg_flags & NLM_F_CAPPED) != 0 ? 0 : NLMSG_ALIGN(answer->msg.nlmsg_len) - NLMSG_HDRLEN);
  if (payload.size() > length)
    if (const auto text = find_text(payload.subspan(length), NLMSGERR_ATTR_MSG)) result.sentence = *text;
  return result;
}

Error error_of(const std::string& what, const Acknowledgement& answer) {
  Error error = Error::system(what, answer.error);
  if (!answer.sentence.empty()) error.message += fmt::format(" ({})", answer.sentence);
  return error;
}

}  // namespace

NetlinkSocket::NetlinkSocket(Fd socket)
    : socket_(std::move(socket)), buffer_(std::make_unique_for_overwrite<std::byte[]>(buffer_size)) {}

NetlinkSocket NetlinkSocket::adopt(Fd socket) { return NetlinkSocket(std::move(socket)); }

Result<NetlinkSocket> NetlinkSocket::open(int protocol, unsigned groups) {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!socket) return fail_system("open a netlink socket");
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = groups;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return fail_system("bind a netlink socket");
  const int on = 1;
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK})
    if (::setsockopt(socket.get(), SOL_NETLINK, option, &on, sizeof on) != 0)
      return fail_system("set an option of a netlink socket");
  return NetlinkSocket(std::move(socket));
}

Result<> NetlinkSocket::transmit(const NetlinkBatch& batch) {
  const Bytes bytes = batch.bytes();
  const std::string& what = batch.requests().front().what;
  if (batch.is_too_long()) return fail_system(what, EMSGSIZE);
  if (bytes.size() > usual_send_buffer) {
    const int wanted = static_cast<int>(std::min<std::size_t>(bytes.size() + usual_send_buffer, INT32_MAX / 4));
    if (::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &wanted, sizeof wanted) != 0) return fail_system(what);
  }
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent = -1;
  do {
    sent = ::sendto(socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&kernel),
                    sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return fail_system(what);
  return {};
}

Result<Bytes> NetlinkSocket::receive() {
  sockaddr_nl sender{};
  while (true) {
    socklen_t length = sizeof sender;
    const ssize_t size = ::recvfrom(socket_.get(), buffer_.get(), buffer_size, MSG_DONTWAIT | MSG_TRUNC,
                                    reinterpret_cast<sockaddr*>(&sender), &length);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail_system("receive from the kernel by netlink");
    if (sender.nl_pid != 0) continue;  // no process speaks for the kernel
    const auto received = static_cast<std::size_t>(size);
    if (received > buffer_size) return fail_system("receive from the kernel by netlink", EMSGSIZE);
    return Bytes(buffer_.get(), received);
  }
}

Result<> NetlinkSocket::send(const NetlinkBatch& batch) {
  TRY_VOID(transmit(batch));
  const auto& requests = batch.requests();
  auto missing = std::ranges::count(requests, true, &NetlinkBatch::Request::is_acknowledged);
  std::optional<Error> first;
  while (true) {
    auto received = receive();
    if (!received && received.error().number == ENOBUFS) continue;  // more errors than there is room for
    if (!received && received.error().number == EAGAIN) break;
    Bytes rest = TRY(std::move(received));
    while (const auto message = next_message(rest)) {
      const auto& [header, payload] = *message;
      if (header.nlmsg_type != NLMSG_ERROR || header.nlmsg_seq == 0 || header.nlmsg_seq > requests.size()) continue;
      const auto& request = requests[header.nlmsg_seq - 1];
      const Acknowledgement answer = read_acknowledgement(header, payload);
      if (request.is_acknowledged) --missing;
      if (answer.error != 0 && answer.error != request.allowed_error && !first) first = error_of(request.what, answer);
    }
  }
  if (first) return std::unexpected(std::move(*first));
  if (missing > 0) return fail_system(requests.front().what, EPROTO);
  return {};
}

Result<> NetlinkSocket::ask(const NetlinkBatch& request, const std::function<void(const NetlinkReply&)>& hear) {
  TRY_VOID(transmit(request));
  const std::string& what = request.requests().front().what;
  const bool is_dump = (read_value<nlmsghdr>(request.bytes())->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  bool has_changed = false, has_ended = false;
  std::optional<Error> error;
  while (!has_ended) {
    Bytes rest = TRY(receive());
    while (const auto message = next_message(rest)) {
      const auto& [header, payload] = *message;
      if (header.nlmsg_seq != 1) continue;
      has_changed = has_changed || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
      if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_type == NLMSG_DONE) {
        has_ended = true;
        const int status = read_value<std::int32_t>(payload).value_or(0);
        if (header.nlmsg_type == NLMSG_ERROR) error = error_of(what, read_acknowledgement(header, payload));
        else if (status < 0) error = Error::system(what, -status);
      } else {
        hear({header.nlmsg_type, payload});
        has_ended = has_ended || !is_dump;
      }
    }
  }
  if (error) return std::unexpected(std::move(*error));
  if (has_changed) return fail_system(what, EINTR);
  return {};
}

void NetlinkSocket::drain() {
  while (true)
    if (const auto received = receive(); !received && received.error().number != ENOBUFS) return;
}

Result<int> NetlinkSocket::interface_index(const std::string& name) const {
  ifreq request{};
  if (name.size() >= sizeof request.ifr_name) return fail_system("find the interface " + name, ENODEV);
  name.copy(request.ifr_name, name.size());
  if (::ioctl(socket_.get(), SIOCGIFINDEX, &request) != 0) return fail_system("find the interface " + name);
  return request.ifr_ifindex;
}

}  // namespace podrun::ns
