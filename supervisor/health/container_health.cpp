// The probes and hooks of one container.
#include "supervisor/health/container_health.hpp"

#include <string.h>

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "pod/failure/step_failure.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/lifecycle/container_hooks.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::array all_hooks{pod::HookKind::PostStart, pod::HookKind::PreStop};
constexpr std::array all_probes{pod::ProbeKind::Startup, pod::ProbeKind::Liveness, pod::ProbeKind::Readiness};

}  // namespace

/// With the longest name of a container, four digits of the number have room in a message to the pause. They are enough
/// to tell an instance from the one before it.
std::string hook_name(const std::string& container, pod::HookKind kind, int instance) {
  constexpr int most = 10'000;
  return fmt::format("{}/{}-{}", container, kind == pod::HookKind::PostStart ? "post-start" : "pre-stop",
                     instance % most);
}

std::string probe_name(const std::string& container, pod::ProbeKind kind) {
  switch (kind) {
    case pod::ProbeKind::Startup: return container + "/startup-probe";
    case pod::ProbeKind::Liveness: return container + "/liveness-probe";
    case pod::ProbeKind::Readiness: return container + "/readiness-probe";
  }
  std::unreachable();
}

// ---- commands ----

Result<NewCommand> ContainerHealth::make(const std::string& name, const std::vector<std::string>& argv,
                                         std::optional<pod::ContainerPlan>& plan) {
  const CommandSite site = TRY(ports_.site());
  const ns::Process& process = ports_.process();
  if (process.pid == 0) return fail("the container does not run", ESRCH);
  if (!root_) root_ = TRY(open_root_of(process));
  if (!plan) plan = TRY(plan_of_command(ports_.plan(), argv));
  return make_command(*plan,
                      {.plan = ports_.plan(),
                       .process = process.pidfd.get(),
                       .root = root_.get(),
                       .instance = ports_.instance()},
                      site, name);
}

/// Every command of the container has the same steps.
std::string ContainerHealth::describe(const ns::StepFailure& report, const std::vector<std::string>& argv) const {
  if (report.step == ns::not_cloned) return ::strerror(report.error);
  const auto plan = plan_of_command(ports_.plan(), {"command"});
  if (!plan) return ::strerror(report.error);
  if (report.step + 1U == plan->child.size())
    return fmt::format("exec {}: {}", pod::in_quotes(argv.front()), ::strerror(report.error));
  return pod::child_step_failure(*plan, report.step, report.error);
}

// ---- probes ----

/// The initial delay counts from the start of the instance, also if a later supervisor probes it.
MonotonicTime ContainerHealth::first_attempt(const pod::Probe& probe) const {
  const MonotonicTime now = monotonic_now();
  const auto age = boot_now() - ports_.status().started;
  return std::max(now, now - age + std::chrono::seconds(probe.initial_delay));
}

void ContainerHealth::start_probe(pod::ProbeKind kind) {
  const std::optional<pod::Probe>& probe = ports_.plan().probes[kind];
  if (!probe) return;
  const auto index = static_cast<std::size_t>(kind);
  const int instance = ports_.instance();
  const auto report = [this, kind, instance](bool succeeded, const std::string& message,
                                             const std::string& output = "") {
    ports_.handle(event::ProbeResult{instance, kind, succeeded, message, output});
  };
  if (const auto* const exec = std::get_if<pod::ExecAction>(&probe->action)) {
    const std::string name = probe_name(ports_.plan().name, kind);
    probes_[index] = std::make_unique<ExecProbe>(
        name, *probe, first_attempt(*probe),
        ExecProbePorts{.loop = ports_.loop,
                       .commands = ports_.commands,
                       .make = [this, name, exec, index] { return make(name, exec->command, plans_[index]); },
                       .describe =
                           [this, exec](const ns::StepFailure& failure) { return describe(failure, exec->command); },
                       .is_ending = [this] { return is_ending(); },
                       .report = report,
                       .tell_unknown =
                           [this, kind, instance](const std::string& why) {
                             ports_.handle(event::ProbeResult{instance, kind, false, why, "", true});
                           }});
    return;
  }
  const Result<> started = ports_.start_network_probe
                               ? ports_.start_network_probe(kind, *probe, first_attempt(*probe), report)
                               : fail("there is no prober", ENOSYS);
  if (!started) log_error("{}: {}", probe_name(ports_.plan().name, kind), started.error().message);
}

