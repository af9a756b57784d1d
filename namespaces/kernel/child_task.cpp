// Work in a short-lived process.
#include "namespaces/kernel/child_task.hpp"

#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::ns {
namespace {

/// What a pipe takes at once, so that the child never waits for its parent to read.
constexpr std::size_t longest_message = 4096;

}  // namespace

Result<Process> run_in_child(const std::function<int()>& work, int cgroup) {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  if (cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  }
  const pid_t parent = ::getpid();
  const pid_t pid = sys::clone3(arguments);
  if (pid < 0) return fail_system("clone3");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(ESRCH);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::_exit(work());
  }
  return Process{pid, Fd(pidfd)};
}

Result<> run_in_child_to_end(const std::string& what, const std::function<int()>& work, int cgroup) {
  const Process child = TRY(run_in_child(work, cgroup));
  if (const int status = TRY(wait_for(child)); status != 0) return fail_system(what, exit_code_of(status));
  return {};
}

Result<Fd> fd_from_child(const std::string& what, const std::function<Result<Fd>()>& make, int cgroup) {
  const auto [ours, theirs] = TRY(make_socket_pair());
  const auto make_and_send = [&] {
    const Result<Fd> made = make();
    if (!made) return made.error().number;
    const int fd = made->get();
    return pause::send_message(theirs.get(), {.op = pause::Op::Hold}, &fd, 1) ? 0 : errno;
  };
  TRY_VOID(run_in_child_to_end(what, make_and_send, cgroup));
  pause::Message message{};
  int fds[pause::max_descriptors];
  unsigned count = 0;
  if (!pause::receive_message(ours.get(), message, fds, count, MSG_DONTWAIT) || count != 1)
    return fail(what + ": the child process returned nothing");
  return Fd(fds[0]);
}

Result<ChildTask> start_child_task(const std::function<Result<>()>& work, int cgroup) {
  Channel pipe = TRY(make_pipe());
  const auto work_and_report = [&] {
    const Result<> done = work();
    if (done) return 0;
    const std::string& message = done.error().message;
    const int number = done.error().number;
    (void)!::write(pipe.second.get(), message.data(), std::min(message.size(), longest_message));
    return number > 0 && number < 128 ? number : EIO;
  };
  Process process = TRY(run_in_child(work_and_report, cgroup));
  return ChildTask{std::move(process), std::move(pipe.first)};
}

Result<> finish_child_task(const ChildTask& task) {
  const int code = exit_code_of(TRY(wait_for(task.process)));
  if (code == 0) return {};
  if (code > 128) return fail("its process was killed", EINTR);
  std::string message(longest_message, '\0');
  const ssize_t length = ::read(task.message.get(), message.data(), message.size());
  message.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return fail(message.empty() ? "its process failed" : message, code);
}

}  // namespace podrun::ns
