// The client of `podrun attach`.
#include "supervisor/attach/attach_session.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>


namespace podrun::supervisor {
namespace {

using Input = AttachRequest::Input;

}  // namespace

AttachSession::AttachSession(const Layout& layout, AttachTarget target, Attachment attached, AttachView view)
    : layout_(layout),
      target_(std::move(target)),
      attached_(std::move(attached)),
      view_(std::move(view)),
      terminal_(STDIN_FILENO),
      reads_(target_.input) {}

Result<std::unique_ptr<AttachSession>> AttachSession::begin(const Layout& layout, AttachTarget target) {
  const AttachRequest request{.container = target.container, .input = target.input ? Input::Wanted : Input::No};
  Result<Attachment> attached = attach_to(layout, target.id, request);
  while (!attached && attached.error().number == ECONNRESET) attached = attach_to(layout, target.id, request);
  if (!attached) return std::unexpected(attached.error());
  TRY_VOID(target.logs->open());
  AttachView view = TRY(AttachView::create(target.logs, *attached));
  return std::unique_ptr<AttachSession>(
      new AttachSession(layout, std::move(target), std::move(*attached), std::move(view)));
}

Result<> AttachSession::run_session(const ExecSignals* signals) {
  if (target_.raw && target_.input) TRY_VOID(terminal_.enter());
  if (target_.raw) terminal_.copy_window_size(attached_.input.get());
  if (!TRY(show())) return own_.result();
  for (;;) {
    pollfd watched[] = {{attached_.socket.get(), POLLIN, 0},
                        {reads_ && unsent_.empty() ? STDIN_FILENO : -1, POLLIN, 0},
                        {unsent_.empty() ? -1 : attached_.input.get(), POLLOUT, 0},
                        {signals != nullptr ? signals->fd() : -1, POLLIN, 0}};
    if (::poll(watched, std::size(watched), -1) < 0) continue;
    if (watched[3].revents != 0) handle(signals->take());
    if (watched[2].revents != 0) send_input();
    if (watched[1].revents != 0) read_input();
    if (watched[0].revents != 0 && !TRY(look())) break;
  }
  terminal_.leave();
  return own_.result();
}

/// Shows new output. False: the reader is gone, or the output cannot be written.
Result<bool> AttachSession::show() {
  return view_.show(attached_.position,
                    [this](Stream stream, std::string_view text) { return own_.write(stream, text); });
}

/// Reads reports and shows output. False: the session is over.
Result<bool> AttachSession::look() {
  const AttachNews news = read_news(attached_.socket.get());
  if (news.position) attached_.position = *news.position;
  if (!TRY(show())) return false;
  if (news.ended) return false;
  return news.gone ? attach_again() : Result<bool>(true);
}

/// Attaches to the next supervisor. It may find that the instance has ended; then the result is false.
Result<bool> AttachSession::attach_again() {
  const bool holds = target_.once && target_.input;
  Result<Attachment> again =
      attach_to(layout_, target_.id, {.container = target_.container, .input = holds ? Input::Held : Input::No});
  // The new socket is closed, too: the caller tries again.
  if (!again && again.error().number == ECONNRESET) return true;
  const bool ended = !again || !is_ours(again->position);
  if (!ended) {
    attached_.socket = std::move(again->socket);
    attached_.position = again->position;
  }
  return TRY(show()) && !ended;
}

/// Whether the position is of the same run: a pod of the same name may have been started since.
bool AttachSession::is_ours(const LogPosition& position) const {
  const auto logs = find_logs(*target_.logs);
  return position.instance == attached_.position.instance &&
         std::ranges::count(logs, position.inode, &LogFileStat::inode) > 0;
}

void AttachSession::handle(int signal) {
  if (signal == SIGWINCH) return terminal_.copy_window_size(attached_.input.get());
  if (signal == SIGTSTP) return terminal_.suspend(target_.input, attached_.input.get());
  terminal_.leave();
  ExecSignals::die_of(signal);
}

void AttachSession::read_input() {
  char buffer[4096];
  const ssize_t length = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (length > 0) {
    unsent_.assign(buffer, static_cast<std::size_t>(length));
    send_input();
  } else if (length == 0 || (errno != EINTR && errno != EAGAIN)) {
    end_input();
  }
}

void AttachSession::send_input() {
  const ssize_t taken = ::write(attached_.input.get(), unsent_.data(), unsent_.size());
  if (taken > 0) unsent_.erase(0, static_cast<std::size_t>(taken));
  else if (taken < 0 && errno != EAGAIN && errno != EINTR) end_input();  // the container has closed its stdin
}

/// With stdinOnce no other process has the pipe open, so closing it is the container's end of file.
void AttachSession::end_input() {
  reads_ = false;
  unsent_.clear();
  if (target_.once) attached_.input.reset();
}

}  // namespace podrun::supervisor