void ContainerHealth::stop_probe(pod::ProbeKind kind) {
  const std::optional<pod::Probe>& probe = ports_.plan().probes[kind];
  probes_[static_cast<std::size_t>(kind)].reset();
  if (probe && !std::holds_alternative<pod::ExecAction>(probe->action) && ports_.stop_network_probe)
    ports_.stop_network_probe(kind);
}

// ---- hooks ----

Result<NewCommand> ContainerHealth::make_hook(pod::HookKind kind, const std::string& name) {
  const std::optional<pod::HookAction>& hook = ports_.plan().hooks[kind];
  if (!hook) return fail("there is no such hook", ENOENT);
  auto command = std::visit(
      pod::Overloaded{[&](const pod::ExecAction& exec) -> Result<NewCommand> {
                        std::optional<pod::ContainerPlan> plan;
                        return make(name, exec.command, plan);
                      },
                      [&](const pod::HttpGetAction& http) -> Result<NewCommand> {
                        if (!ports_.make_http_hook) return fail("there is no prober", ENOSYS);
                        return ports_.make_http_hook(http, name);
                      },
                      [](const pod::TcpSocketAction&) -> Result<NewCommand> {
                        return fail("tcpSocket is not supported in a hook", ENOTSUP);
                      },
                      [](const pod::SleepAction&) -> Result<NewCommand> {
                        return fail("a sleep is a timer of the lifecycle", EPROTO);
                      }},
      *hook);
  if (command) command->outlives_supervisor = true;
  return command;
}

void ContainerHealth::run_hook(pod::HookKind kind) {
  const int instance = ports_.instance();
  auto command = make_hook(kind, hook_name(ports_.plan().name, kind, instance));
  const Result<> added = command ? ports_.commands.add(std::move(*command),
                                                       [this, kind, instance](const CommandEnd& end) {
                                                         on_hook_ended(kind, instance, end);
                                                       })
                                 : std::unexpected(command.error());
  if (!added) tell_hook_failed(kind, instance, added.error().message, "");
}

/// A hook that ends with its container has no result: the container's exit follows.
void ContainerHealth::on_hook_ended(pod::HookKind kind, int instance, const CommandEnd& end) {
  const bool succeeded = !end.report && end.exit_code == 0;
  if (succeeded) return ports_.handle(event::HookEnded{instance, kind, true});
  if (is_ending()) return;
  const std::optional<pod::HookAction>& hook = ports_.plan().hooks[kind];
  const auto* const exec = hook ? std::get_if<pod::ExecAction>(&*hook) : nullptr;
  // A prober prints nothing but its result.
  const std::string said = exec != nullptr ? "" : last_line(end.output);
  const std::vector<std::string> argv = exec != nullptr ? exec->command : std::vector<std::string>{"podrun-prober"};
  tell_hook_failed(kind, instance,
                   end.report ? describe(*end.report, argv) : said.empty() ? describe_end(end) : said,
                   exec != nullptr ? end.output : "");
}

void ContainerHealth::tell_hook_failed(pod::HookKind kind, int instance, std::string message, std::string output) {
  ports_.handle(event::HookEnded{instance, kind, false, std::move(message), std::move(output)});
}

void ContainerHealth::end_instance() {
  for (const pod::ProbeKind kind : all_probes) stop_probe(kind);
  for (const pod::HookKind kind : all_hooks)
    ports_.commands.abandon(hook_name(ports_.plan().name, kind, ports_.instance()));
  for (auto& plan : plans_) plan.reset();
  root_.reset();
  ports_.commands.forget_removed_groups();
}

// ---- taking over ----

bool ContainerHealth::is_running_hook(const std::string& command) const {
  return std::ranges::any_of(all_hooks, [&](pod::HookKind kind) {
    return stage_of(ports_.status(), kind) == HookStage::Running &&
           command == hook_name(ports_.plan().name, kind, ports_.instance());
  });
}

Registered::Hook ContainerHealth::hook_in_register(pod::HookKind kind) const {
  const std::string name = hook_name(ports_.plan().name, kind, ports_.instance());
  // If it has ended with its container, that is no result, and the exit follows.
  return ports_.commands.contains(name) || is_ending() ? Registered::Hook::Found : Registered::Hook::Missing;
}

void ContainerHealth::resume_hooks() {
  for (const pod::HookKind kind : all_hooks) {
    if (stage_of(ports_.status(), kind) != HookStage::Running || ports_.process().pid == 0) continue;
    const int instance = ports_.instance();
    ports_.commands.when_ended(
        hook_name(ports_.plan().name, kind, instance),
        [this, kind, instance](const CommandEnd& end) { on_hook_ended(kind, instance, end); });
  }
}

}  // namespace podrun::supervisor
