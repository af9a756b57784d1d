// Resource limits: large pods that are started with few open files, and the limits of containers.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <regex>
#include <utility>

#include <fmt/format.h>

#include "pod/spec/capabilities.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// Lowers the soft limit of this process, which its children inherit.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t few) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{.rlim_cur = few, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Limits, ManyContainersRunDespiteALowDescriptorLimit) {
  constexpr int count = 60;
  const TemporaryRoot root;
  std::vector<ContainerText> containers;
  for (int number = 0; number < count; ++number)
    containers.push_back({fmt::format("c{}", number), until_stopped});
  const std::string path = root.write("pod.yaml", manifest("pod", containers));

  const FewDescriptors few(128);
  PodRun pod(root, {path});
  ASSERT_TRUE(pod.wait_for_err(": started (pid", count));
  SupervisorKiller killer(pod.pid());
  ASSERT_TRUE(killer.kill_next());
  EXPECT_TRUE(pod.wait_for_err(fmt::format("took over {} containers", count)));
}

TEST(Limits, APodOfMoreThan240ContainersIsRefused) {
  const TemporaryRoot root;
  const HostSnapshot before = snapshot(root);
  std::vector<ContainerText> containers;
  for (int number = 0; number < 241; ++number) containers.push_back({fmt::format("c{}", number), "exit 0"});
  const Finished start = run(root, {root.write("pod.yaml", manifest("pod", containers))});
  EXPECT_EQ(start.status, 2);
  EXPECT_TRUE(start.err.contains(": error: 241 containers; at most 240 are possible\n")) << start.err;
  EXPECT_EQ(changes(before, snapshot(root)), "");
}

// ---- limits of containers ----

/// Sets the soft and the hard limit of the caller, which it cannot raise.
Setting limited_shell(std::vector<std::pair<int, rlimit>> limits) {
  return {.before_exec = [limits = std::move(limits)] {
    ::prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE, 0, 0, 0);
    for (const auto& [resource, values] : limits) ::setrlimit(static_cast<__rlimit_resource>(resource), &values);
  }};
}

/// "Max open files" in the text of a limits file: "1024 20000".
std::string limit_in(const std::string& text, const std::string& name) {
  std::smatch found;
  const std::regex line(name + " +(\\w+) +(\\w+)");
  return std::regex_search(text, found, line) ? found[1].str() + " " + found[2].str() : "not there";
}

class ContainerLimits : public testing::Test {
 protected:
  std::string pod_with(const std::string& annotations) const {
    std::string text = manifest("pod", {{"a", "", "command: [sleep, '1000']"}, {"b", "", "command: [sleep, '1000']"}},
                                "terminationGracePeriodSeconds: 0");
    text.insert(text.find("spec:"), "  annotations:\n" + annotations);
    return root_.write("pod.yaml", text);
  }

  TemporaryRoot root_;
};

TEST_F(ContainerLimits, AContainersLimitsAreNotTheCallers) {
  rlimit files{}, signals{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_SIGPENDING, &signals);
  const rlimit no_core{RLIM_INFINITY, RLIM_INFINITY}, few{64, files.rlim_max}, stack{1 << 20, RLIM_INFINITY};
  const Finished started = run(root_, {"-d", pod_with("    note: none\n")},
                               limited_shell({{RLIMIT_CORE, no_core}, {RLIMIT_NOFILE, few}, {RLIMIT_STACK, stack}}));
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(started.err, "");
  const std::string limits = proc_file(processes_of(root_, "default_pod")["a"], "limits");
  EXPECT_EQ(limit_in(limits, "Max open files"), fmt::format("1024 {}", std::min<rlim_t>(files.rlim_max, 1 << 20)));
  EXPECT_EQ(limit_in(limits, "Max core file size"), "0 unlimited");
  EXPECT_EQ(limit_in(limits, "Max stack size"), "8388608 unlimited");
  EXPECT_EQ(limit_in(limits, "Max msgqueue size"), "819200 819200");
  EXPECT_LT(std::stoul(limit_in(limits, "Max pending signals")), signals.rlim_max);
}

