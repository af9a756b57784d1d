// Sends and receives one message and its descriptors: shared by the pause and its client. libc alone.
#pragma once

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "namespaces/pause/pause_protocol.hpp"

namespace podrun::pause {

/// Sends a message with `count` descriptors. False, with errno, if that fails. Never raises SIGPIPE.
inline bool send_message(int socket, Message message, const int* fds, unsigned count) {
  message.descriptors = static_cast<uint8_t>(count);
  alignas(cmsghdr) char control[CMSG_SPACE(max_descriptors * sizeof(int))] = {};
  iovec data{&message, sizeof message};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (count > 0) {
    header.msg_control = control;
    header.msg_controllen = static_cast<decltype(header.msg_controllen)>(CMSG_SPACE(count * sizeof(int)));
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = static_cast<decltype(rights->cmsg_len)>(CMSG_LEN(count * sizeof(int)));
    memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
  }
  return sendmsg(socket, &header, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof message);
}

/// Receives a message. False with errno EPIPE at the end of file, EAGAIN if there is none and `flags` has MSG_DONTWAIT.
/// Descriptors are close-on-exec. At the limit of open files, fewer arrive than Message::descriptors says. A message of
/// another version may be shorter or longer.
inline bool receive_message(int socket, Message& message, int (&fds)[max_descriptors], unsigned& count, int flags) {
  alignas(cmsghdr) char control[CMSG_SPACE(max_descriptors * sizeof(int))];
  iovec data{&message, sizeof message};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  count = 0;
  ssize_t length;
  // ECONNRESET is reported once if the peer ended with an unread message in its queue. What it had sent can still be
  // read after that.
  do length = recvmsg(socket, &header, flags | MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == ECONNRESET);
  if (length == 0) errno = EPIPE;
  if (length < static_cast<ssize_t>(least_message)) return false;
  if (length < static_cast<ssize_t>(sizeof message))
    memset(reinterpret_cast<char*>(&message) + least_message, 0, sizeof message - least_message);
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    count = static_cast<unsigned>((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(fds, CMSG_DATA(part), count * sizeof(int));
  }
  return true;
}

}  // namespace podrun::pause
