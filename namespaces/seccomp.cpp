// The seccomp filter that containers run under.
#include "namespaces/seccomp.hpp"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "namespaces/fd.hpp"

namespace podrun::ns {
namespace {

constexpr std::array refused{"pidfd_getfd", "add_key", "request_key", "keyctl"};

/// The kernel takes calls of these as well; without its rules one of them would be a way around the others'.
#if defined(__x86_64__)
constexpr std::array also_taken{SCMP_ARCH_X86, SCMP_ARCH_X32};
#elif defined(__aarch64__)
constexpr std::array also_taken{SCMP_ARCH_ARM};
#endif

/// libseccomp returns negative errnos.
Result<> done(int result, const char* what) {
  if (result >= 0) return {};
  return fail_system(fmt::format("seccomp filter: {}", what), -result);
}

Result<> add_rules(scmp_filter_ctx filter) {
  for (const auto architecture : also_taken) TRY_VOID(done(seccomp_arch_add(filter, architecture), "architecture"));
  for (const char* call : refused)
    TRY_VOID(done(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), seccomp_syscall_resolve_name(call), 0), call));
  return {};
}

Result<std::vector<sock_filter>> assemble() {
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
  if (!filter) return fail("seccomp filter: no memory", ENOMEM);
  TRY_VOID(add_rules(filter.get()));
  const Fd file(::memfd_create("seccomp", MFD_CLOEXEC));
  if (!file) return fail_system("memfd_create");
  TRY_VOID(done(seccomp_export_bpf(filter.get(), file.get()), "export"));
  std::vector<sock_filter> instructions(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_CUR)) / sizeof(sock_filter));
  const std::size_t bytes = instructions.size() * sizeof(sock_filter);
  if (::pread(file.get(), instructions.data(), bytes, 0) != static_cast<ssize_t>(bytes)) return fail_system("seccomp filter");
  return instructions;
}

}  // namespace

Result<sock_fprog> refusing_filter() {
  static Result<std::vector<sock_filter>> filter = assemble();
  if (!filter) return std::unexpected(filter.error());
  return sock_fprog{.len = static_cast<unsigned short>(filter->size()), .filter = filter->data()};
}

}  // namespace podrun::ns
