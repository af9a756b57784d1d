// Writes without blocking; see nonblocking_output.hpp.
#include "supervisor/logs/nonblocking_output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

namespace podrun::supervisor {
namespace {

bool is_writable(int fd) {
  pollfd state{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&state, 1, 0) == 1;
}

}  // namespace

NonblockingOutput::NonblockingOutput(int inherited) : fd_(inherited) {
  struct stat file {};
  if (::fstat(inherited, &file) < 0) return;
  if (S_ISSOCK(file.st_mode)) {
    way_ = Way::Socket;
  } else if (!S_ISCHR(file.st_mode) && !S_ISFIFO(file.st_mode)) {
    way_ = Way::File;
  } else {
    const std::string path = "/proc/self/fd/" + std::to_string(inherited);
    own_ = Fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    // Opening a pipe anew fails if its owner has no mapping in this user namespace.
    way_ = own_ ? Way::Own : Way::Guarded;
    if (own_) fd_ = own_.get();
  }
}

std::size_t NonblockingOutput::write(std::string_view text) {
  std::size_t written = 0;
  blocked_ = false;
  while (written < text.size() && way_ != Way::Closed) {
    const long n = attempt(text.substr(written));
    if (n >= 0) {
      written += static_cast<std::size_t>(n);
    } else if (errno == EAGAIN) {
      yield();
      return written;
    } else if (errno == ENOSPC || errno == EDQUOT) {
      break;
    } else if (errno != EINTR) {
      way_ = Way::Closed;
    }
  }
  return text.size();
}

bool NonblockingOutput::yield() {
  blocked_ = way_ != Way::File && way_ != Way::Closed;  // epoll(7) does not accept regular files
  return blocked_;
}

long NonblockingOutput::attempt(std::string_view text) const {
  switch (way_) {
    case Way::Own:
    case Way::File:
      return ::write(fd_, text.data(), text.size());
    case Way::Guarded:  // a pipe that is writable by poll(2) has room for PIPE_BUF: pipe(7)
      if (is_writable(fd_)) return ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
      errno = EAGAIN;
      return -1;
    case Way::Socket:
      return ::send(fd_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    case Way::Closed:
      break;
  }
  return static_cast<long>(text.size());
}

}  // namespace podrun::supervisor
