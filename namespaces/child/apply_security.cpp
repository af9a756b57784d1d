// The child steps that decide what the process may do. A step that fails ends the start.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "namespaces/child/apply.hpp"
#include "namespaces/helper/process_steps.hpp"

namespace podrun::ns {
namespace {

// pod::Resource has the kernel's numbers, but pod/ cannot include the kernel's header.
static_assert(static_cast<int>(pod::Resource::Nproc) == RLIMIT_NPROC &&
              static_cast<int>(pod::Resource::Nofile) == RLIMIT_NOFILE &&
              static_cast<int>(pod::Resource::Memlock) == RLIMIT_MEMLOCK &&
              static_cast<int>(pod::Resource::As) == RLIMIT_AS && static_cast<int>(pod::Resource::Rss) == RLIMIT_RSS &&
              static_cast<int>(pod::Resource::Rttime) == RLIMIT_RTTIME && pod::resource_kinds == RLIM_NLIMITS &&
              pod::unlimited == RLIM_INFINITY);

}  // namespace

int apply(const pod::step::ResourceLimits& step, const ChildContext&) noexcept {
  for (const pod::ResourceLimit& limit : step.limits) {
    const std::uint64_t values[2] = {limit.soft, limit.hard};  // rlimit64
    if (::syscall(SYS_prlimit64, 0, static_cast<int>(limit.resource), values, nullptr) < 0) return errno;
  }
  return 0;
}

int apply(const pod::step::BoundCapabilities& step, const ChildContext& context) noexcept {
  return helper::bound_capabilities(step.keep, context.last_capability);
}

int apply(const pod::step::Seccomp& step, const ChildContext& context) noexcept {
  for (const Filter& filter : context.filters)
    if (filter.of == step.rules.get()) return helper::load_filter(filter.program);
  return ENOENT;
}

int apply(const pod::step::SetIds& step, const ChildContext&) noexcept {
  return helper::set_ids(step.uid, step.gid, step.groups.data(), step.groups.size());
}

int apply(const pod::step::NoNewPrivileges&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

int apply(const pod::step::SetCapabilities& step, const ChildContext&) noexcept {
  return helper::set_capabilities(step.keep);
}

int apply(const pod::step::ParentDeathSignal&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? errno : 0;
}

}  // namespace podrun::ns
