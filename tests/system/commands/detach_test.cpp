// `podrun -d`: when it returns, what it prints, and that it keeps nothing of its caller.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class Detach : public testing::Test {
 protected:
  std::string write(const std::string& text) { return root_.write("pod.yaml", text); }
  Finished start(const std::string& text) { return run(root_, {"-d", write(text)}); }

  TemporaryRoot root_;
};

TEST_F(Detach, OnlyThePodsNameIsPrinted) {
  const Finished started = start(two_sleepers("two"));
  EXPECT_EQ(started.status, 0);
  EXPECT_EQ(started.out, "two\n");
  EXPECT_EQ(started.err, "");
}

TEST_F(Detach, TheCallerReturnsWhenEachProgramHasBeenExecuted) {
  ASSERT_EQ(start(two_sleepers("two")).status, 0);
  int sleepers = 0;
  for (const pid_t pid : living_descendants()) sleepers += comm_of(pid) == "sleep" ? 1 : 0;
  EXPECT_EQ(sleepers, 2);
}

TEST_F(Detach, APodKeepsNoDescriptorOfItsCaller) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  PodRun caller(root_, {"-d", write(two_sleepers("two"))}, {.inherit = {writing.get()}});
  writing.reset();
  EXPECT_EQ(caller.wait_exit(), 0);
  EXPECT_TRUE(caller.wait_for_end_of_output());
  pollfd closed{reading.get(), 0, 0};
  EXPECT_EQ(::poll(&closed, 1, milliseconds_left(soon())), 1) << "somebody still holds the caller's pipe";
  EXPECT_NE(processes_of(root_, "default_two")["a"], 0) << "the pod runs on";
}

TEST_F(Detach, EachProcessOfAPodHasItsOwnSession) {
  PodRun caller(root_, {"-d", write(two_sleepers("two"))}, {.terminal = true});
  EXPECT_EQ(caller.wait_exit(), 0);
  const Processes pod = processes_of(root_, "default_two");
  for (const pid_t process : {pod.pause, pod.supervisor, pod["a"], pod["b"]})
    EXPECT_EQ(session_of(process), process) << comm_of(process);
}

TEST_F(Detach, PauseAndSupervisorLeaveTheCallersDirectory) {
  ASSERT_EQ(start(two_sleepers("two")).status, 0);
  const Processes pod = processes_of(root_, "default_two");
  for (const pid_t process : {pod.pause, pod.supervisor})
    EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(process) + "/cwd"), "/")
        << comm_of(process);
  EXPECT_NE(std::filesystem::current_path(), "/") << "this process could not tell";
}

TEST_F(Detach, AMissingProgramGivesStatus1AndItsNeighbourRunsOn) {
  const Finished started =
      start(manifest("gone", {{"missing", "", "command: [/no/such/program]"}, {"neighbour", until_stopped}}));
  EXPECT_EQ(started.status, 1);
  EXPECT_EQ(started.out, "gone\n");
  EXPECT_TRUE(matches(started.err, "^podrun: pod gone: missing: did not start: command \"/no/such/program\": "
                                   "the container has no such file \\(step [0-9]+ of [0-9]+: exec /no/such/program: "
                                   "No such file or directory\\)\n$"))
      << started.err;

  wait_for_state(root_, "default_gone",
                 [](const auto& record) { return record.status.containers[0].last.has_value(); });
  const auto list = nlohmann::json::parse(run(root_, {"ps", "-o", "json"}).out);
  const auto& statuses = list.at("items").at(0).at("status").at("containerStatuses");
  const auto& end = statuses.at(0).at("state").at("terminated");
  EXPECT_EQ(end.at("exitCode"), 128);
  EXPECT_EQ(end.at("reason"), "StartError");
  EXPECT_TRUE(statuses.at(1).at("state").contains("running"));
}

TEST_F(Detach, EachMessageOfSeveralPodsNamesItsPod) {
  const auto no_program = [](const std::string& pod) {
    return manifest(pod, {{"app", "", "command: [/no/such/program]"}});
  };
  const std::string no_volume = manifest("third", {{"app", until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}},
                                         "volumes: [{name: v, hostPath: {path: /no/such/directory, type: Directory}}]");
  const Finished started = run(root_, {"-d", root_.write("a.yaml", no_program("first")),
                                       root_.write("b.yaml", no_program("second")), root_.write("c.yaml", no_volume)});
  EXPECT_EQ(started.status, 3);
  EXPECT_EQ(started.out, "first\nsecond\n");
  const std::vector<std::string> lines = lines_of(started.err);
  ASSERT_EQ(lines.size(), 3U) << started.err;
  for (const auto& [line, begin] : {std::pair{0, "first: app"}, {1, "second: app"}})
    EXPECT_TRUE(lines[static_cast<std::size_t>(line)].starts_with(std::string("podrun: pod ") + begin +
                                                                  ": did not start: "))
        << started.err;
  EXPECT_TRUE(lines[2].starts_with("podrun: pod third: ")) << started.err;
}

