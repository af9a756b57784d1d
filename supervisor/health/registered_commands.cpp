// The commands of probes and hooks that are registered with the pause.
#include "supervisor/health/registered_commands.hpp"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"

namespace podrun::supervisor {
namespace {

/// After so many bytes the reader rests if they came without a pause, and a flood waits in the pipe meanwhile. So at most
/// 4,000 looks a second are taken at a pipe of 64 KiB.
constexpr std::size_t flood = 512 * 1024;
constexpr std::chrono::milliseconds rest_after_flood{2};

/// How many looks at the pipe are made after the end. What was killed cannot fill it again.
constexpr int last_looks = 4;

std::optional<ns::StepFailure> report_in(const Fd& socket) {
  ns::StepFailure report;
  if (!socket || ::recv(socket.get(), &report, sizeof report, MSG_DONTWAIT) != sizeof report) return std::nullopt;
  return report;
}

}  // namespace

Result<> RegisteredCommands::add(NewCommand added, OnEnd on_end) {
  ns::Registration child{.name = added.name,
                         .kind = ns::ChildKind::Command,
                         .instance = added.instance,
                         .pid = added.entered.monitor.pid,
                         .fds = {{ns::Role::Process, added.entered.monitor.pidfd.get()}},
                         .gate = added.entered.lifeline.get()};
  if (added.output) child.fds.push_back({ns::Role::Out, added.output.get()});
  if (added.entered.report) child.fds.push_back({ns::Role::Report, added.entered.report.get()});
  if (added.group) child.fds.push_back({ns::Role::Group, added.group->group()});
  if (added.outlives_supervisor) child.fds.push_back({ns::Role::Lifeline, added.entered.lifeline.get()});
  TRY_VOID(pause_.register_child(child));
  Command& command = commands_[added.name];
  command = {.monitor = std::move(added.entered.monitor),
             .lifeline = std::move(added.entered.lifeline),
             .report = std::move(added.entered.report),
             .output = CommandOutput(std::move(added.output)),
             .group = std::move(added.group),
             .on_end = std::move(on_end),
             .needs_record = added.outlives_supervisor && added.needs_record,
             .status = {}};
  watch_output(added.name);
  return {};
}

bool RegisteredCommands::has_monitor(pid_t pid) const {
  return std::ranges::any_of(commands_, [&](const auto& each) { return each.second.monitor.pid == pid; });
}

void RegisteredCommands::kill(const std::string& name) {
  const auto found = commands_.find(name);
  if (found == commands_.end()) return;
  Command& command = found->second;
  command.lifeline.reset();
  const Result<> killed =
      command.group ? command.group->kill() : ns::send_signal(command.monitor, SIGKILL);
  if (!killed) log_warning("{}: {}", name, killed.error().message);
}

void RegisteredCommands::abandon(const std::string& name) {
  const auto found = commands_.find(name);
  if (found == commands_.end()) return;
  found->second.on_end = nullptr;
  found->second.watch.reset();
  if (found->second.status) return end(name, *found->second.status);
  kill(name);
}

void RegisteredCommands::when_ended(const std::string& name, OnEnd on_end) {
  const auto found = commands_.find(name);
  if (found == commands_.end()) return;
  found->second.on_end = std::move(on_end);
  if (found->second.status) end(name, *found->second.status);
}

void RegisteredCommands::adopt(ns::KeptItem item,
                               const std::function<Result<ns::CommandCgroup>(Fd group)>& find_group,
                               bool needs_record) {
  Command& command = commands_[item.name];
  command.monitor = {item.pid, item.take(ns::Role::Process)};
  command.lifeline = item.take(ns::Role::Lifeline);
  command.report = item.take(ns::Role::Report);
  command.output = CommandOutput(item.take(ns::Role::Out));
  command.needs_record = command.lifeline && needs_record;
  command.status = item.status;
  if (Fd group = item.take(ns::Role::Group))
    if (auto found = find_group(std::move(group))) command.group = std::move(*found);
  if (!command.status) watch_output(item.name);
}

void RegisteredCommands::abandon_all_but(const std::function<bool(const std::string& name)>& goes_on) {
  std::vector<std::string> over;
  for (const auto& [name, command] : commands_)
    if (!goes_on(name)) over.push_back(name);
  for (const std::string& name : over) abandon(name);
}

void RegisteredCommands::watch_output(const std::string& name) {
  Command& command = commands_.at(name);
  command.watch.reset();  // before the same descriptor is watched anew
  if (command.output.fd() < 0) return;
  auto watch = loop_.watch(command.output.fd(), EPOLLIN, [this, name] { read_output(name); });
  if (watch) command.watch = std::move(*watch);
  else log_warning("{}: {}", name, watch.error().message);
}

void RegisteredCommands::read_output(const std::string& name) {
  Command& command = commands_.at(name);
  const CommandOutput::Taken taken = command.output.take();
  if (taken.ended) return command.watch.reset();
  const MonotonicTime now = monotonic_now();
  if (now - command.flood_began > rest_after_flood) command.flood_began = now, command.flooded = 0;
  command.flooded += taken.bytes;
  if (command.flooded < flood) return;
  command.flooded = 0;
  command.watch.reset();
  auto rest = loop_.at(now + rest_after_flood, [this, name] { watch_output(name); });
  if (rest) command.watch = std::move(*rest);
}

std::string RegisteredCommands::output_of(const std::string& name) {
  const auto found = commands_.find(name);
  if (found == commands_.end()) return "";
  found->second.output.take();
  return found->second.output.tail();
}

void RegisteredCommands::on_ended(const ns::EndedCommand& ended) {
  if (commands_.contains(ended.name)) return end(ended.name, ended.status);
  (void)pause_.acknowledge(ended.name);  // nobody waits for it; an error shows as the pause's end
}

/// The name may be used again as soon as the end is acknowledged, so the command is taken out before.
void RegisteredCommands::end(const std::string& name, int status) {
  Command command = std::move(commands_.at(name));
  commands_.erase(name);
  command.watch.reset();
  for (int i = 0; i < last_looks && command.output.take().bytes > 0; ++i) {}
  if (command.on_end)
    command.on_end({.exit_code = ns::exit_code_of(status),
                    .report = report_in(command.report),
                    .error = "",
                    .output = command.output.tail()});
  acknowledge(name, command.needs_record && command.on_end);
  if (command.group) remove_group(std::move(*command.group));
}

/// What is not acknowledged is told to the next supervisor again.
void RegisteredCommands::acknowledge(const std::string& name, bool needs_record) {
  if (needs_record) unrecorded_.push_back(name);
  else (void)pause_.acknowledge(name);  // an error shows as the pause's end
  if (!is_on_record_()) return;
  for (const std::string& each : std::exchange(unrecorded_, {})) (void)pause_.acknowledge(each);
}

/// The monitor has killed what was left in the group, unless it was killed itself.
void RegisteredCommands::remove_group(ns::CommandCgroup group) {
  if (group.remove_if_empty()) return;
  (void)group.kill();  // an error shows as a group that stays; the end of its container removes it
  auto events = group.events();
  if (!events) return;
  const auto left = remains_.insert(remains_.end(), Remains{std::move(group), std::move(*events), {}});
  auto watch = loop_.watch(left->events.get(), EPOLLPRI, [this, left] {
    if (left->group.remove_if_empty()) {
      left->watch.reset();
      remains_.erase(left);
    }
  });
  if (!watch || left->group.remove_if_empty()) {  // it may have become empty before it was watched
    if (watch) watch->reset();
    remains_.erase(left);
    return;
  }
  left->watch = std::move(*watch);
}

void RegisteredCommands::forget_removed_groups() {
  remains_.remove_if([](Remains& each) {
    if (!each.group.remove_if_empty()) return false;
    each.watch.reset();
    return true;
  });
}

bool RegisteredCommands::on_refused(const ns::Refusal& refusal) {
  const auto found = std::ranges::find_if(
      commands_, [&](const auto& each) { return refusal.pid > 0 && each.second.monitor.pid == refusal.pid; });
  if (found == commands_.end()) return false;
  Command command = std::move(found->second);
  commands_.erase(found);
  command.watch.reset();
  if (command.on_end)
    command.on_end({.exit_code = {},
                    .report = {},
                    .error = fmt::format("the pause has no room for it: {}", ::strerror(refusal.number)),
                    .output = ""});
  if (command.group) remove_group(std::move(*command.group));
  return true;
}

}  // namespace podrun::supervisor
