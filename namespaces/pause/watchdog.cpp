// Watches whether the supervisor still works.
#include "namespaces/pause/watchdog.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace podrun::pause {
namespace {

constexpr int32_t adoption_timeout_ms = 20'000;
constexpr itimerspec cpu_time_interval = {{5, 0}, {5, 0}};

}  // namespace

void Watchdog::begin(pid_t supervisor) {
  end();
  hung_ = false;
  deadline_ms_ = now_ms() + adoption_timeout_ms;
  // A process in an endless loop uses CPU time, a sleeping one uses none: this timer wakes no process without cause.
  clockid_t cpu_time;
  sigevent signal = {};
  signal.sigev_notify = SIGEV_SIGNAL;
  signal.sigev_signo = SIGRTMIN;
  if (clock_getcpuclockid(supervisor, &cpu_time) != 0) return;
  // The raw timer_create(2): libc's wrapper would bring threads into this program.
  if (syscall(SYS_timer_create, cpu_time, &signal, &timer_) < 0) return;
  has_timer_ = true;
  syscall(SYS_timer_settime, timer_, 0, &cpu_time_interval, nullptr);
}

void Watchdog::adopted(int32_t answer_timeout_ms) {
  answer_timeout_ms_ = answer_timeout_ms;
  deadline_ms_ = never;
}

bool Watchdog::ask() {
  if (answer_timeout_ms_ <= 0 || deadline_ms_ != never) return false;
  deadline_ms_ = now_ms() + answer_timeout_ms_;
  return true;
}

void Watchdog::end() {
  answer_timeout_ms_ = 0;
  deadline_ms_ = never;
  if (has_timer_) syscall(SYS_timer_delete, timer_);
  has_timer_ = false;
}

int Watchdog::timeout_ms() const {
  if (deadline_ms_ == never) return -1;
  const int64_t left = deadline_ms_ - now_ms();
  return left > 0 ? static_cast<int>(left) : 0;
}

bool Watchdog::has_expired() {
  if (deadline_ms_ == never || now_ms() < deadline_ms_) return false;
  deadline_ms_ = never;
  return hung_ = true;
}

/// CLOCK_MONOTONIC does not advance while the machine is suspended, and neither does the supervisor.
int64_t Watchdog::now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1000} + now.tv_nsec / 1'000'000;
}

}  // namespace podrun::pause