TEST_F(ContainerLimits, TheManifestsLimitsApplyToContainersAndCommands) {
  const std::string path =
      pod_with("    podrun.io/limit-nofile: |\n      100:200\n      b: 300\n    podrun.io/limit-fsize: 1Mi:2Mi\n");
  ASSERT_EQ(run(root_, {"-d", path}).status, 0);
  const Processes pod = processes_of(root_, "default_pod");
  for (const auto& [name, files] : {std::pair{"a", "100 200"}, {"b", "300 300"}}) {
    const std::string of_first = proc_file(pod[name], "limits"), target = std::string("pod/") + name;
    EXPECT_EQ(limit_in(of_first, "Max open files"), files);
    EXPECT_EQ(limit_in(of_first, "Max file size"), "1048576 2097152");
    EXPECT_EQ(run(root_, {"exec", target, "--", "cat", "/proc/self/limits"}).out, of_first) << name;
    EXPECT_EQ(run(root_, {"debug", target, "--image", "localhost/busybox", "--", "cat", "/proc/self/limits"}).out,
              of_first)
        << name;
  }
}

TEST_F(ContainerLimits, ALimitThatPodrunCannotRaiseIsWarnedOf) {
  const std::string path = pod_with("    podrun.io/limit-nofile: 'b: 65536'\n");
  const std::string warning =
      "container b: limit nofile 500, not 65536: without CAP_SYS_RESOURCE podrun cannot raise its own\n";
  const Setting shell = limited_shell({{RLIMIT_NOFILE, {500, 500}}});
  EXPECT_TRUE(holds(run(root_, {"check", path}, shell).err, warning));
  EXPECT_TRUE(holds(run(root_, {"plan", path}, shell).out, "nofile 500,"));
  const Finished started = run(root_, {"-d", path}, shell);
  EXPECT_EQ(started.status, 0);
  EXPECT_TRUE(holds(started.err, warning)) << started.err;
  EXPECT_EQ(limit_in(proc_file(processes_of(root_, "default_pod")["b"], "limits"), "Max open files"), "500 500");
}

TEST_F(ContainerLimits, AProgramThatExceedsItsFileSizeLimitGetsSigxfsz) {
  const std::string text =
      manifest("pod", {{"a", "head -c 3000000 /dev/zero > /big; echo status $?; ls -l /big | awk '{print $5}'"}});
  std::string limited = text;
  limited.insert(text.find("spec:"), "  annotations: {podrun.io/limit-fsize: 1Mi}\n");
  PodRun pod(root_, {root_.write("pod.yaml", limited)});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(holds(pod.out(), "a | status 153\n"));  // SIGXFSZ
  EXPECT_TRUE(holds(pod.out(), "a | 1048576\n"));
}

// ---- the out-of-memory killer ----

TEST_F(ContainerLimits, AnOomScoreOfTheCallersReachesNoContainer) {
  const Setting unloved{.before_exec = [] {
    const int score = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    [[maybe_unused]] const ssize_t written = ::write(score, "300", 3);
    ::close(score);
  }};
  ASSERT_EQ(run(root_, {"-d", pod_with("    note: none\n")}, unloved).status, 0);
  const Processes pod = processes_of(root_, "default_pod");
  const bool may_lower = root_.facts().capabilities & pod::capability_bit("SYS_RESOURCE");
  for (const pid_t ours : {pod.pause, pod.supervisor})
    EXPECT_EQ(proc_file(ours, "oom_score_adj"), may_lower ? "-999\n" : "300\n");
  for (const char* name : {"a", "b"}) EXPECT_EQ(proc_file(pod[name], "oom_score_adj"), "0\n") << name;
  EXPECT_EQ(run(root_, {"exec", "pod/a", "--", "cat", "/proc/self/oom_score_adj"}, unloved).out, "0\n");
  EXPECT_EQ(
      run(root_, {"debug", "pod/a", "--image", "localhost/busybox", "--", "cat", "/proc/self/oom_score_adj"}, unloved)
          .out,
      "0\n");
}

}  // namespace
}  // namespace podrun::test
