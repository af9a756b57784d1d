// Starts podrun-prober.
#include "namespaces/launch/start_prober.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "namespaces/helper/clone3_onto.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

/// The descriptors that the program gets, by their numbers there; -1: none.
using Places = std::array<int, prober::gate_fd + 1>;

/// What the child does with the memory of its parent, which waits meanwhile.
struct Task {
  const ProberSite& site;
  const Places& places;
  char* const* argv;
};

/// Puts the descriptors at their places. All are duplicated above them first, so that none is overwritten.
bool arrange(const Task& task) noexcept {
  constexpr int first_free = prober::gate_fd + 1;
  Places moved{};
  for (std::size_t i = 0; i < moved.size(); ++i) {
    moved[i] = task.places[i] < 0 ? -1 : ::fcntl(task.places[i], F_DUPFD_CLOEXEC, first_free);
    if (task.places[i] >= 0 && moved[i] < 0) return false;
  }
  const int program = ::fcntl(task.site.program, F_DUPFD_CLOEXEC, first_free);
  if (program < 0) return false;
  for (int i = 0; i < first_free; ++i) {
    if (moved[static_cast<std::size_t>(i)] < 0) ::close(i);
    else if (::dup2(moved[static_cast<std::size_t>(i)], i) < 0) return false;
  }
  return (program == first_free || ::dup3(program, first_free, O_CLOEXEC) >= 0) &&
         ::syscall(SYS_close_range, first_free + 1, ~0U, 0) == 0;
}

/// The environment is empty but for this: OpenSSL reads no configuration of the host.
char no_configuration[] = "OPENSSL_CONF=/dev/null";
char* const environment[] = {no_configuration, nullptr};

void run_child(void* argument) noexcept {
  const Task& task = *static_cast<const Task*>(argument);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::setsid();
  if ((task.site.network < 0 || ::setns(task.site.network, CLONE_NEWNET) == 0) && arrange(task))
    ::syscall(SYS_execveat, prober::gate_fd + 1, "", task.argv, environment, AT_EMPTY_PATH);
  ::syscall(SYS_exit_group, 127);
}

Result<Process> clone_prober(const ProberSite& site, Places places, bool for_hook, std::uint64_t parent) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  for (int standard = 0; standard < 3; ++standard)
    if (int& place = places[static_cast<std::size_t>(standard)]; place < 0) place = null.get();
  places[prober::root_fd] = site.empty_root;
  std::string name = "podrun-prober", pod = site.pod, hook = "hook";
  char* const argv[] = {name.data(), pod.data(), for_hook ? hook.data() : nullptr, nullptr};
  const Task task{site, places, argv};
  constexpr std::size_t stack_size = 64 * 1024;
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_VFORK | CLONE_VM | parent;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.cgroup = static_cast<std::uint64_t>(site.cgroup);
  arguments.exit_signal = parent != 0 ? 0 : SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack.get());
  arguments.stack_size = stack_size;
  const pid_t pid = helper::clone3_onto(arguments, run_child, const_cast<Task*>(&task));
  if (pid < 0) return fail_system("podrun-prober: clone3", -pid);
  return Process{pid, Fd(pidfd)};
}

Places no_descriptors() {
  Places places;
  places.fill(-1);
  return places;
}

}  // namespace

Result<StartedProber> start_prober(const ProberSite& site) {
  Channel channel = TRY(make_socket_pair());
  Places places = no_descriptors();
  places[prober::socket_fd] = channel.second.get();
  Process process = TRY(clone_prober(site, places, false, 0));
  return StartedProber{std::move(process), std::move(channel.first)};
}

Result<StartedHook> start_hook_prober(const ProberSite& site, prober::Request request, int output,
                                      bool as_child_of_parent) {
  Channel channel = TRY(make_socket_pair());
  Channel gate = TRY(make_pipe());
  request.op = prober::Op::Once;
  TRY_VOID(send_request(channel.first.get(), request));
  Places places = no_descriptors();
  places[1] = output;
  places[prober::socket_fd] = channel.second.get();
  places[prober::gate_fd] = gate.first.get();
  Process process = TRY(clone_prober(site, places, true, as_child_of_parent ? CLONE_PARENT : 0));
  return StartedHook{std::move(process), std::move(gate.second)};
}

Result<> send_request(int socket, const prober::Request& request) {
  const std::string bytes = prober::encode(request);
  if (bytes.size() > prober::longest_request) return fail_system("the path and the headers of a probe", E2BIG);
  if (::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return fail_system("podrun-prober");
  return {};
}

}  // namespace podrun::ns
