// podrun-entry: the program that a process of podrun executes before it makes one in a PID namespace where others live
// (entry_protocol.hpp draws this and says why). Its own namespaces are those of the container, except the PID
// namespace, which is the host's; its root is the container's. For exec it stays as the command's parent, and then has
// next to no rights.
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/helper/clone3_onto.hpp"
#include "namespaces/helper/exec_path.hpp"
#include "namespaces/helper/helper_rights.hpp"
#include "namespaces/helper/process_steps.hpp"

namespace podrun::entry {
namespace {

constexpr int cannot_enter = 128;
constexpr uint64_t cap_kill = 1U << CAP_KILL;

[[noreturn]] void fail(uint16_t step, int error) {
  const StepFailure report = {step, static_cast<uint16_t>(error)};
  send(report_fd, &report, sizeof report, MSG_NOSIGNAL);
  _exit(cannot_enter);
}

const Order* map_order() {
  struct stat status;
  if (fstat(order_fd, &status) < 0) fail(not_cloned, errno);
  void* const order = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, order_fd, 0);
  if (order == MAP_FAILED) fail(not_cloned, errno);
  close(order_fd);
  return static_cast<const Order*>(order);
}

const Item* first_item(const Order& order) { return reinterpret_cast<const Item*>(&order + 1); }

// ---- the steps ----

uint64_t kept_capabilities(const Item* item) {
  uint64_t keep;
  memcpy(&keep, payload(item), sizeof keep);
  return keep;
}

int set_filter(const Item* item) {
  const sock_fprog program = {static_cast<unsigned short>(item->length / sizeof(sock_filter)),
                              const_cast<sock_filter*>(static_cast<const sock_filter*>(payload(item)))};
  return helper::load_filter(program);
}

int set_ids(const Item* item) {
  const auto* const ids = static_cast<const uint32_t*>(payload(item));
  return helper::set_ids(ids[0], ids[1], ids + 2, item->length / sizeof *ids - 2);
}

// ---- the container's process ----

const char* search_path() {
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (strncmp(*variable, "PATH=", 5) == 0) return *variable + 5;
  return default_search_path;
}

[[noreturn]] void run_command(const Order& order, const Item* birth, int gate, char** argv) {
  if (setsid() < 0) fail(not_cloned, errno);
  if (order.terminal_step != no_step && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
    fail(static_cast<uint16_t>(order.terminal_step), errno);
  for (const Item* item = next(birth);; item = next(item)) {
    int error = 0;
    if (item->op == Op::Filter) error = set_filter(item);
    else if (item->op == Op::Gate) error = helper::wait_at_gate(gate);
    else if (item->op == Op::Exec) error = exec_along(search_path(), argv, environ);
    if (error != 0) fail(item->step, error);
    // Until the gate opens the parent may change, and with it the process whose death this signal tells.
    if (item->op == Op::Gate && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) fail(birth->step, errno);
  }
}

// ---- the launcher ----

/// Lets the command and this process run on all their CPUs again.
void release_cpus(const Order& order, pid_t command) {
  if (!order.has_cpus) return;
  syscall(SYS_sched_setaffinity, command, sizeof order.cpus, &order.cpus);
  syscall(SYS_sched_setaffinity, 0, sizeof order.cpus, &order.cpus);
}

/// Shared with the launcher, which has the memory of its parent: so the parent knows what it made.
struct Launch {
  const Order& order;
  const int (&gate)[2];
  char** argv;
  pid_t made = 0;
  bool failed = false;  // and has reported that
};

[[noreturn]] void give_up(Launch& launch, uint16_t step, int error) {
  launch.failed = true;
  fail(step, error);
}

/// Closes what the process that is to be born must not have.
void close_own_descriptors(const Order& order) {
  switch (order.role) {
    case Role::Launch: close(birth_fd); break;
    case Role::Command:
    case Role::RegisteredCommand: syscall(SYS_close_range, lifeline_fd, kill_fd, 0); break;
  }
}

void launch_process(void* argument) noexcept {
  Launch& launch = *static_cast<Launch*>(argument);
  const Order& order = launch.order;
  close_own_descriptors(order);
  if (order.namespaces != 0) {
    if (setns(pid_fd, static_cast<int>(order.namespaces)) < 0) give_up(launch, not_cloned, errno);
    close(pid_fd);
  }
  for (const Item* item = first_item(order);; item = next(item)) {
    int error = 0;
    switch (item->op) {
      case Op::BoundCapabilities:
        error = helper::bound_capabilities(kept_capabilities(item), order.last_capability);
        break;
      case Op::Filter: error = set_filter(item); break;
      case Op::Ids: error = set_ids(item); break;
      case Op::NoNewPrivileges: error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0; break;
      case Op::Capabilities: error = helper::set_capabilities(kept_capabilities(item)); break;
      case Op::Birth: {
        // Else the process at the gate would never see the end of its monitor.
        if (launch.gate[1] >= 0) close(launch.gate[1]);
        // Not by clone3(2): filters cannot read its flags, so that many refuse it.
        const long pid = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr);
        if (pid == 0) run_command(order, item, launch.gate[0], launch.argv);
        if (pid < 0) give_up(launch, not_cloned, errno);
        launch.made = static_cast<pid_t>(pid);
        _exit(0);
      }
      case Op::Gate:
      case Op::Exec: error = EPROTO; break;
    }
    if (error != 0) give_up(launch, item->step, error);
  }
}

/// Makes the container's process as a child of this one, by way of a launcher that gives up rights which are still
/// needed here.
pid_t launch(const Order& order, const int (&gate)[2], char** argv) {
  alignas(16) char stack[32 * 1024];  // its end is next to what is in use, so no page of memory has to be added
  Launch launched = {order, gate, argv};
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) fail(not_cloned, errno);
  clone_args arguments = {};
  arguments.flags = CLONE_VM | CLONE_VFORK;
  if (order.role != Role::Launch) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = group_fd;
  }
  arguments.exit_signal = SIGCHLD;
  arguments.stack = reinterpret_cast<uintptr_t>(stack);
  arguments.stack_size = sizeof stack;
  const pid_t launcher = helper::clone3_onto(arguments, launch_process, &launched);
  if (launcher < 0) fail(not_cloned, -launcher);
  int status = 0;
  while (waitpid(launcher, &status, 0) < 0 && errno == EINTR) {}
  if (launched.made > 0) return launched.made;
  // It was killed: by the end of the container, or by the container's filter.
  if (!launched.failed) fail(not_cloned, WTERMSIG(status) == SIGKILL ? ESRCH : EPERM);
  _exit(cannot_enter);
}

