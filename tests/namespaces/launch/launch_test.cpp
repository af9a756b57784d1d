// Launches of containers: restarts do not accumulate mounts, and other containers cannot inspect a child before its
// program runs.
#include "namespaces/launch/launch.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/socket.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/enter.hpp"
#include "pod/spec/capabilities.hpp"
#include "tests/namespaces/launch/launch_world.hpp"

namespace podrun::ns {
namespace {

std::ptrdiff_t mounts_of(pid_t pid) {
  const std::string mounts = read_file(fmt::format("/proc/{}/mountinfo", pid), 16 << 20).value_or("");
  return std::ranges::count(mounts, '\n');
}

bool is_mounted(pid_t pid, const std::string& point) {
  return read_file(fmt::format("/proc/{}/mountinfo", pid), 16 << 20).value_or("").contains(" " + point + " ");
}

// The test does not unmount the roots that are set aside, as if each supervisor died before it could. Only the root of
// the last instance may then remain.
TEST(RootLaunch, RestartsDoNotAccumulateMounts) {
  const auto differences =
      in_launch_world({{"app", {"exit", "0"}}, {"log", {"exit", "0"}}}, [](LaunchWorld& world) {
        world.finish(world.start("log", 0));
        world.finish(world.start("app", 0));
        const auto never = mounts_of(world.pause());
        world.finish(world.start("app", 1));
        const auto once = mounts_of(world.pause());
        for (int instance = 2; instance <= 11; ++instance) world.finish(world.start("app", instance));
        const auto often = mounts_of(world.pause());
        world.unmount_old_root("app");
        return fmt::format("{} more, then {}", often - once, mounts_of(world.pause()) - never);
      });
  EXPECT_EQ(differences, "0 more, then 0");
}

// A process in an uninterruptible system call outlives its container. Here a process from outside, which stays in the
// old root, takes its place.
int stay_in(int root) {
  if (::fchdir(root) < 0) return 1;
  ::pause();
  return 0;
}

TEST(RootLaunch, AProcessInTheOldRootDoesNotBlockTheNextInstance) {
  const auto outcome = in_launch_world({{"app", {"numbers", "0"}}}, [](LaunchWorld& world) -> std::string {
    const auto end = [&world](const Process& process) {
      (void)send_signal(process, SIGKILL);
      return world.finish(process);
    };
    const Process first = world.start("app", 0);
    const auto once = mounts_of(world.pause());
    const int held = ::open(fmt::format("/proc/{}/root", first.pid).c_str(), O_PATH | O_CLOEXEC);
    const auto stuck = run_in_child([&] { return stay_in(held); });
    end(first);
    const int code = end(world.start("app", 1));
    world.unmount_old_root("app");
    (void)send_signal(*stuck, SIGKILL);
    (void)wait_for(*stuck);
    return fmt::format("held {}, exit {}, {} more mounts", held >= 0, code, mounts_of(world.pause()) - once);
  });
  EXPECT_EQ(outcome, "held true, exit 137, 0 more mounts");
}

// An unmount takes time, as it frees the layer and its deleted files. The child does not do it, because its start would
// take longer.
TEST(RootLaunch, TheOldRootIsSetAsideUntilItIsUnmounted) {
  const auto outcome = in_launch_world({{"app", {"exit", "0"}}}, [](LaunchWorld& world) {
    world.finish(world.start("app", 0));
    const auto once = mounts_of(world.pause());
    Launched second = world.launch("app", 1);
    second.gate.reset();
    world.finish(second.process);
    const bool was_set_aside = is_mounted(world.pause(), "/c/.app");
    world.unmount_old_root("app");
    return fmt::format("{}, then {}, {} more mounts", was_set_aside, is_mounted(world.pause(), "/c/.app"),
                       mounts_of(world.pause()) - once);
  });
  EXPECT_EQ(outcome, "true, then false, 0 more mounts");
}

TEST(RootLaunch, UnmountingWithoutAnOldRootDoesNothing) {
  const auto outcome = in_launch_world({{"app", {"exit", "0"}}}, [](LaunchWorld& world) {
    world.unmount_old_root("app");
    world.finish(world.start("app", 0));
    const auto once = mounts_of(world.pause());
    world.unmount_old_root("app");
    return fmt::format("{} more mounts", mounts_of(world.pause()) - once);
  });
  EXPECT_EQ(outcome, "0 more mounts");
}

/// Takes the capabilities of a container's root.
void become_like_a_container() {
  const auto low = static_cast<std::uint32_t>(pod::default_capabilities);
  const auto high = static_cast<std::uint32_t>(pod::default_capabilities >> 32);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
  if (::syscall(SYS_capset, &header, data) < 0) ::_exit(9);
}

/// The number of ways to inspect a process that succeed.
int look_into(pid_t pid) {
  become_like_a_container();
  int open = 0;
  for (const char* file : {"exe", "root", "cwd"}) {
    char target[256];
    if (::readlink(fmt::format("/proc/{}/{}", pid, file).c_str(), target, sizeof target) >= 0) ++open;
  }
  for (const char* file : {"fd/1", "environ", "maps", "mem", "root/etc"})
    if (::open(fmt::format("/proc/{}/{}", pid, file).c_str(), O_RDONLY | O_CLOEXEC) >= 0) ++open;
  if (::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) ++open;
  return open;
}

int ways_into(pid_t pid) {
  const auto looker = run_in_child([&] { return look_into(pid); });
  return looker ? exit_code_of(wait_for(*looker).value_or(-1)) : -1;
}

/// A pipe that a child inherits and closes in the step before its gate. wait() waits for that.
class ClosedByTheChild {
 public:
  ClosedByTheChild() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) == 0) out_ = Fd(ends[0]), in_ = Fd(ends[1]);
  }
  bool wait() {
    in_.reset();
    pollfd closed{out_.get(), POLLIN, 0};
    return ::poll(&closed, 1, 20'000) == 1;
  }

 private:
  Fd out_, in_;
};

