// Handles the messages of the supervisor.
#include "namespaces/pause/messages.hpp"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/reaper.hpp"
#include "namespaces/pause/sandbox.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::pause {
namespace {

/// All steps are sent at once, so after one has failed the rest must be refused here.
int32_t try_step(Pause& pause, const Message& step, int cgroup, int* made) {
  const auto op = static_cast<SandboxOp>(step.a);
  if (pause.step_failed) return ECANCELED;
  if (op == SandboxOp::Root && !pause.own_mounts) return EPERM;
  if (int error = do_sandbox_step(step, cgroup, pause.argv, made)) return pause.step_failed = true, error;
  if (op == SandboxOp::Unshare && step.value & CLONE_NEWNS) pause.own_mounts = true;
  ++pause.steps_done;
  return 0;
}

void answer_step(Pause& pause, const Message& step, int cgroup) {
  int made = -1;
  const int64_t begin = boottime_now();
  Message reply{.op = Op::Stepped, .a = try_step(pause, step, cgroup, &made)};
  reply.value = boottime_now();
  reply.b = static_cast<int32_t>(reply.value - begin);
  send_message(pause.socket, reply, &made, made >= 0 ? 1 : 0);
  if (made < 0) return;
  Message hold{.op = Op::Hold};
  const bool is_init = static_cast<SandboxOp>(step.a) == SandboxOp::Init;
  strcpy(hold.name, is_init ? init_hold : cells_hold);
  pause.kept.keep(hold, &made, 1);
  if (is_init) pause.init = made;
}

void answer_list(Pause& pause) {
  for (RegistryItem& kept : pause.kept) {
    if (!kept.used) continue;
    Message item{.op = Op::Item, .a = kept.pid, .b = kept.instance};
    item.value = kept.kind == ChildKind::Command ? kept.status : kept.signalled;
    item.kind = kept.kind;
    kept.told = kept.ended;
    memcpy(item.name, kept.name, sizeof item.name);
    memcpy(item.roles, kept.roles, sizeof item.roles);
    if (!send_message(pause.socket, item, kept.fds, kept.count)) return;
  }
  const Message end{.op = Op::End, .a = pause.steps_done, .b = pause.stops.count(), .value = pause.previous_exit};
  send_message(pause.socket, end, nullptr, 0);
}

/// Ends the pause. The supervisor has cleaned up and exits, so nothing of the pod is left afterwards.
[[noreturn]] void end_pod(const Pause& pause, int code) {
  siginfo_t info;
  if (pause.supervisor > 0) waitid(P_PID, static_cast<id_t>(pause.supervisor), &info, WEXITED);
  if (pause.init >= 0) end_init(pause.init);
  _exit(code);
}

void note_adopted(Pause& pause, int32_t answer_timeout_ms) {
  pause.adopted = true;
  pause.delay_ms = 0;
  pause.watchdog.adopted(answer_timeout_ms);
  report_ended_commands(pause);
  if (pause.ask_due) ask(pause);
}

void note_reaped(Pause& pause, pid_t pid) {
  reap(pid);
  pause.kept.drop_child(pid);
  if (pid == pause.unregistered_child) pause.unregistered_child = 0;
}

/// Stores a registration or a hold, or tells the supervisor why not.
void keep(Pause& pause, const Message& message, const int* fds, unsigned count) {
  const int error = pause.kept.keep(message, fds, count);
  if (error == 0) return;
  Message refused{.op = Op::Refused, .a = message.a, .b = error};
  memcpy(refused.name, message.name, sizeof refused.name);
  send_message(pause.socket, refused, nullptr, 0);
}

void handle(Pause& pause, const Message& message, const int* fds, unsigned count) {
  switch (message.op) {
    case Op::Step: answer_step(pause, message, count > 0 ? fds[0] : -1); break;
    case Op::Register:
    case Op::Hold: keep(pause, message, fds, count); return;
    case Op::Release: pause.kept.drop_hold(message.name); break;
    case Op::List: answer_list(pause); break;
    case Op::Sync: send_message(pause.socket, {.op = Op::Synced}, nullptr, 0); break;
    case Op::Signal: pause.kept.signal_child(message.a, message.b); break;
    case Op::Reap: note_reaped(pause, message.a); break;
    case Op::Acknowledge: pause.kept.drop_ended_command(message.name); break;
    case Op::Adopted: note_adopted(pause, message.a); break;
    case Op::Answer: pause.watchdog.answered(); break;
    case Op::Leaving:
      pause.leaving = true;
      pause.watchdog.end();
      break;
    case Op::Quit: end_pod(pause, message.a);
    case Op::Stepped:
    case Op::Item:
    case Op::End:
    case Op::Stop:
    case Op::Ask:
    case Op::UnregisteredChild:
    case Op::CommandEnded:
    case Op::Refused:
    case Op::Synced: break;
  }
  for (unsigned i = 0; i < count; ++i) close(fds[i]);
}

}  // namespace

void read_messages(Pause& pause) {
  Message message{};
  int fds[max_descriptors];
  unsigned count = 0;
  while (receive_message(pause.socket, message, fds, count, MSG_DONTWAIT)) handle(pause, message, fds, count);
}

void report_ended_commands(Pause& pause) {
  if (!pause.adopted || pause.supervisor == 0) return;
  for (RegistryItem& kept : pause.kept) {
    if (!kept.used || kept.kind != ChildKind::Command || !kept.ended || kept.told) continue;
    Message ended{.op = Op::CommandEnded, .a = kept.pid, .value = kept.status};
    memcpy(ended.name, kept.name, sizeof ended.name);
    kept.told = send_message(pause.socket, ended, nullptr, 0);
  }
}

}  // namespace podrun::pause
