// A pod without a supervisor, for tests of launches.
#include "tests/namespaces/launch/launch_world.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/image_store.hpp"
#include "namespaces/launch/pause_start.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/volumes/file_steps.hpp"
#include "namespaces/volumes/old_root.hpp"

namespace podrun::ns {
namespace {

constexpr int timeout_ms = 20'000;
const std::string base = "podrun-test-launch";

/// For the process of the test's body, in which a failed assertion would not be reported.
[[noreturn]] void give_up(const std::string& what) {
  ::dprintf(STDERR_FILENO, "launch world: %s\n", what.c_str());
  ::_exit(1);
}
template <typename Value>
Value must(Result<Value> result) {
  if (!result) give_up(result.error().message);
  if constexpr (!std::is_void_v<Value>) return std::move(*result);
}
void must_become_readable(int fd, const std::string& what) {
  pollfd ready{fd, POLLIN, 0};
  if (::poll(&ready, 1, timeout_ms) != 1) give_up("after a long wait, " + what);
}

pod::PodPlan compile_plan(const std::vector<ProbeContainer>& containers, const std::string& directory,
                          const pod::HostFacts& facts) {
  const std::string image = "rootfs:" PODRUN_BUILD_DIR "/images/localhost/busybox/latest/rootfs";
  pod::Pod pod;
  pod.metadata.name = "launch";
  pod.spec.volumes = {{.name = "probe", .source = pod::HostPath{PODRUN_BUILD_DIR "/podrun-probe"}},
                      {.name = "meeting", .source = pod::HostPath{directory + "/meeting"}}};
  for (const ProbeContainer& wanted : containers) {
    pod::Container container;
    container.name = wanted.name;
    container.image = image;
    container.command = {wanted.program};
    container.args = wanted.command;
    container.volume_mounts = {{.name = "probe", .mount_path = "/bin/podrun-probe"},
                               {.name = "meeting", .mount_path = "/meeting"}};
    container.security_context.run_as_user = wanted.user;
    pod.spec.containers.push_back(container);
  }
  return must(pod::compile(pod, {{image, must(find_image(image, {}))}}, facts,
                           {.uid = "test", .storage = directory}));
}

/// What the process of the body does: it takes the place of the supervisor.
[[noreturn]] void play_supervisor(PauseConnection end, const std::vector<ProbeContainer>& containers,
                                  const std::string& directory, int answer,
                                  const std::function<std::string(LaunchWorld&)>& body) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const pod::HostFacts facts = read_host_facts(directory);
  pod::PodPlan plan = compile_plan(containers, directory, facts);
  for (const pod::FileStep& step : plan.files) must(perform(step));
  must(write_file(directory + "/output", "", 0600));
  {
    LaunchWorld world(PauseClient(std::move(end.socket)), end.pause, std::move(plan), facts);
    const std::string text = body(world);
    (void)!::write(answer, text.data(), text.size());
  }
  ::_exit(0);
}

std::string read_to_end(int fd) {
  std::string text;
  char buffer[4096];
  for (;;) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) != 1) return text + "[no end]";
    const ssize_t length = ::read(fd, buffer, sizeof buffer);
    if (length <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(length));
  }
}

}  // namespace

LaunchWorld::LaunchWorld(PauseClient pause, pid_t pause_pid, pod::PodPlan plan, pod::HostFacts facts)
    : pause_(std::move(pause)),
      pause_process_(must(open_process(pause_pid))),
      plan_(std::move(plan)),
      facts_(std::move(facts)),
      cgroup_(must(PodCgroup::create(facts_, base, plan_.id))),
      cells_(must(pause_.perform(plan_.sandbox, 0, cgroup_.group())).cells),
      output_(::open((plan_.storage + "/../output").c_str(), O_RDWR | O_APPEND | O_CLOEXEC)) {}

const pod::ContainerPlan& LaunchWorld::plan(const std::string& container) const {
  return *std::ranges::find(plan_.containers, container, &pod::ContainerPlan::name);
}

