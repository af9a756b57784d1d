// `podrun exec`: the namespaces and rights of a command, its exit status, its end, and what it leaves.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "tests/system/enter/exec_pod.hpp"

namespace podrun::test {
namespace {

/// The environment with which a process was executed, sorted.
std::vector<std::string> environment_of(pid_t pid) {
  std::string text = proc_file(pid, "environ");
  std::ranges::replace(text, '\0', '\n');
  auto lines = lines_of(text);
  std::ranges::sort(lines);
  return lines;
}

std::string link_of(pid_t pid, const std::string& name) {
  std::error_code error;
  return std::filesystem::read_symlink(fmt::format("/proc/{}/{}", pid, name), error);
}

TEST_F(Exec, ACommandHasTheContainersNamespacesAndRights) {
  for (const std::string name : {"a", "b"}) {
    PodRun client(root_, waiting("two/" + name));
    ASSERT_TRUE(client.wait_for_out("here"));
    const pid_t command = command_of(client), container = pod_[name];
    EXPECT_EQ(comm_of(command), "sh");
    EXPECT_EQ(namespaces_of(command), namespaces_of(container)) << name;
    EXPECT_EQ(root_of(command), root_of(container)) << name;
    EXPECT_EQ(group_of(command), group_of(container) + "/cmd-0") << name;
    EXPECT_EQ(environment_of(command), environment_of(container)) << name;
    EXPECT_EQ(link_of(command, "cwd"), link_of(container, "cwd")) << name;
    for (const auto field : {"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
                             "Seccomp", "SigBlk", "Umask"})
      EXPECT_EQ(status_of(command, field), status_of(container, field)) << name << ": " << field;
    EXPECT_EQ(session_of(command), command) << name;
  }
}

TEST_F(Exec, ACommandInheritsNoDescriptorOfTheCaller) {
  const Fd directory(::open("/", O_PATH | O_DIRECTORY));
  PodRun client(root_, waiting("two/a"), {.environment = {{"SECRET", "1"}}, .inherit = {directory.get()}});
  ASSERT_TRUE(client.wait_for_out("here"));
  const auto descriptors = descriptors_of(command_of(client));
  EXPECT_EQ(descriptors.size(), 3U);
  const auto callers = descriptors_of(client.pid());
  for (const auto& [number, path] : descriptors) {
    EXPECT_LE(number, 2) << path;
    EXPECT_TRUE(path.starts_with("pipe:")) << path;
    EXPECT_NE(path, callers.at(number)) << "the caller's own";
  }
  for (const auto& [number, path] : descriptors_of(monitor_of(client)))
    EXPECT_FALSE(path == descriptors.at(0) || path == descriptors.at(1)) << "the monitor keeps a pipe open";
}

TEST_F(Exec, TheExitStatusIsThatOfTheCommand) {
  const auto status = [&](const std::vector<std::string>& command) {
    std::vector<std::string> words{"exec", "two/b", "--"};
    words.insert(words.end(), command.begin(), command.end());
    return run(root_, words).status;
  };
  EXPECT_EQ(status({"true"}), 0);
  EXPECT_EQ(status({"sh", "-c", "exit 3"}), 3);
  EXPECT_EQ(status({"sh", "-c", "kill -9 $$"}), 137);
  EXPECT_EQ(status({"/etc"}), 126);
  EXPECT_EQ(status({"nope"}), 127);
  EXPECT_EQ(status({"/no/pe"}), 127);
}

TEST_F(Exec, AFailureOfExecItselfGivesStatus125) {
  const auto told = [&](const std::vector<std::string>& words, const std::string& sentence) {
    const Finished ended = run(root_, words);
    EXPECT_EQ(ended.status, 125);
    EXPECT_EQ(ended.err, "podrun: " + sentence + "\n");
  };
  told({"exec", "tow", "--", "true"}, "no pod \"tow\"; did you mean \"two\"?");
  told({"exec", "two/c", "--", "true"}, "pod two has no container \"c\"; it has a, b");
  told({"exec", "-it", "two/a", "--", "true"},
       "unable to use a TTY: input is not a terminal or the right kind of file");
  told({"exec", "two/a"},
       "exec: COMMAND is missing; usage: podrun exec [OPTION...] POD[/CONTAINER] [--] COMMAND [ARG...]");
  ASSERT_EQ(run(root_, {"stop", "--grace-period", "0", "two"}).status, 0);
  told({"exec", "two/a", "--", "true"}, "pod two does not run");
}

TEST_F(Exec, ATargetMayNameNamespacePodAndContainer) {
  for (const std::string name : {"two/b", "default/two/b", "default_two/b"})
    EXPECT_EQ(exec({name}, "echo $COLOUR").out, "red\n") << name;
  for (const std::string name : {"two", "default/two", "default_two"}) {
    const Finished ended = exec({name}, "echo $COLOUR");
    EXPECT_EQ(ended.out, "blue\n") << name;
    EXPECT_EQ(ended.err, "podrun: Defaulted container \"a\" out of: a, b\n");
  }
}

// As below nohup(1).
TEST_F(Exec, AHangupIgnoredByTheCallerStaysIgnored) {
  PodRun client(root_, script({"two/a"}, "trap 'exit 5' TERM; echo here; sleep 100000 & wait $!"),
                {.before_exec = [] { ::signal(SIGHUP, SIG_IGN); }});
  ASSERT_TRUE(client.wait_for_out("here"));
  EXPECT_EQ(std::stoull(status_of(command_of(client), "SigIgn"), nullptr, 16) & 1, 0U) << "its command has the default";
  client.signal(SIGHUP);
  client.signal(SIGTERM);
  EXPECT_EQ(client.wait_exit(), 5) << "HUP was passed on";
}

// The container replaces its working directory with a link into /proc, as in CVE-2024-21626.
TEST_F(Exec, AFailedStepIsReportedByNameAndNumber) {
  ASSERT_EQ(exec({"two/a"}, "mv /srv /moved && ln -s /proc/self/fd/5 /srv").status, 0);
  const Finished ended = exec({"two/a"}, "true");
  EXPECT_EQ(ended.status, 125);
  EXPECT_TRUE(matches(ended.err,
                      "^podrun: two/a: workingDir /srv: too many links, or one behind which nothing can be made "
                      "\\(step 7 of [0-9]+: chdir /srv: Too many levels of symbolic links\\)\n$"));
}

// ---- the life of a command ----

TEST_F(Exec, ACommandRunsWithoutASupervisor) {
  const auto pause = ns::open_process(pod_.pause);
  ASSERT_TRUE(pause);
  ASSERT_TRUE(ns::send_signal(*pause, SIGSTOP));  // or it would start another supervisor
  end_descendant(pod_.supervisor);
  const Finished ended = exec({"two/b"}, "echo $COLOUR; exit 3");
  EXPECT_EQ(ended.status, 3);
  EXPECT_EQ(ended.out, "red\n") << ended.err;
  ASSERT_TRUE(ns::send_signal(*pause, SIGCONT));
  EXPECT_EQ(processes_of(root_, "default_two")["b"], pod_["b"]);
}

TEST_F(Exec, AStoppedClientDoesNotDelayTheContainersRestart) {
  PodRun client(root_, waiting("two/a"));
  ASSERT_TRUE(client.wait_for_out("here"));
  client.signal(SIGSTOP);
  end_descendant(pod_["a"]);
  wait_for_state(root_, "default_two", [&](const supervisor::PodRecord& record) {
    return record.status.containers[0].restart_count == 1 && record.containers[0].pid != pod_["a"];
  });
  client.signal(SIGCONT);
  EXPECT_EQ(client.wait_exit(), 137);
}

TEST_F(Exec, ACommandEndsWithItsKilledClient) {
  PodRun client(root_, waiting("two/a"));
  ASSERT_TRUE(client.wait_for_out("here"));
  const pid_t command = command_of(client), monitor = monitor_of(client);
  client.signal(SIGKILL);
  EXPECT_EQ(client.wait_exit(), 137);
  EXPECT_TRUE(wait_until_dead(command));
  EXPECT_TRUE(wait_until_dead(monitor));
}

TEST_F(Exec, ASignalToTheClientReachesTheCommand) {
  PodRun client(root_, script({"two/b"}, "trap 'echo heard; exit 5' TERM; echo here; sleep 100000 & wait"));
  ASSERT_TRUE(client.wait_for_out("here"));
  client.signal(SIGTERM);
  EXPECT_EQ(client.wait_exit(), 5);
  EXPECT_EQ(client.out(), "here\nheard\n");
}

TEST_F(Exec, ACommandInADeadContainerIsRefused) {
  const auto supervisor = ns::open_process(pod_.supervisor);
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGSTOP));  // so that the state file still says that it runs
  end_descendant(pod_["a"]);
  const Finished ended = exec({"two/a"}, "true");
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGCONT));
  EXPECT_EQ(ended.status, 125);
  EXPECT_EQ(ended.err, "podrun: container a of pod two is ending\n");
}