TEST(RootLaunch, AProcessWithAContainersRightsCannotInspectAChildAtItsGate) {
  for (const std::optional<std::int64_t> user :
       {std::optional<std::int64_t>(), std::optional<std::int64_t>(1000)}) {
    const auto outcome = in_launch_world({{"app", {"numbers", "1"}, user}}, [](LaunchWorld& world) {
      ClosedByTheChild closed;
      const Launched child = world.launch("app", 0);
      const bool at_gate = closed.wait();
      struct stat owner {};
      ::stat(fmt::format("/proc/{}/environ", child.process.pid).c_str(), &owner);
      const int before = ways_into(child.process.pid);
      (void)open_gate(child.gate.get());
      world.wait_for_output("end\n");
      const int after = ways_into(child.process.pid);
      return fmt::format("at its gate {}: {} ways, files of uid {}; then {}", at_gate, before, owner.st_uid,
                         after < 0    ? "unknown"
                         : after == 0 ? "none"
                                      : "some");
    });
    EXPECT_EQ(outcome,
              "at its gate true: 0 ways, files of uid 0; then " + std::string(user ? "none" : "some"));
  }
}

TEST(RootLaunch, AChildWhoseGateStaysClosedNeverExecs) {
  const auto outcome = in_launch_world({{"app", {"numbers", "1"}}}, [](LaunchWorld& world) {
    Launched child = world.launch("app", 0);
    child.gate.reset();
    const int code = world.finish(child.process);
    const ExecOutcome report = peek_report(child.report.get(), child.process.pid);
    return fmt::format(
        "exit {}, {}, \"{}\"", code,
        report.kind == ExecOutcome::Kind::Failed ? ::strerrorname_np(report.report.error) : "ran",
        world.output());
  });
  EXPECT_EQ(outcome, "exit 128, ECANCELED, \"\"");
}

TEST(RootLaunch, AChildKilledBeforeItsExecIsNotTakenForAStartedOne) {
  const auto outcome = in_launch_world({{"app", {"exit", "0"}}}, [](LaunchWorld& world) {
    const Launched child = world.launch("app", 0);
    (void)send_signal(child.process, SIGKILL);
    pollfd ended{child.process.pidfd.get(), POLLIN, 0};
    ::poll(&ended, 1, 20'000);
    const bool killed = peek_report(child.report.get(), child.process.pid).kind == ExecOutcome::Kind::Killed;
    const Process started = world.start("app", 1);
    return fmt::format("killed {}, not executed {}", killed, has_not_executed(started.pid));
  });
  EXPECT_EQ(outcome, "killed true, not executed false");
}

TEST(RootLaunch, AReportCanBeReadAgainByALaterSupervisor) {
  const auto outcome = in_launch_world({{"app", {"exit", "0"}}}, [](LaunchWorld& world) {
    Launched child = world.launch("app", 0);
    const bool pending = peek_report(child.report.get(), child.process.pid).kind == ExecOutcome::Kind::Pending;
    child.gate.reset();
    world.finish(child.process);
    const bool twice = peek_report(child.report.get(), child.process.pid).kind == ExecOutcome::Kind::Failed &&
                       peek_report(child.report.get(), child.process.pid).kind == ExecOutcome::Kind::Failed;
    return fmt::format("pending {}, failed twice {}", pending, twice);
  });
  EXPECT_EQ(outcome, "pending true, failed twice true");
}

// While the victim restarts, an attacker that has a descriptor of another container's root tries to reach the victim's
// root, or a /proc that has no masks yet.
TEST(RootLaunch, ThereIsNoWindowIntoARestartingNeighbour) {
  constexpr int restarts = 40;
  const auto outcome = in_launch_world(
      {{"giver", {"give", "window", "/", "/meeting/point"}},
       {"attacker", {"watch-window", "window", "/meeting/point", "victim"}},
       {"victim", {"exit", "0"}}},
      [](LaunchWorld& world) {
        const Process attacker = world.start("attacker", 0);
        const Process giver = world.start("giver", 0);
        world.wait_for_output("take: ok\n");
        for (int instance = 0; instance < restarts; ++instance) world.finish(world.start("victim", instance));
        const Fd over(::open(fmt::format("/proc/{}/root/meeting/point.over", attacker.pid).c_str(),
                             O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        world.finish(attacker);
        const std::string output = world.output();
        return output.substr(output.find("tries:"));
      });
  EXPECT_TRUE(outcome.ends_with("tries: many\nhits: 0\n")) << outcome;
}

}  // namespace
}  // namespace podrun::ns
