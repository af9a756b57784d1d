// The supervisor's end of the pause protocol.
#include "namespaces/launch/pause_client.hpp"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/namespace_kinds.hpp"
#include "namespaces/launch/legacy_roles.hpp"
#include "namespaces/pause/transport.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::ns {
namespace {

using pause::Message;
using pause::Op;
using pause::SandboxOp;

Result<> set_name(Message& message, const std::string& name) {
  if (name.size() >= sizeof message.name) return fail("name too long for the pause: " + name, ENAMETOOLONG);
  std::copy(name.begin(), name.end(), message.name);
  return {};
}

Result<> send(int socket, const Message& message, const std::vector<int>& fds = {}) {
  if (fds.size() > pause::max_descriptors) return fail("too many descriptors for the pause", E2BIG);
  if (pause::send_message(socket, message, fds.data(), static_cast<unsigned>(fds.size()))) return {};
  return fail_system("the pause is gone");
}

struct Received {
  Message message{};
  std::vector<KeptFd> fds;
};

Result<Received> receive(int socket) {
  Received received;
  int fds[pause::max_descriptors];
  unsigned count = 0;
  if (!pause::receive_message(socket, received.message, fds, count, 0)) return fail("the pause is gone", EPIPE);
  for (unsigned i = 0; i < count; ++i) received.fds.push_back({received.message.roles[i], Fd(fds[i])});
  if (count < received.message.descriptors)
    return fail_system("descriptors that the pause has sent are lost", EMFILE);
  return received;
}

Result<Message> to_message(const pod::SandboxStep& step) {
  Message message{.op = Op::Step};
  const auto set = [&](SandboxOp op) { message.a = static_cast<std::int32_t>(op); };
  const auto flags = [](const pod::NamespaceSet& kinds) {
    std::int64_t all = 0;
    for (const pod::NamespaceKind kind : kinds) all |= clone_flag(kind);
    return all;
  };
  const auto fill = pod::Overloaded{
      [&](const pod::sandbox::Unshare& unshare) -> Result<> {
        set(SandboxOp::Unshare);
        message.value = flags(unshare.kinds);
        return {};
      },
      [&](const pod::sandbox::Root&) -> Result<> {
        set(SandboxOp::Root);
        return {};
      },
      [&](const pod::sandbox::SharedMemory& memory) {
        set(SandboxOp::SharedMemory);
        message.value = static_cast<std::int64_t>(memory.bytes);
        return set_name(message, memory.container);
      },
      [&](const pod::sandbox::Loopback&) -> Result<> {
        set(SandboxOp::Loopback);
        return {};
      },
      [&](const pod::sandbox::Hostname& hostname) {
        set(SandboxOp::Hostname);
        return set_name(message, hostname.name);
      },
      [&](const pod::sandbox::Sysctl& sysctl) {
        set(SandboxOp::Sysctl);
        const std::string path = pod::sysctl_path(sysctl.name);
        return set_name(message, path.substr(pod::sysctl_root.size()) + "=" + sysctl.value);
      },
      [&](const pod::sandbox::Init& init) -> Result<> {
        set(SandboxOp::Init);
        message.value = flags(init.kinds);
        return {};
      }};
  TRY_VOID(std::visit(fill, step));
  return message;
}

/// The descriptor that is sent with a step, or -1.
int aux_fd_of(const pod::SandboxStep& step, int cgroup, const Fd& sysctls) {
  if (std::holds_alternative<pod::sandbox::Init>(step)) return cgroup;
  return std::holds_alternative<pod::sandbox::Sysctl>(step) ? sysctls.get() : -1;
}

/// Opens the host's /proc/sys. A file of it shows the namespaces of the process that opens it, which is the pause; but
/// the pause has no /proc.
Result<Fd> open_sysctls(const std::vector<pod::SandboxStep>& steps) {
  const auto is_sysctl = [](const pod::SandboxStep& step) {
    return std::holds_alternative<pod::sandbox::Sysctl>(step);
  };
  if (!std::ranges::any_of(steps, is_sysctl)) return Fd();
  Fd directory(::open(std::string(pod::sysctl_root).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_system(std::string(pod::sysctl_root));
  return directory;
}

std::string name_of(const Message& message) { return {message.name, ::strnlen(message.name, sizeof message.name)}; }

std::optional<int> status_of(std::int64_t ended) {
  if ((ended & pause::has_ended) == 0) return std::nullopt;
  return static_cast<int>(ended & pause::ended_status);
}

void add_item(const Message& message, std::vector<KeptFd> fds, Holdings& holdings) {
  const bool is_command = message.kind == ChildKind::Command;
  KeptItem item{.name = name_of(message),
                .kind = message.kind,
                .pid = message.a,
                .instance = message.b,
                .fds = std::move(fds),
                .signalled = is_command ? 0 : static_cast<int>(message.value),
                .status = is_command ? status_of(message.value) : std::nullopt};
  (item.pid == 0 ? holdings.holds : is_command ? holdings.commands : holdings.children).push_back(std::move(item));
}

}  // namespace

Fd KeptItem::take(Role role) {
  const auto found = std::ranges::find(fds, role, &KeptFd::role);
  return found == fds.end() ? Fd() : std::exchange(found->fd, Fd());
}

Result<> open_gate(int gate) {
  if (::write(gate, "", 1) != 1) return fail_system("open the gate");
  return {};
}

Result<> PauseClient::request(const std::vector<pod::SandboxStep>& steps, std::size_t first, int cgroup) {
  // All steps are sent before the first answer is awaited: this takes one round trip instead of one for each step.
  const Fd sysctls = TRY(open_sysctls(steps));
  for (std::size_t index = first; index < steps.size(); ++index) {
    const int fd = aux_fd_of(steps[index], cgroup, sysctls);
    TRY_VOID(send(socket_.get(), TRY(to_message(steps[index])), fd < 0 ? std::vector<int>{} : std::vector{fd}));
  }
  return {};
}

Result<Sandbox> PauseClient::await(const std::vector<pod::SandboxStep>& steps, std::size_t first) {
  step_times_.clear();
  Sandbox made;
  std::string failure;
  int number = 0;
  for (std::size_t index = first; index < steps.size();) {
    Received answer = TRY(receive(socket_.get()));
    handle_unasked(answer.message);
    if (answer.message.op != Op::Stepped) continue;
    step_times_.push_back({answer.message.value - answer.message.b, answer.message.value});
    if (answer.message.a != 0 && failure.empty()) {
      number = answer.message.a;
      failure = pod::sandbox_step_failure(steps, index, number).message;
    }
    if (!answer.fds.empty())
      (std::holds_alternative<pod::sandbox::Init>(steps[index]) ? made.init : made.cells) =
          std::move(answer.fds.front().fd);
    ++index;
  }
  if (!failure.empty()) return fail(failure, number);
  return made;
}

Result<Sandbox> PauseClient::perform(const std::vector<pod::SandboxStep>& steps, std::size_t first, int cgroup) {
  TRY_VOID(request(steps, first, cgroup));
  return await(steps, first);
}

Result<> PauseClient::register_child(const Registration& child) {
  Message message{.op = Op::Register, .a = child.pid, .b = child.instance, .kind = child.kind};
  TRY_VOID(set_name(message, child.name));
  std::vector<int> fds;
  const auto add = [&](RoleFd each) {
    if (fds.size() < pause::max_descriptors) message.roles[fds.size()] = each.role;
    fds.push_back(each.fd);
  };
  const bool opens_gate = version_ >= pause::version_with_roles;
  std::ranges::for_each(opens_gate ? child.fds : in_legacy_order(child.fds), add);
  if (child.gate >= 0 && opens_gate) add({Role::Gate, child.gate});
  TRY_VOID(send(socket_.get(), message, fds));
  // The message waits in the socket, and counts even if this process dies now.
  return child.gate >= 0 && !opens_gate ? open_gate(child.gate) : Result<>();
}

Result<> PauseClient::register_and_confirm(const Registration& child) {
  TRY_VOID(sync());  // an earlier registration may have been refused, too
  const auto before = static_cast<std::ptrdiff_t>(refusals_.size());
  TRY_VOID(register_child(child));
  TRY_VOID(sync());
  const auto refused = std::ranges::find(refusals_.begin() + before, refusals_.end(), child.pid, &Refusal::pid);
  if (refused == refusals_.end()) return {};
  const int number = refused->number;
  refusals_.erase(refused);
  return fail_system("the pause has no room", number);
}

Result<> PauseClient::hold(const std::string& name, const std::vector<int>& fds) {
  Message message{.op = Op::Hold};
  TRY_VOID(set_name(message, name));
  return send(socket_.get(), message, fds);
}

Result<> PauseClient::release(const std::string& name) {
  Message message{.op = Op::Release};
  TRY_VOID(set_name(message, name));
  return send(socket_.get(), message);
}

Result<> PauseClient::signal(const Process& child, int number) {
  if (version_ < pause::version_with_signals) return send_signal(child, number);
  return send(socket_.get(), {.op = Op::Signal, .a = child.pid, .b = number});
}

Result<> PauseClient::reap(pid_t pid) { return send(socket_.get(), {.op = Op::Reap, .a = pid}); }
Result<> PauseClient::acknowledge(const std::string& command) {
  Message message{.op = Op::Acknowledge};
  TRY_VOID(set_name(message, command));
  return send(socket_.get(), message);
}

Result<> PauseClient::leaving() { return send(socket_.get(), {.op = Op::Leaving}); }
Result<> PauseClient::quit(int code) { return send(socket_.get(), {.op = Op::Quit, .a = code}); }

Result<> PauseClient::adopted(std::chrono::milliseconds timeout) {
  return send(socket_.get(), {.op = Op::Adopted, .a = static_cast<std::int32_t>(timeout.count())});
}

Result<Holdings> PauseClient::list() {
  TRY_VOID(send(socket_.get(), {.op = Op::List}));
  Holdings holdings;
  for (;;) {
    Received received = TRY(receive(socket_.get()));
    const Message& message = received.message;
    handle_unasked(message);
    if (message.op == Op::Item) add_item(received.message, std::move(received.fds), holdings);
    if (message.op != Op::End) continue;
    holdings.sandbox_steps_done = static_cast<std::size_t>(message.a);
    holdings.stops = stops_ = std::max(stops_, message.b);
    holdings.version = version_ = message.version;
    holdings.previous_exit = status_of(message.value);
    holdings.previous_hung = message.value & pause::has_hung;
    if (version_ < pause::version_with_roles)
      for (KeptItem& child : holdings.children) assign_legacy_roles(child.fds);
    return holdings;
  }
}

/// Messages that the pause sends unasked may arrive before any answer.
void PauseClient::handle_unasked(const Message& message) {
  if (message.op == Op::Stop) stops_ = message.a;
  if (message.op == Op::UnregisteredChild) unregistered_children_.push_back(message.a);
  if (message.op == Op::CommandEnded)
    ended_commands_.push_back({name_of(message), status_of(message.value).value_or(0)});
  if (message.op == Op::Refused) refusals_.push_back({name_of(message), message.a, message.b});
}

Result<> PauseClient::sync() {
  if (version_ < pause::version_with_roles) return {};  // it refuses nothing
  TRY_VOID(send(socket_.get(), {.op = Op::Sync}));
  for (;;) {
    const Received received = TRY(receive(socket_.get()));
    handle_unasked(received.message);
    if (received.message.op == Op::Ask) TRY_VOID(send(socket_.get(), {.op = Op::Answer}));
    if (received.message.op == Op::Synced) return {};
  }
}

int PauseClient::receive_pending(bool& gone) {
  Message message{};
  int fds[pause::max_descriptors];
  unsigned count = 0;
  while (pause::receive_message(socket_.get(), message, fds, count, MSG_DONTWAIT)) {
    handle_unasked(message);
    if (message.op == Op::Ask) (void)send(socket_.get(), {.op = Op::Answer});  // an error shows in the next receive
  }
  gone = errno != EAGAIN;
  return stops_;
}

}  // namespace podrun::ns