Fd LaunchWorld::group(const std::string& container) const { return must(cgroup_.container(container)); }

Launched LaunchWorld::launch(const std::string& container, int instance) {
  const Fd control_group = group(container);
  const LaunchSite site{.pause = pause_process_.pidfd.get(),
                        .cells = cells_.get(),
                        .cgroup = control_group.get(),
                        .last_capability = facts_.last_capability,
                        .held = nullptr,
                        .process_of = {}};
  const auto copy = [&] { return Fd(::fcntl(output_.get(), F_DUPFD_CLOEXEC, 3)); };
  LaunchTimes times;
  return must(ns::launch(plan(container), instance, site, copy(), copy(), times));
}

Process LaunchWorld::start(const std::string& container, int instance) {
  Launched child = launch(container, instance);
  must(pause_.register_child({.name = container,
                              .instance = instance,
                              .pid = child.process.pid,
                              .fds = {{Role::Process, child.process.pidfd.get()}},
                              .gate = child.gate.get()}));
  must_become_readable(child.report.get(), "no program runs");
  const ExecOutcome outcome = peek_report(child.report.get(), child.process.pid);
  if (outcome.kind == ExecOutcome::Kind::Failed)
    give_up(fmt::format("step {}: {}", outcome.report.step, ::strerror(outcome.report.error)));
  return std::move(child.process);
}

int LaunchWorld::finish(const Process& process) {
  must_become_readable(process.pidfd.get(), "a container has not ended");
  const int code = exit_code_of(must(peek_exit(process.pid)).value_or(-1));
  must(pause_.reap(process.pid));
  (void)must(pause_.list());  // the answer comes after the reap
  return code;
}

void LaunchWorld::unmount_old_root(const std::string& container) {
  const Process helper = must(run_in_child([&] {
    must(ns::unmount_old_root(plan(container), pause_process_.pidfd.get(), cells_.get()));
    return 0;
  }));
  if (must(wait_for(helper)) != 0) ::_exit(1);
}

std::string LaunchWorld::output() const {
  return must(read_file("/proc/self/fd/" + std::to_string(output_.get())));
}

std::string LaunchWorld::wait_for_output(const std::string& words) {
  const Fd changes(::inotify_init1(IN_CLOEXEC));
  ::inotify_add_watch(changes.get(), ("/proc/self/fd/" + std::to_string(output_.get())).c_str(), IN_MODIFY);
  for (;;) {
    std::string text = output();
    if (text.find(words) != std::string::npos) return text;
    must_become_readable(changes.get(), "there is no \"" + words + "\" in: " + text);
    char events[4096];
    (void)!::read(changes.get(), events, sizeof events);
  }
}

std::string in_launch_world(const std::vector<ProbeContainer>& containers,
                            const std::function<std::string(LaunchWorld&)>& body) {
  const supervisor::TemporaryDirectory directory;
  std::filesystem::create_directory(directory / "meeting");
  int answer[2];
  if (::pipe2(answer, O_CLOEXEC) < 0) return "pipe";
  const Fd ours(answer[0]);
  Fd theirs(answer[1]);

  const pid_t pid = ::fork();
  if (pid == 0) {
    block_signals();
    auto end = fork_supervisor(
        {.program = PODRUN_BUILD_DIR "/podrun-pause", .pod = "default_launch", .command = {"/bin/false"}},
        Fd(::open("/dev/null", O_RDWR | O_CLOEXEC)));
    if (!end) give_up(end.error().message);
    play_supervisor(std::move(*end), containers, directory / "", theirs.get(), body);
  }
  theirs.reset();
  const auto pause = open_process(pid);
  const std::string text = read_to_end(ours.get());
  EXPECT_TRUE(send_signal(*pause, SIGKILL));
  EXPECT_TRUE(wait_for(*pause));
  const auto group = PodCgroup::open(read_host_facts(directory / ""), base, "default_launch");
  EXPECT_TRUE(group && group->remove(std::chrono::seconds(10)));
  return text;
}

}  // namespace podrun::ns
