// The protocol between a supervisor and an attached client.
#include "supervisor/attach/attach_protocol.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

constexpr std::string_view ended = "ended";
constexpr std::size_t least_fds = 3, most_fds = 4;
constexpr std::size_t longest_message = 512;

std::optional<LogPosition> parse_position(const std::string& text) {
  unsigned long long instance = 0, inode = 0, committed = 0;
  if (std::sscanf(text.c_str(), "at %llu %llu %llu", &instance, &inode, &committed) != 3) return std::nullopt;
  return LogPosition{.instance = instance, .inode = inode, .committed = static_cast<off_t>(committed)};
}

bool send(int socket, std::string_view text, std::span<const int> fds = {}) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_fds * sizeof(int))> control{};
  iovec data{const_cast<char*>(text.data()), text.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size_bytes());
  }
  return ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

/// Receives a message; "" at the end of the stream, or if there is none.
std::string receive(int socket, std::vector<Fd>& fds, int flags) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_fds * sizeof(int))> control{};
  std::string text(longest_message, '\0');
  iovec data{text.data(), text.size()};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  errno = 0;
  ssize_t length;
  // ECONNRESET is reported once, before the answer, if the supervisor closed the socket without reading the request.
  do length = ::recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == ECONNRESET);
  if (length <= 0) return "";
  text.resize(static_cast<std::size_t>(length));
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    std::array<int, most_fds> numbers{};
    const std::size_t size = part->cmsg_len - CMSG_LEN(0);
    std::memcpy(numbers.data(), CMSG_DATA(part), size);
    for (std::size_t i = 0; i < size / sizeof(int); ++i) fds.emplace_back(numbers[i]);
  }
  return text;
}

}  // namespace

bool send_position(int client, const LogPosition& position, std::span<const int> fds) {
  return send(client, fmt::format("at {} {} {}", position.instance, position.inode, position.committed), fds) ||
         errno != EAGAIN;
}

void reject_attach(int client, const std::string& words) { (void)send(client, words.substr(0, longest_message)); }

void send_ended(int client) { (void)send(client, ended); }

Result<Attachment> attach_to(const Layout& layout, const std::string& id, const AttachRequest& request) {
  Attachment attached;
  attached.socket = TRY(send_request(layout, id, request));
  std::vector<Fd> fds;
  const std::string answer = receive(attached.socket.get(), fds, 0);
  if (answer.empty()) return fail("the supervisor did not answer", ECONNRESET);
  const auto position = parse_position(answer);
  if (!position || fds.size() < least_fds) return fail(answer);
  attached.position = *position;
  attached.file = std::move(fds[0]);
  attached.out_journal = std::move(fds[1]);
  attached.err_journal = std::move(fds[2]);
  if (fds.size() > least_fds) attached.input = std::move(fds[3]);
  return attached;
}

AttachNews read_news(int socket) {
  AttachNews news;
  for (;;) {
    std::vector<Fd> none;
    const std::string message = receive(socket, none, MSG_DONTWAIT);
    if (message.empty()) {
      news.gone = errno != EAGAIN && errno != EINTR;
      return news;
    }
    if (message == ended) news.ended = true;
    if (const auto position = parse_position(message)) news.position = position;
  }
}

}  // namespace podrun::supervisor
