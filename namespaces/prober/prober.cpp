// The prober's loop.
#include "namespaces/prober/prober.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "namespaces/prober/flood_guard.hpp"
#include "namespaces/prober/http_attempt.hpp"
#include "namespaces/prober/tcp_attempt.hpp"

namespace podrun::prober {
namespace {

/// The data of descriptors in the epoll instance: the socket of the supervisor, those of libcurl, and those of other
/// attempts, by the id of their probe.
constexpr std::uint64_t of_supervisor = 0, of_libcurl = std::uint64_t{1} << 63;

std::int64_t monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Prober::Prober()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      multi_(curl_multi_init()),
      buffer_(std::make_unique_for_overwrite<char[]>(longest_request)) {
  install_flood_guard();
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Prober::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Prober::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1L);
}

void Prober::run() {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = of_supervisor}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_fd, &event) < 0) return;
  while (!is_gone_) wait();
}

int Prober::run_hook() {
  if (!handle_requests() || probes_.size() != 1) return hook_unknown;
  while (hook_exit_ < 0) wait();
  return hook_exit_;
}

// ---- requests ----

/// Takes what is in the socket. False: the other end is gone.
bool Prober::handle_requests() {
  for (;;) {
    const ssize_t length = ::recv(socket_fd, buffer_.get(), longest_request, MSG_DONTWAIT);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return true;
    if (length <= 0) return !probes_.empty() && probes_.begin()->second.request.op == Op::Once;
    if (!handle_request(static_cast<std::size_t>(length))) return false;
  }
}

bool Prober::handle_request(std::size_t length) {
  std::optional<Request> request = decode({buffer_.get(), length});
  if (!request || request->id >= of_libcurl || request->id == of_supervisor) return false;
  if (const auto known = probes_.find(request->id); known != probes_.end()) {
    timers_.erase({known->second.timer, known->first});
    probes_.erase(known);
  }
  if (request->op != Op::Remove) add(std::move(*request));
  return true;
}

void Prober::add(Request request) {
  const std::uint64_t id = request.id;
  Probe probe{.request = std::move(request), .counter = {0, 0}, .due = 0, .timer = 0, .attempt = nullptr};
  probe.counter = {probe.request.successes, probe.request.failures};
  probe.due = probe.timer = std::max(probe.request.due, monotonic_now());
  timers_.emplace(probe.timer, id);
  probes_.emplace(id, std::move(probe));
}

// ---- waiting ----

void Prober::set_timer(Probe& probe, std::int64_t time) {
  timers_.erase({probe.timer, probe.request.id});
  probe.timer = time;
  timers_.emplace(time, probe.request.id);
}

void Prober::wait() {
  std::int64_t due = timers_.empty() ? -1 : timers_.begin()->first;
  if (transfers_due_ >= 0 && (due < 0 || transfers_due_ < due)) due = transfers_due_;
  timespec timeout{};
  if (due >= 0) {
    const std::int64_t rest = std::max<std::int64_t>(due - monotonic_now(), 0);
    timeout = {.tv_sec = rest / 1'000'000'000, .tv_nsec = rest % 1'000'000'000};
  }
  std::array<epoll_event, 64> ready{};
  const int count =
      ::epoll_pwait2(epoll_, ready.data(), static_cast<int>(ready.size()), due >= 0 ? &timeout : nullptr, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = ready[static_cast<std::size_t>(i)];
    handle_event(event.data.u64, event.events);
  }
  handle_timers();
}

void Prober::handle_event(std::uint64_t mark, std::uint32_t events) {
  if (mark == of_supervisor) {
    if (!handle_requests()) is_gone_ = true;
  } else if ((mark & of_libcurl) != 0) {
    int what = 0;
    if ((events & (EPOLLIN | EPOLLHUP)) != 0) what |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((events & EPOLLERR) != 0) what |= CURL_CSELECT_ERR;
    advance_transfers(static_cast<int>(mark & ~of_libcurl), what);
  } else if (const auto found = probes_.find(mark); found != probes_.end()) {
    auto* const attempt = dynamic_cast<TcpAttempt*>(found->second.attempt.get());
    if (attempt == nullptr) return;
    if (const auto outcome = attempt->on_ready()) end(found->second, *outcome);
  }
}

