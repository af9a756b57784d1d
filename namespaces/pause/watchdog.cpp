// Whether the supervisor still does its work.
#include "namespaces/pause/watchdog.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace podrun::pause {
namespace {

constexpr int32_t adopts_within_ms = 20'000;
constexpr itimerspec much_cpu_time = {{5, 0}, {5, 0}};

}  // namespace

void Patience::begin(pid_t supervisor) {
  end();
  hung_ = false;
  due_ms_ = now_ms() + adopts_within_ms;
  // A process that runs for ever uses CPU time, one that sleeps uses none: this timer wakes nobody without cause.
  clockid_t cpu_time;
  sigevent signal = {};
  signal.sigev_notify = SIGEV_SIGNAL;
  signal.sigev_signo = SIGRTMIN;
  if (clock_getcpuclockid(supervisor, &cpu_time) != 0) return;
  // timer_create(2) itself: libc's wrapper would bring threads into this program.
  if (syscall(SYS_timer_create, cpu_time, &signal, &timer_) < 0) return;
  has_timer_ = true;
  syscall(SYS_timer_settime, timer_, 0, &much_cpu_time, nullptr);
}

void Patience::adopted(int32_t answers_within_ms) {
  answers_within_ms_ = answers_within_ms;
  due_ms_ = never;
}

bool Patience::ask() {
  if (answers_within_ms_ <= 0 || due_ms_ != never) return false;
  due_ms_ = now_ms() + answers_within_ms_;
  return true;
}

void Patience::end() {
  answers_within_ms_ = 0;
  due_ms_ = never;
  if (has_timer_) syscall(SYS_timer_delete, timer_);
  has_timer_ = false;
}

int Patience::timeout_ms() const {
  if (due_ms_ == never) return -1;
  const int64_t left = due_ms_ - now_ms();
  return left > 0 ? static_cast<int>(left) : 0;
}

bool Patience::runs_out() {
  if (due_ms_ == never || now_ms() < due_ms_) return false;
  due_ms_ = never;
  return hung_ = true;
}

/// CLOCK_MONOTONIC: who was suspended together with the machine has missed nothing.
int64_t Patience::now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1000} + now.tv_nsec / 1'000'000;
}

}  // namespace podrun::pause
