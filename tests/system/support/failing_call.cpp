// Makes one system call of one process of a pod fail.
#include "tests/system/support/failing_call.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/system/support/procfs.hpp"

namespace podrun::test {
namespace {

/// From now on this thread and all its children ask through the descriptor before they make that call. "Any call"
/// excludes futex(2): podrun makes none, and the threads of the test need it.
int ask_before(long number) {
  const bool any = number == Call::any;
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(any ? SYS_futex : number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, any ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, any ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{std::size(program), program};
  return static_cast<int>(
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter));
}

bool points_to(pid_t pid, std::uint64_t argument, const std::string& text) {
  std::string found(text.size() + 1, 'x');
  const iovec here{found.data(), found.size()};
  const iovec there{reinterpret_cast<void*>(argument), found.size()};
  return ::process_vm_readv(pid, &here, 1, &there, 1, 0) == static_cast<ssize_t>(found.size()) &&
         found.c_str() == text;
}

bool is_in_own_pid_namespace(pid_t pid) { return status_of(pid, "NSpid").find(' ') != std::string::npos; }

/// Whether a process is in the control group of a container, and not in that of the pod's helpers.
bool is_in_container(pid_t pid) {
  for (const std::string& line : lines_of(proc_file(pid, "cgroup"))) {
    const std::string last = line.substr(line.rfind('/') + 1);
    if (line.starts_with("0::") && line.find("/default_") != line.npos && !last.starts_with("default_") &&
        !last.starts_with("_"))
      return true;
  }
  return false;
}

/// The role of a process. Nothing if it is the program of a container or a process of the test.
std::optional<Caller> caller_of(pid_t pid) {
  const std::string comm = comm_of(pid);
  if (comm == "podrun-pause") return Caller::Pause;
  if (comm == "podrun-entry") return Caller::Child;
  if (is_in_own_pid_namespace(pid)) return comm == "podrun" ? std::optional(Caller::Child) : std::nullopt;
  // The front has the name of the supervisor, too. It is a child of the test.
  return comm == "podrun" && parent_of(pid) != ::getpid() ? Caller::Supervisor : Caller::First;
}

}  // namespace

FailingCall::FailingCall(Call call, int error)
    : call_(std::move(call)), error_(error), end_(::eventfd(0, EFD_CLOEXEC)) {}

FailingCall::~FailingCall() {
  ::eventfd_write(end_.get(), 1);
  if (watcher_.joinable()) watcher_.join();
}

void FailingCall::run(const std::function<void()>& start) {
  watcher_ = std::thread([this] { watch(); });
  // In a thread of its own, because a filter cannot be removed.
  std::thread([&] {
    starter_ = ::gettid();
    const int listener = ask_before(call_.number);
    EXPECT_GE(listener, 0) << "seccomp_unotify(2)";
    listener_ = listener;
    listener_.notify_one();
    start();
  }).join();
}

/// Answers every question until no process is left that could ask.
void FailingCall::watch() {
  listener_.wait(-1);
  const Fd listener(listener_);
  pollfd events[] = {{listener.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
  while (::poll(events, std::size(events), -1) > 0 && events[1].revents == 0) {
    if (!(events[0].revents & POLLIN)) return;
    seccomp_notif made{};
    if (::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &made) < 0) continue;  // the process was killed meanwhile
    seccomp_notif_resp answer{.id = made.id, .val = 0, .error = 0, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    const bool it = is_the_one(made);
    if (it && error_ == killed) ::kill(static_cast<pid_t>(made.pid), SIGKILL);
    if (it) {
      answer.error = error_ == killed ? -EINTR : -error_;
      answer.flags = 0;
      number_ = made.data.nr;
      has_failed_ = true;
    }
    ::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

bool FailingCall::is_the_one(const seccomp_notif& made) {
  const auto pid = static_cast<pid_t>(made.pid);
  // This comes first, because that thread may hold locks that are needed here.
  if (has_failed_ || pid == starter_) return false;
  const auto caller = caller_of(pid);
  // A process that prepares one that joins a PID namespace. Helpers that make a namespace of a container are there,
  // too.
  const bool goes_before = caller == Caller::Supervisor && call_.joins_pids && is_in_container(pid);
  if (caller != call_.caller && !goes_before) return false;
  if (call_.caller == Caller::Child && !is_of_instance(pid)) return false;
  const auto& arguments = made.data.args;
  const auto is_same = [&](const auto& wanted) { return arguments[wanted.first] == wanted.second; };
  if (!std::ranges::all_of(call_.arguments, is_same)) return false;
  const auto is_text = [&](std::uint64_t argument) { return points_to(pid, argument, call_.text); };
  if (!call_.text.empty() && std::ranges::none_of(arguments, is_text)) return false;
  return ++seen_ == call_.nth;
}

bool FailingCall::is_of_instance(pid_t pid) {
  const auto groups = lines_of(proc_file(pid, "cgroup"));
  const auto is_container = [&](const std::string& line) { return line.ends_with("/" + call_.container); };
  if (std::ranges::none_of(groups, is_container)) return false;
  const bool is_inner = is_in_own_pid_namespace(pid);
  const pid_t parent = parent_of(pid);
  const pid_t outer = comm_of(parent) == "podrun-entry" ? parent : pid;
  Instance* last = instances_.empty() ? nullptr : &instances_.back();
  if (last == nullptr || (is_inner ? last->inner != 0 && last->inner != pid : last->outer != outer))
    last = &instances_.emplace_back();
  (is_inner ? last->inner : last->outer) = is_inner ? pid : outer;
  return static_cast<int>(instances_.size()) == call_.instance + 1;
}

}  // namespace podrun::test
