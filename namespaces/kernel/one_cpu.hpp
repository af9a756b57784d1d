// Keeps processes that run one after the other on one CPU. None of them then has to wake another CPU, which takes
// milliseconds in a virtual machine whose processors the host has put to sleep.
#pragma once

#include <sched.h>

#include <optional>

#include "namespaces/entry/entry_protocol.hpp"

namespace podrun::ns {

/// While this object exists, the calling process, and every process born from it meanwhile, runs only on the CPU that
/// it is on now. sched_setaffinity(2).
class OnOneCpu {
 public:
  OnOneCpu() {
    entry::CpuSet before{};
    const int cpu = ::sched_getcpu();
    if (cpu < 0 || ::sched_getaffinity(0, sizeof before, reinterpret_cast<cpu_set_t*>(&before)) < 0) return;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(cpu), &here);
    if (::sched_setaffinity(0, sizeof here, &here) == 0) before_ = before;
  }
  OnOneCpu(const OnOneCpu&) = delete;
  OnOneCpu& operator=(const OnOneCpu&) = delete;
  ~OnOneCpu() {
    if (before_) ::sched_setaffinity(0, sizeof *before_, reinterpret_cast<const cpu_set_t*>(&*before_));
  }

  /// The CPUs that it was allowed to run on before; empty if they were not restricted.
  const std::optional<entry::CpuSet>& before() const { return before_; }

 private:
  static_assert(sizeof(cpu_set_t) == sizeof(entry::CpuSet));
  std::optional<entry::CpuSet> before_;
};

}  // namespace podrun::ns
