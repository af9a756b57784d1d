// Namespaces of one container's own.
#include "namespaces/make_namespace.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include <fmt/format.h>

#include "namespaces/kinds.hpp"
#include "namespaces/pause/transport.hpp"
#include "namespaces/process.hpp"
#include "pod/names.hpp"

namespace podrun::ns {
namespace {

constexpr std::string_view prefix = "ns/";

/// What the short-lived process is given: the step, and where its descriptor goes.
struct Order {
  const pod::host::MakeNamespace* step;
  int socket;
};

Result<> bring_loopback_up() {
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) return fail_system("lo up");
  return {};
}

std::string offset_line(const char* clock, std::chrono::nanoseconds offset) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(offset);
  return fmt::format("{} {} {}\n", clock, seconds.count(), (offset - seconds).count());
}

/// time_namespaces(7): possible until the first process is in it, and nobody is.
Result<> set_clocks(const pod::host::ClockOffsets& offsets) {
  const std::string text = offset_line("monotonic", offsets.monotonic) + offset_line("boottime", offsets.boottime);
  const Fd file(::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC));
  if (!file || ::write(file.get(), text.data(), text.size()) < 0) return fail_system("timens_offsets");
  return {};
}

Result<Fd> make_here(const pod::host::MakeNamespace& step) {
  const std::string kind(pod::name_of(step.kind));
  if (::unshare(clone_flag(step.kind)) < 0) return fail_system("unshare");
  if (step.kind == pod::NamespaceKind::Net) TRY_VOID(bring_loopback_up());
  if (step.kind == pod::NamespaceKind::Uts && ::sethostname(step.hostname.data(), step.hostname.size()) < 0)
    return fail_system("sethostname");
  if (step.kind == pod::NamespaceKind::Time) TRY_VOID(set_clocks(step.offsets));
  const std::string path = "/proc/self/ns/" + kind + (step.kind == pod::NamespaceKind::Time ? "_for_children" : "");
  Fd made(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!made) return fail_system(path);
  return made;
}

int make_and_send(void* argument) {
  const auto& order = *static_cast<Order*>(argument);
  const Result<Fd> made = make_here(*order.step);
  if (!made) return made.error().number;
  const int fd = made->get();
  return pause::send_message(order.socket, {.op = pause::Op::Hold}, &fd, 1) ? 0 : errno;
}

}  // namespace

Result<Fd> make_namespace(const pod::host::MakeNamespace& step, int cgroup) {
  const std::string words = fmt::format("new {} namespace", pod::name_of(step.kind));
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return fail_system("socketpair");
  const Fd ours(pair[0]), theirs(pair[1]);
  Order order{&step, theirs.get()};
  const Process child = TRY(run_in_child(make_and_send, &order, cgroup));
  if (const int status = TRY(wait_for(child)); status != 0) {
    errno = exit_code_of(status);
    return fail_system(words);
  }
  pause::Message message{};
  int fds[pause::max_descriptors];
  unsigned count = 0;
  if (!pause::receive_message(ours.get(), message, fds, count, MSG_DONTWAIT) || count != 1)
    return fail(words + ": nothing came back");
  return Fd(fds[0]);
}

std::string HeldNamespaces::name_of(const pod::host::MakeNamespace& step) {
  return fmt::format("{}{}/{}", prefix, step.container, pod::name_of(step.kind));
}

void HeldNamespaces::adopt(const std::string& name, Fd fd) {
  if (name.starts_with(prefix)) held_[name] = std::move(fd);
}

Result<Fd> HeldNamespaces::get(const pod::host::MakeNamespace& step, int cgroup) {
  const std::string name = name_of(step);
  if (!held_.contains(name)) {
    Fd made = TRY(make_namespace(step, cgroup));
    TRY_VOID(hold_(name, made.get()));
    held_[name] = std::move(made);
  }
  Fd copy(::fcntl(held_.at(name).get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail_system(name);
  return copy;
}

}  // namespace podrun::ns
