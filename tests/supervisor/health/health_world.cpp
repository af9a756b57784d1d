// A container with probes and hooks, for a test that plays its lifecycle.
#include "tests/supervisor/health/health_world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "pod/text/overloaded.hpp"
#include "supervisor/core/clock.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::chrono::seconds longest_wait{15};
constexpr std::chrono::milliseconds look_again{10};

std::string word(pod::ProbeKind kind) {
  return kind == pod::ProbeKind::Startup ? "startup" : kind == pod::ProbeKind::Liveness ? "liveness" : "readiness";
}

std::string words_of(const std::string& what, bool succeeded, const std::string& message) {
  return what + (succeeded ? " succeeded" : " failed") + (message.empty() ? "" : ": " + message);
}

std::string words_of(const Event& event) {
  return std::visit(pod::Overloaded{[](const event::ProbeResult& result) {
                                      if (result.is_unknown) return word(result.kind) + " unknown: " + result.message;
                                      return words_of(word(result.kind), result.succeeded, result.message);
                                    },
                                    [](const event::HookEnded& hook) {
                                      return words_of(hook.kind == pod::HookKind::PostStart ? "postStart" : "preStop",
                                                      hook.succeeded, hook.message);
                                    },
                                    [](const auto&) { return std::string("another event"); }},
                    event);
}

}  // namespace

pod::ExecAction shell(const std::string& script) { return {{"/bin/sh", "-c", script}}; }

pod::Probe probe_of(const std::string& script) {
  return {.action = shell(script), .timeout = 20, .period = 1, .failure_threshold = 1};
}

HealthWorld::HealthWorld(ns::LaunchWorld& with)
    : world(with), commands(loop, with.pause_client(), [] { return true; }), plan(with.plan("app")), health(ports()) {
  (void)world.pause_client().list().value();
  (void)world.pause_client().adopted(std::chrono::milliseconds(0));
  process = world.start("app", 0);
  status = {.state = ContainerState::Running, .instance = 0};
  status.started = boot_now();
  begin();
}

HealthWorld::HealthWorld(const HealthWorld& former)
    : world(former.world),
      commands(loop, former.world.pause_client(), [] { return true; }),
      process(ns::copy_of(former.process).value()),
      plan(former.plan),
      status(former.status),
      health(ports()) {
  begin();
}

HealthPorts HealthWorld::ports() {
  return {.loop = loop,
          .commands = commands,
          .plan = [this]() -> const pod::ContainerPlan& { return plan; },
          .status = [this]() -> const ContainerStatus& { return status; },
          .instance = [this] { return status.instance; },
          .process = [this]() -> const ns::Process& { return process; },
          .site = [this]() -> Result<CommandSite> { return site(); },
          .handle = [this](Event event) { events.push_back(words_of(event)); }};
}

void HealthWorld::begin() {
  entry_ = ns::open_program("podrun-entry", PODRUN_BUILD_DIR "/podrun-entry").value();
  empty_root_ = open_empty_root(world.pause()).value();
  pause_watch_ = loop.watch(world.pause_client().fd(), EPOLLIN, [this] { on_pause(); }).value();
}

CommandSite HealthWorld::site() const {
  return {.cgroup = world.cgroup(),
          .entry_program = entry_.get(),
          .empty_root = empty_root_.get(),
          .last_capability = world.facts().last_capability};
}

/// As the supervisor does.
void HealthWorld::adopt() {
  ns::Holdings holdings = world.pause_client().list().value();
  for (ns::KeptItem& command : holdings.commands)
    commands.adopt(std::move(command), [&](Fd group) { return world.cgroup().find_command("app", std::move(group)); });
  commands.abandon_all_but([&](const std::string& name) { return health.is_running_hook(name); });
  health.resume_hooks();
}

void HealthWorld::on_pause() {
  bool gone = false;
  world.pause_client().receive_pending(gone);
  for (const ns::Refusal& refusal : world.pause_client().take_refusals()) commands.on_refused(refusal);
  for (const ns::EndedCommand& ended : world.pause_client().take_ended_commands()) commands.on_ended(ended);
  for (const pid_t child : world.pause_client().take_unregistered_children())
    if (!commands.has_monitor(child)) (void)world.pause_client().reap(child);
}

bool HealthWorld::run_until(const std::function<bool()>& done) {
  const BootTime limit = boot_now() + longest_wait;
  EventSource tick;
  const std::function<void()> look = [&] { tick = loop.at(boot_now() + look_again, look).value(); };
  look();
  (void)loop.run_until([&] { return boot_now() > limit || done(); });
  return boot_now() <= limit;
}

std::string HealthWorld::wait_for_event(std::size_t count) {
  if (!run_until([&] { return events.size() >= count; })) return "nothing happened";
  return events[count - 1];
}

std::string HealthWorld::left_behind() const {
  std::string found;
  const Fd group = world.group("app");
  for (int number = 0; number < 10; ++number)
    if (const std::string name = fmt::format("cmd-{}", number);
        ::faccessat(group.get(), name.c_str(), F_OK, 0) == 0)
      found += (found.empty() ? "" : ", ") + name;
  return found.empty() ? "nothing left" : found;
}

bool HealthWorld::exists_in_meeting(const std::string& name) const {
  return std::filesystem::exists(world.meeting() + "/" + name);
}

void HealthWorld::write_in_meeting(const std::string& name) const {
  (void)ns::write_file(world.meeting() + "/" + name, "", 0600);
}

std::vector<pid_t> HealthWorld::processes_in(const std::string& command_group) const {
  const Fd group = world.group("app");
  std::istringstream pids(
      ns::read_file(fmt::format("/proc/self/fd/{}/{}/cgroup.procs", group.get(), command_group)).value_or(""));
  std::vector<pid_t> found;
  for (pid_t pid = 0; pids >> pid;) found.push_back(pid);
  return found;
}

void HealthWorld::wait_until_pause_tells() const {
  pollfd news{world.pause_client().fd(), POLLIN, 0};
  ::poll(&news, 1, static_cast<int>(std::chrono::milliseconds(longest_wait).count()));
}

void HealthWorld::signal_container(int signal) const { (void)ns::send_signal(process, signal); }

std::string in_health_world(const std::string& script, const std::function<std::string(HealthWorld&)>& body) {
  return ns::in_launch_world({{.name = "app", .command = {"-c", script}, .program = "/bin/sh"}},
                             [&](ns::LaunchWorld& world) {
                               HealthWorld health(world);
                               return body(health);
                             });
}

}  // namespace podrun::supervisor
