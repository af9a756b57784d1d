// Counts page faults and system calls of processes.
#include "tests/bench/event_counter.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

constexpr char tracepoint[] = "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id";

/// The event begins to count at an execve(2), which this process does not call. Its children inherit the event.
Result<Fd> open_event(std::uint32_t type, std::uint64_t config) {
  perf_event_attr event{};
  event.size = sizeof event;
  event.type = type;
  event.config = config;
  event.disabled = 1;
  event.inherit = 1;
  event.enable_on_exec = 1;
  Fd fd(static_cast<int>(::syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC)));
  if (!fd) return fail_system("perf_event_open");
  return fd;
}

double value_of(const Fd& event) {
  std::uint64_t count = 0;
  if (::read(event.get(), &count, sizeof count) != sizeof count) return 0;
  return static_cast<double>(count);
}

}  // namespace

Result<EventCounter> EventCounter::begin() {
  const std::string id = test::contents_of(tracepoint);
  if (id.empty()) return fail(std::string("no ") + tracepoint);
  Fd faults = TRY(open_event(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS));
  Fd calls = TRY(open_event(PERF_TYPE_TRACEPOINT, std::strtoull(id.c_str(), nullptr, 10)));
  return EventCounter(std::move(faults), std::move(calls));
}

EventCounts EventCounter::read() const {
  return {value_of(faults_), value_of(calls_)};
}

}  // namespace podrun::bench
