// Relays the standard streams of a command in a container.
#include "supervisor/attach/stream_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "namespaces/kernel/channel.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {
namespace {

/// How many bytes of one stream are moved before the others are handled.
constexpr std::size_t share = 1 << 20;
/// The capacity of the pipes: the larger it is, the fewer context switches are needed. Unused capacity takes no memory.
constexpr int pipe_size = 1 << 20;
constexpr std::size_t buffer_size = 64 * 1024;

bool is_ready(int fd, short events) {
  pollfd state{fd, events, 0};
  return ::poll(&state, 1, 0) == 1;
}

/// Does not block on the pipes, which are O_NONBLOCK. The flags of the caller's descriptor must not be changed.
ssize_t splice_some(int from, int to, std::size_t most) {
  return ::splice(from, nullptr, to, nullptr, most, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
}

/// read(2) into an empty buffer, of at most `most` bytes. Afterwards the buffer has exactly the bytes read. errno is
/// that of read(2).
ssize_t read_some(int fd, std::size_t most, std::string& buffer) {
  buffer.resize(most);
  const ssize_t length = ::read(fd, buffer.data(), buffer.size());
  const int error = errno;
  buffer.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  errno = error;
  return length;
}

}  // namespace

short InputRelay::sink_events() const { return is_full_ ? POLLOUT : 0; }

ssize_t InputRelay::move() {
  if (splices_) {
    const ssize_t moved = splice_some(STDIN_FILENO, pipe_.get(), share);
    if (moved >= 0 || errno != EINVAL) return moved;
    splices_ = false;  // a terminal or another device
  }
  if (read_.empty()) {
    if (!is_ready(STDIN_FILENO, POLLIN)) return errno = EAGAIN, -1;
    if (const ssize_t length = read_some(STDIN_FILENO, buffer_size, read_); length <= 0) return length;
  }
  const ssize_t taken = ::write(pipe_.get(), read_.data(), read_.size());
  if (taken > 0) read_.erase(0, static_cast<std::size_t>(taken));
  return taken;
}

void InputRelay::pump() {
  is_full_ = false;
  const ssize_t moved = move();
  if (moved > 0) {
    is_full_ = !read_.empty();
    return;
  }
  if (moved < 0 && errno == EINTR) return;
  if (moved < 0 && errno == EAGAIN) is_full_ = !is_ready(pipe_.get(), POLLOUT);
  else close();  // the caller's stdin has ended or cannot be read, or the command has closed its stdin
}

OutputRelay::OutputRelay(Fd pipe, int sink) : pipe_(std::move(pipe)), sink_(sink), way_(Way::Output) {
  struct stat status{};
  if (::fstat(sink, &status) == 0 && !S_ISSOCK(status.st_mode) && ::isatty(sink) == 0) way_ = Way::Splice;
  if (way_ == Way::Output) output_.emplace(sink);
}

int OutputRelay::blocked_sink() const {
  if (!pipe_ || !is_blocked_) return -1;
  return output_ ? output_->blocked_fd() : sink_;
}

std::size_t OutputRelay::pending() const {
  int bytes = 0;
  if (!pipe_ || ::ioctl(pipe_.get(), FIONREAD, &bytes) < 0) return read_.size();
  return static_cast<std::size_t>(bytes) + read_.size();
}

/// Writes what was read before.
ssize_t OutputRelay::write_some() {
  const ssize_t taken =
      output_ ? static_cast<ssize_t>(output_->write(read_)) : ::write(sink_, read_.data(), read_.size());
  if (taken > 0) read_.erase(0, static_cast<std::size_t>(taken));
  if (taken == 0) errno = EAGAIN;
  return taken > 0 ? taken : -1;
}

ssize_t OutputRelay::move(std::size_t most) {
  if (way_ == Way::Splice) {
    const ssize_t moved = splice_some(pipe_.get(), sink_, most);
    if (moved >= 0 || errno != EINVAL) return moved;
    way_ = Way::File;  // a file opened with O_APPEND, or a device
  }
  if (read_.empty())
    if (const ssize_t length = read_some(pipe_.get(), std::min(most, buffer_size), read_); length <= 0) return length;
  return write_some();
}

/// Closes the command's pipe, so that the command gets an error as if the descriptor were its own: the reader is gone,
/// or the disk is full.
void OutputRelay::fail(int error) {
  if (error != EPIPE && error != EIO) {
    note(fmt::format("{}: {}", sink_ == STDOUT_FILENO ? "standard output" : "standard error", ::strerror(error)));
    has_lost_ = true;
  }
  pipe_.reset();
  read_.clear();
}

std::size_t OutputRelay::pump(std::size_t most) {
  is_blocked_ = false;
  const ssize_t moved = move(most);
  if (moved > 0) {
    is_blocked_ = !read_.empty();
    return static_cast<std::size_t>(moved);
  }
  if (moved == 0) pipe_.reset();
  else if (errno == EAGAIN) is_blocked_ = pending() > 0;
  else if (errno != EINTR) fail(errno);
  return 0;
}

Result<StreamRelay> StreamRelay::create(std::uint32_t uid, std::uint32_t gid, bool has_input) {
  std::array<ns::Channel, 3> pipes;
  for (std::size_t stream = 0; stream < pipes.size(); ++stream) {
    pipes[stream] = TRY(ns::make_pipe());
    const Fd& ours = stream == 0 ? pipes[stream].second : pipes[stream].first;
    if (::fchown(ours.get(), uid, gid) < 0 || ::fcntl(ours.get(), F_SETFL, O_NONBLOCK) < 0) return fail_system("pipe");
    (void)::fcntl(ours.get(), F_SETPIPE_SZ, pipe_size);  // optional: a smaller pipe works, too
  }
  if (!has_input) pipes[0].second.reset();
  ::signal(SIGPIPE, SIG_IGN);
  return StreamRelay({std::move(pipes[0].first), std::move(pipes[1].second), std::move(pipes[2].second)},
                     InputRelay(std::move(pipes[0].second)), OutputRelay(std::move(pipes[1].first), STDOUT_FILENO),
                     OutputRelay(std::move(pipes[2].first), STDERR_FILENO));
}

std::array<int, 3> StreamRelay::command_ends() const { return {ends_[0].get(), ends_[1].get(), ends_[2].get()}; }

/// Waits for events and handles them. False: the command has ended.
bool StreamRelay::relay_some(const ns::EnteredCommand& entered, const ExecSignals& signals) {
  pollfd watched[] = {{entered.monitor.pidfd.get(), POLLIN, 0},
                      {signals.fd(), POLLIN, 0},
                      {input_.source(), POLLIN, 0},
                      {input_.sink(), input_.sink_events(), 0},
                      {outputs_[0].source(), POLLIN, 0},
                      {outputs_[0].blocked_sink(), POLLOUT, 0},
                      {outputs_[1].source(), POLLIN, 0},
                      {outputs_[1].blocked_sink(), POLLOUT, 0}};
  if (::poll(watched, std::size(watched), -1) < 0) return true;
  if (watched[1].revents != 0) ns::forward_signal(entered, signals.take());
  if ((watched[3].revents & POLLERR) != 0) input_.close();
  else if (watched[2].revents != 0 || watched[3].revents != 0) input_.pump();
  for (std::size_t i = 0; i < outputs_.size(); ++i)
    if (watched[4 + 2 * i].revents != 0 || watched[5 + 2 * i].revents != 0) (void)outputs_[i].pump(share);
  return watched[0].revents == 0;
}

/// Moves only the bytes that are there now: a process that the command left behind could write for ever.
void StreamRelay::relay_rest(const ExecSignals& signals) {
  std::array<std::size_t, 2> left{outputs_[0].pending(), outputs_[1].pending()};
  for (;;) {
    for (std::size_t i = 0; i < left.size(); ++i)
      while (left[i] > 0) {
        const std::size_t moved = outputs_[i].pump(left[i]);
        if (moved == 0 && outputs_[i].blocked_sink() < 0) left[i] = 0;
        if (moved == 0) break;
        left[i] -= std::min(left[i], moved);
      }
    if (left[0] == 0 && left[1] == 0) return;
    pollfd watched[] = {{signals.fd(), POLLIN, 0},
                        {outputs_[0].blocked_sink(), POLLOUT, 0},
                        {outputs_[1].blocked_sink(), POLLOUT, 0}};
    if (::poll(watched, std::size(watched), -1) > 0 && watched[0].revents != 0) ExecSignals::die_of(signals.take());
  }
}

Result<int> StreamRelay::run_session(const ns::EnteredCommand& entered, const ExecSignals& signals) {
  for (Fd& end : ends_) end.reset();
  while (relay_some(entered, signals)) {
  }
  relay_rest(signals);
  const int code = ns::exit_code_of(TRY(ns::wait_for(entered.monitor)));
  const bool has_lost = std::ranges::any_of(outputs_, &OutputRelay::has_lost);
  return code == 0 && has_lost ? static_cast<int>(ExitStatus::CannotEnter) : code;
}

}  // namespace podrun::supervisor