// ---- the roles ----

/// Reports the process and ends.
[[noreturn]] void report_birth(pid_t pid) {
  const auto pidfd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (pidfd < 0) fail(not_cloned, errno);
  Born born = {pid, 0};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  iovec data = {&born, sizeof born};
  msghdr message = {};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(rights), &pidfd, sizeof pidfd);
  _exit(sendmsg(birth_fd, &message, MSG_NOSIGNAL) == sizeof born ? 0 : cannot_enter);
}

constexpr long monitors_calls[] = {SYS_ppoll, SYS_read, SYS_wait4,        SYS_kill,           SYS_write,
                                   SYS_close, SYS_exit, SYS_rt_sigreturn, SYS_restart_syscall, SYS_exit_group};
constexpr auto monitors_filter = helper::allow_only(monitors_calls);

/// Whether the command may run. What the pause has not registered never runs: the end of file comes instead.
bool may_run(const Order& order) {
  char byte;
  return order.role != Role::RegisteredCommand || read(lifeline_fd, &byte, 1) == 1;
}

/// Passes the client's signals on until the command has ended. A command without a terminal is killed when its client
/// ends, because it would never notice; one with a terminal is hung up.
[[noreturn]] void monitor(const Order& order, pid_t command, int gate) {
  prctl(PR_SET_NAME, "podrun-monitor");
  signal(SIGPIPE, SIG_IGN);
  // The command's streams must not be kept open here, because another process may wait for their end.
  close(STDIN_FILENO), close(STDOUT_FILENO), close(STDERR_FILENO);
  if (order.namespaces != 0) close(pid_fd);
  close(group_fd);
  const int error = fchdir(root_fd) < 0 ? errno : 0;
  close(root_fd);
  if (const int failed = error != 0 ? error : helper::confine(cap_kill, 0, monitors_filter)) {
    kill(command, SIGKILL);
    fail(not_cloned, failed);
  }
  close(report_fd);
  if (!may_run(order)) _exit(cannot_enter);
  // EPIPE: the command was killed meanwhile, and its status says so.
  if (write(gate, "", 1) != 1 && errno != EPIPE) _exit(cannot_enter);
  // No descriptor is left that tells of the command's end, so SIGCHLD does: it interrupts ppoll(2), and nothing else.
  sigset_t unblocked;
  sigemptyset(&unblocked);
  pollfd lifeline = {lifeline_fd, POLLIN, 0};
  for (;;) {
    int status;
    if (waitpid(command, &status, WNOHANG) == command) {
      // What it has started ends with it, also if the client does not live any more. An error is the group's removal.
      (void)!write(kill_fd, "1", 1);
      _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
    }
    if (ppoll(&lifeline, 1, nullptr, &unblocked) < 1) continue;
    unsigned char signal;
    if (read(lifeline_fd, &signal, 1) == 1) {
      kill(command, signal);
      continue;
    }
    if (order.terminal_step == no_step) kill(command, SIGKILL);
    lifeline.fd = -1;
  }
}

void note_child(int) {}

/// Blocks SIGCHLD except while ppoll(2) waits.
void block_child_signal() {
  struct sigaction action = {};
  action.sa_handler = note_child;
  sigaction(SIGCHLD, &action, nullptr);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, nullptr);
}

}  // namespace
}  // namespace podrun::entry

int main(int, char** argv) {
  using namespace podrun::entry;
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  prctl(PR_SET_NAME, "podrun-entry");
  fcntl(report_fd, F_SETFD, FD_CLOEXEC);
  const Order& order = *map_order();
  if (order.version != version) fail(not_cloned, EPROTO);
  if (order.role == Role::Launch) {
    fcntl(gate_fd, F_SETFD, FD_CLOEXEC);
    report_birth(launch(order, {gate_fd, -1}, argv));
  }
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) < 0) fail(not_cloned, errno);
  const pid_t command = launch(order, gate, argv);
  close(gate[0]);
  release_cpus(order, command);
  block_child_signal();
  monitor(order, command, gate[1]);
}
