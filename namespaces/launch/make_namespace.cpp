// Namespaces of one container.
#include "namespaces/launch/make_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include "namespaces/helper/loopback.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::ns {
namespace {

constexpr std::string_view prefix = "ns/";
constexpr int no_cgroup = -1;  // a namespace that is held is not rooted at a group

std::string offset_line(const char* clock, std::chrono::nanoseconds offset) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(offset);
  return fmt::format("{} {} {}\n", clock, seconds.count(), (offset - seconds).count());
}

/// The offsets can be written only until the first process is in the namespace, time_namespaces(7); none is in it yet.
Result<> set_clocks(const pod::ClockOffsets& offsets) {
  const std::string text = offset_line("monotonic", offsets.monotonic) + offset_line("boottime", offsets.boottime);
  const Fd file(::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) return fail_system("timens_offsets");
  return {};
}

Result<Fd> make_here(const pod::host::MakeNamespace& step) {
  const std::string kind(pod::name_of(step.kind));
  if (::unshare(clone_flag(step.kind)) < 0) return fail_system("unshare");
  if (step.kind == pod::NamespaceKind::Net)
    if (const int error = helper::bring_loopback_up()) return fail_system("lo up", error);
  if (step.kind == pod::NamespaceKind::Uts && ::sethostname(step.hostname.data(), step.hostname.size()) < 0)
    return fail_system("sethostname");
  if (step.kind == pod::NamespaceKind::Time) TRY_VOID(set_clocks(step.offsets));
  const std::string path = "/proc/self/ns/" + kind + (step.kind == pod::NamespaceKind::Time ? "_for_children" : "");
  Fd made(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!made) return fail_system(path);
  return made;
}

}  // namespace

Result<Fd> make_namespace(const pod::host::MakeNamespace& step, int cgroup) {
  return fd_from_child(
      fmt::format("new {} namespace", pod::name_of(step.kind)), [&] { return make_here(step); }, cgroup);
}

std::string HeldNamespaces::name_of(const pod::host::MakeNamespace& step) {
  return fmt::format("{}{}/{}", prefix, step.container, pod::name_of(step.kind));
}

bool HeldNamespaces::is_name(std::string_view name) { return name.starts_with(prefix); }

void HeldNamespaces::adopt(const std::string& name, Fd fd) { held_[name] = std::move(fd); }

Result<Fd> HeldNamespaces::get(const pod::host::MakeNamespace& step) {
  const std::string name = name_of(step);
  if (!held_.contains(name)) {
    Fd made = TRY(make_namespace(step, no_cgroup));
    TRY_VOID(hold_(name, made.get()));
    held_[name] = std::move(made);
  }
  Fd copy(::fcntl(held_.at(name).get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail_system(name);
  return copy;
}

}  // namespace podrun::ns
