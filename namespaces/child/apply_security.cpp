// Child steps: what the process may do. A security step that fails is fatal.
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "namespaces/child/apply.hpp"

namespace podrun::ns {
namespace {

// pod::Resource has the kernel's numbers, which it cannot look up itself.
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
  for (unsigned capability = 0; capability <= context.last_capability; ++capability)
    if (!(step.keep >> capability & 1) && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return errno;
  return ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? errno : 0;
}

int apply(const pod::step::Seccomp& step, const ChildContext& context) noexcept {
  for (const Filter& filter : context.filters)
    if (filter.of == step.rules.get())
      return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter.program) < 0 ? errno : 0;
  return ENOENT;
}

int apply(const pod::step::SetIds& step, const ChildContext&) noexcept {
  // The raw calls: glibc's wrappers would look for other threads to change as well.
  if (::syscall(SYS_setgroups, step.groups.size(), step.groups.data()) < 0) return errno;
  if (::syscall(SYS_setresgid, step.gid, step.gid, step.gid) < 0) return errno;
  return ::syscall(SYS_setresuid, step.uid, step.uid, step.uid) < 0 ? errno : 0;
}

int apply(const pod::step::NoNewPrivileges&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

int apply(const pod::step::SetCapabilities& step, const ChildContext&) noexcept {
  const auto low = static_cast<std::uint32_t>(step.keep), high = static_cast<std::uint32_t>(step.keep >> 32);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
  return ::syscall(SYS_capset, &header, data) < 0 ? errno : 0;
}

int apply(const pod::step::ParentDeathSignal&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? errno : 0;
}

}  // namespace podrun::ns