TEST_F(Detach, StartingARunningPodAgainGivesStatus4) {
  ASSERT_EQ(start(two_sleepers("two")).status, 0);
  const auto before = snapshot(root_);
  const Finished second = start(two_sleepers("two"));
  EXPECT_EQ(second.status, 4);
  EXPECT_EQ(second.out, "");
  EXPECT_TRUE(holds(second.err, " stop "));
  EXPECT_EQ(additions(before, snapshot(root_)), "");
}

TEST_F(Detach, PodrunsMessagesGoToThePodsLog) {
  ASSERT_EQ(start(two_sleepers("two")).status, 0);
  (void)processes_of(root_, "default_two");
  std::string words;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_.layout().logs()))
    if (entry.path().filename() == "podrun.log") words = contents_of(entry.path());
  EXPECT_TRUE(holds(words, "a: started"));
  EXPECT_TRUE(holds(words, "b: started"));
}

TEST_F(Detach, AStoppedPodIsToldFromOneThatFailed) {
  ASSERT_EQ(start(two_sleepers("stopped")).status, 0);
  ASSERT_EQ(run(root_, {"stop", "--grace-period", "0", "stopped"}).status, 0);
  EXPECT_EQ(run(root_, {write(manifest("failed", {{"c", "exit 1"}}))}).status, 1);
  const std::string table = run(root_, {"ps", "-a"}).out;
  EXPECT_TRUE(matches(table, "\nstopped +0/2 +Stopped +0 ")) << table;
  EXPECT_TRUE(matches(table, "\nfailed +0/1 +Error +0 ")) << table;
  const auto list = nlohmann::json::parse(run(root_, {"ps", "-a", "-o", "json"}).out);
  EXPECT_EQ(list.at("items").size(), 2U);
  for (const auto& pod : list.at("items")) {
    const bool was_stopped = pod.at("metadata").at("name") == "stopped";
    EXPECT_EQ(pod.at("status").value("reason", ""), was_stopped ? "Stopped" : "");
    EXPECT_EQ(pod.at("status").at("phase"), "Failed");
  }
}

TEST_F(Detach, AFailedStartGivesItsReasonAndStatus3) {
  const auto before = snapshot(root_);
  const Finished started =
      start(manifest("nohost", {{"c", until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}},
                     "volumes: [{name: v, hostPath: {path: /no/such/directory, type: Directory}}]"));
  EXPECT_EQ(started.status, 3);
  EXPECT_EQ(started.out, "");
  EXPECT_TRUE(holds(started.err, "pod nohost: "));
  EXPECT_TRUE(holds(started.err, "/no/such/directory"));
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Detach, AnErrorBeforeTheSandboxIsToldToTheCaller) {
  const std::string file = root_.write("file", "no directory");
  const Finished started =
      start(manifest("early", {{"c", until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}},
                     "volumes: [{name: v, hostPath: {path: " + file + ", type: Directory}}]"));
  EXPECT_EQ(started.status, 3);
  EXPECT_TRUE(holds(started.err, file)) << started.err;
}

/// What the caller of `podrun -d` hands to it.
class DetachCaller : public Detach {
 protected:
  Finished start_from(std::function<void()> caller, const std::vector<std::string>& manifests) {
    std::vector<std::string> words = {"-d"};
    words.insert(words.end(), manifests.begin(), manifests.end());
    return run(root_, words, {.before_exec = std::move(caller)});
  }
  std::string one(const std::string& name) {
    return root_.write(name + ".yaml", manifest(name, {{"c", until_stopped}}));
  }
};

// Numbers of the program's own descriptors are among them, in every order.
TEST_F(DetachCaller, AnyNumberOfOpenDescriptorsMayBeInherited) {
  for (int count = 0; count < 12; ++count) {
    const std::string name = fmt::format("pod{}", count);
    const auto open_some = [count] {
      for (int fd = 3; fd < 16; ++fd) {
        if (fd < 3 + count) ::dup2(STDIN_FILENO, fd);
        else ::fcntl(fd, F_SETFD, FD_CLOEXEC);
      }
    };
    const Finished started = start_from(open_some, {one(name)});
    EXPECT_EQ(started.status, 0) << count << ": " << started.err;
    EXPECT_EQ(started.out, name + "\n") << count;
    const pid_t pause = processes_of(root_, "default_" + name).pause;
    const std::string variables = contents_of(fmt::format("/proc/{}/environ", pause));
    EXPECT_FALSE(holds(variables, "PODRUN_CALLER_WAITS")) << count;
    EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", name}).status, 0);
  }
}

TEST_F(DetachCaller, TheExitStatusIsRightAlthoughSigchldIsIgnored) {
  const auto ignore = [] { ::signal(SIGCHLD, SIG_IGN); };
  EXPECT_EQ(start_from(ignore, {"/no/such/file.yaml"}).status, 2);
  const Finished two = start_from(ignore, {one("one"), one("two")});
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_EQ(two.out, "one\ntwo\n");
}

TEST_F(DetachCaller, AClosedStdoutDoesNotFailTheStart) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  const Fd nobody_reads(ends[1]);
  const auto give = [fd = nobody_reads.get()] { ::dup2(fd, STDOUT_FILENO); };
  EXPECT_EQ(start_from(give, {one("one")}).status, 0);
}

}  // namespace
}  // namespace podrun::test