TEST_F(Exec, AnEndedCommandLeavesNothing) {
  const HostSnapshot before = snapshot(root_);
  EXPECT_EQ(exec({"two/a"}, "true").status, 0);
  EXPECT_EQ(exec({"two/b"}, "exit 3").status, 3);
  EXPECT_EQ(run(root_, {"exec", "two/b", "--", "nope"}).status, 127);
  EXPECT_EQ(additions(before, snapshot(root_)), "");
}

// ---- some of the namespaces ----

TEST_F(Exec, OnlyTheNamedNamespacesAreEntered) {
  const auto ids = namespaces_of(pod_["a"]), own = namespaces_of(::getpid());
  const auto check = [&](const std::vector<std::string>& options, const std::vector<pod::NamespaceKind>& entered) {
    PodRun client(root_, script(options, "echo here; while :; do sleep 100000; done"));
    ASSERT_TRUE(client.wait_for_out("here"));
    const pid_t command = command_of(client);
    const auto found = namespaces_of(command);
    for (std::size_t kind = 0; kind < ids.size(); ++kind) {
      const bool is_entered = std::ranges::count(entered, static_cast<pod::NamespaceKind>(kind)) > 0;
      EXPECT_EQ(found[kind], is_entered ? ids[kind] : own[kind]) << pod::namespace_names[kind];
    }
    EXPECT_EQ(root_of(command), root_of(::getpid()));
    EXPECT_TRUE(group_of(command).starts_with(group_of(pod_["a"]) + "/cmd-"));
    EXPECT_EQ(status_of(command, "CapEff"), status_of(::getpid(), "CapEff"));
    EXPECT_EQ(link_of(command, "cwd"), link_of(::getpid(), "cwd"));
  };
  using enum pod::NamespaceKind;
  check({"--ns", "net,ipc", "two/a"}, {Net, Ipc});
  check({"--root", "host", "two/a"}, {Net, Ipc, Uts});
}

TEST_F(Exec, AProgramOfTheHostHasTheCallersEnvironment) {
  const Finished ended = exec({"--root", "host", "two/a"}, "echo $COLOUR$SECRET; env | grep -c TITLE",
                              {.environment = {{"SECRET", "ours"}}});
  EXPECT_EQ(ended.out, "ours\n0\n");
}

}  // namespace
}  // namespace podrun::test
