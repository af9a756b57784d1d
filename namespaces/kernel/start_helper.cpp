// Starts a helper program.
#include "namespaces/kernel/start_helper.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstddef>
#include <memory>
#include <utility>

#include "namespaces/helper/clone3_onto.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

/// What the child does with the memory of its parent, which waits meanwhile.
struct Task {
  int network;
  std::vector<int>& places;  ///< the descriptors by their numbers there; the last is the program, which is not kept
  char* const* argv;
  char* const* envp;
};

/// Puts the descriptors at their places. All are duplicated above them first, so that none is overwritten.
bool arrange(const Task& task) noexcept {
  const int count = static_cast<int>(task.places.size());
  for (int& place : task.places) {
    place = ::fcntl(place, F_DUPFD_CLOEXEC, count);
    if (place < 0) return false;
  }
  for (int i = 0; i < count; ++i)
    if (::dup3(task.places[static_cast<std::size_t>(i)], i, i + 1 == count ? O_CLOEXEC : 0) < 0) return false;
  return ::syscall(SYS_close_range, static_cast<unsigned>(count), ~0U, 0) == 0;
}

void run_child(void* argument) noexcept {
  const Task& task = *static_cast<const Task*>(argument);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::setsid();
  if ((task.network < 0 || ::setns(task.network, CLONE_NEWNET) == 0) && arrange(task))
    ::syscall(SYS_execveat, static_cast<int>(task.places.size()) - 1, "", task.argv, task.envp, AT_EMPTY_PATH);
  ::syscall(SYS_exit_group, 127);
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<Process> clone_helper(const HelperSite& site, const std::string& name, Task& task) {
  constexpr std::size_t stack_size = 64 * 1024;
  const auto stack = std::make_unique_for_overwrite<std::byte[]>(stack_size);
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | CLONE_VFORK | CLONE_VM | site.new_namespaces;
  if (site.cgroup >= 0) arguments.flags |= CLONE_INTO_CGROUP;
  if (site.as_child_of_parent) arguments.flags |= CLONE_PARENT;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  if (site.cgroup >= 0) arguments.cgroup = static_cast<std::uint64_t>(site.cgroup);
  arguments.exit_signal = site.as_child_of_parent ? 0 : SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack.get());
  arguments.stack_size = stack_size;
  const pid_t pid = helper::clone3_onto(arguments, run_child, &task);
  if (pid < 0) return fail_system(name + ": clone3", -pid);
  return Process{pid, Fd(pidfd)};
}

}  // namespace

Result<StartedHelper> start_helper(const HelperSite& site, const HelperStart& start) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  const auto or_null = [&](int fd) { return fd < 0 ? null.get() : fd; };
  std::vector<int> places{or_null(start.input), or_null(start.output), or_null(start.errors)};
  places.insert(places.end(), start.descriptors.begin(), start.descriptors.end());
  if (site.empty_root >= 0) places.push_back(site.empty_root);
  Channel gate;
  if (start.has_gate) {
    gate = TRY(make_pipe());
    places.push_back(gate.first.get());
  }
  places.push_back(site.program);
  std::vector<std::string> words{start.name, site.pod}, environment = start.environment;
  words.insert(words.end(), start.words.begin(), start.words.end());
  const auto argv = pointers_to(words), envp = pointers_to(environment);
  Task task{site.network, places, argv.data(), envp.data()};
  Process process = TRY(clone_helper(site, start.name, task));
  return StartedHelper{std::move(process), std::move(gate.second)};
}

}  // namespace podrun::ns