/// Begins what is due, and ends what has taken too long.
void Prober::handle_timers() {
  const std::int64_t now = monotonic_now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Probe& probe = probes_.at(timers_.begin()->second);
    if (!probe.attempt) begin(probe, now);
    else end(probe, probe.attempt->timed_out());
  }
  if (transfers_due_ >= 0 && transfers_due_ <= monotonic_now()) {
    transfers_due_ = -1;
    advance_transfers(CURL_SOCKET_TIMEOUT, 0);
  }
}

// ---- attempts ----

void Prober::begin(Probe& probe, std::int64_t now) {
  const Request& request = probe.request;
  set_timer(probe, now + request.timeout);
  if (!is_address(request.host))
    return end(probe, {pod::ProbeOutcome::Failure,
                       "host \"" + request.host + "\" is no address: podrun's probes resolve no names"});
  if (request.kind == Kind::Tcp) probe.attempt = std::make_unique<TcpAttempt>(request, epoll_, request.id);
  else probe.attempt = std::make_unique<HttpAttempt>(request, multi_);
  if (const auto outcome = probe.attempt->begin()) end(probe, *outcome);
}

/// The instants of attempts are `period` apart, as the ticks of the kubelet's worker: after an attempt that took longer
/// the next one begins at once.
void Prober::end(Probe& probe, const Outcome& outcome) {
  probe.attempt.reset();
  if (probe.request.op == Op::Once) {
    hook_exit_ = outcome.result == pod::ProbeOutcome::Success   ? hook_succeeded
                 : outcome.result == pod::ProbeOutcome::Failure ? hook_failed
                                                                : hook_unknown;
    (void)!::write(STDOUT_FILENO, outcome.message.data(), std::min(outcome.message.size(), longest_text));
    return set_timer(probe, INT64_MAX);
  }
  const std::int64_t late = monotonic_now() - (probe.due + probe.request.period);
  probe.due += probe.request.period * (1 + std::max<std::int64_t>(late, 0) / probe.request.period);
  set_timer(probe, probe.due);
  if (const auto verdict = probe.counter.count(outcome.result)) send(probe, *verdict, outcome.message);
}

/// It blocks if the supervisor does not read: then there is nobody to probe for.
void Prober::send(Probe& probe, bool succeeded, const std::string& message) {
  const Verdict verdict = make_verdict(probe.request.id, succeeded, message);
  ssize_t sent;
  do sent = ::send(socket_fd, &verdict, sizeof verdict, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) is_gone_ = true;
}

// ---- libcurl ----

void Prober::advance_transfers(int fd, int events) {
  int running = 0;
  {
    const FloodGuard guard(fd);
    curl_multi_socket_action(multi_, fd, events, &running);
  }
  finish_transfers();
}

void Prober::finish_transfers() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    void* attempt = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &attempt);
    auto& transfer = *static_cast<HttpAttempt*>(attempt);
    if (const auto outcome = transfer.on_done(code)) end(probes_.at(transfer.id()), *outcome);
  }
}

int Prober::on_socket(CURL*, curl_socket_t fd, int wanted, void* self, void* known) {
  auto& prober = *static_cast<Prober*>(self);
  note_socket(fd, wanted != CURL_POLL_REMOVE);
  if (wanted == CURL_POLL_REMOVE) return ::epoll_ctl(prober.epoll_, EPOLL_CTL_DEL, fd, nullptr), 0;
  epoll_event event{.events = 0, .data = {.u64 = of_libcurl | static_cast<std::uint64_t>(fd)}};
  if ((wanted & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((wanted & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  ::epoll_ctl(prober.epoll_, known != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
  curl_multi_assign(prober.multi_, fd, &prober);
  return 0;
}

int Prober::on_timer(CURLM*, long milliseconds, void* self) {
  static_cast<Prober*>(self)->transfers_due_ = milliseconds < 0 ? -1 : monotonic_now() + milliseconds * 1'000'000;
  return 0;
}

}  // namespace podrun::prober
