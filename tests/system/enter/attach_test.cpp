// `stdin`, `stdinOnce` and `podrun attach` without a terminal.
#include <signal.h>

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "supervisor/core/exit_status.hpp"
#include "tests/system/support/attached_pod.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

class Attach : public AttachedPod {
 protected:
  /// Waits until a client has the container's log file, which the supervisor sends to a client that it has accepted.
  testing::AssertionResult wait_until_attached(Client& client) const {
    const auto is_log = [&](const auto& each) {
      return each.second.starts_with(root_.path()) && each.second.ends_with(".log");
    };
    for (const Deadline deadline = soon(); std::chrono::steady_clock::now() < deadline;)
      if (std::ranges::any_of(descriptors_of(client->pid()), is_log)) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "the client has no log file: " << client->err();
  }
};

const std::string reads = "stdin: true", reads_once = "stdin: true\nstdinOnce: true";

int status(supervisor::ExitStatus wanted) { return static_cast<int>(wanted); }

TEST_F(Attach, AClientsInputReachesTheContainer) {
  start(reads, "exec cat");
  Client first(root_, {"-i"});
  first.send("one\n");
  ASSERT_TRUE(first->wait_for_out("one\n"));
  first.end_input();
  Client second(root_, {"-i"});
  second.send("two\n");
  ASSERT_TRUE(second->wait_for_out("two\n")) << "the end of a client's input is not that of the container's";
  ASSERT_TRUE(first->wait_for_out("two\n"));
  stop();
  EXPECT_EQ(first->wait_exit(), 0);
  EXPECT_EQ(second->wait_exit(), 0);
  EXPECT_EQ(first->out(), "one\ntwo\n");
  EXPECT_EQ(second->out(), "two\n");
}

TEST_F(Attach, BothStreamsAreShownFromTheAttachOn) {
  start(reads, "echo before\nread word\necho out $word\necho err $word >&2\n");
  ASSERT_TRUE(wait_for_log("before\n"));
  Client client(root_, {"-i"}), onlooker(root_, {});
  ASSERT_TRUE(wait_until_attached(onlooker));
  client.send("now\n");
  for (Client* each : {&client, &onlooker}) {
    EXPECT_EQ((*each)->wait_exit(), 0);
    EXPECT_EQ((*each)->out(), "out now\n");
    EXPECT_EQ((*each)->err(), "err now\n");
  }
}

TEST_F(Attach, AnUnfinishedLineIsShown) {
  start(reads, "printf 'name? '\nread name\necho hello $name\n");
  Client client(root_, {"-i"});
  ASSERT_TRUE(client->wait_for_out("name? "));
  client.send("you\n");
  EXPECT_EQ(client->wait_exit(), 0);
  EXPECT_EQ(client->out(), "name? hello you\n");
}

TEST_F(Attach, StdinOnceIsClosedWithItsFirstClient) {
  start(reads_once, "cat\necho closed\n");
  Client client(root_, {"-i"});
  client.send("mine\n");
  ASSERT_TRUE(client->wait_for_out("mine\n"));
  Client late(root_, {"-i"});
  EXPECT_EQ(late->wait_exit(), status(supervisor::ExitStatus::Failed));
  EXPECT_TRUE(holds(late->err(), "the first client that attached (stdinOnce)"));
  client.end_input();
  EXPECT_EQ(client->wait_exit(), 0);
  EXPECT_EQ(client->out(), "mine\nclosed\n");
}

TEST_F(Attach, AKilledClientClosesStdinOnceDespiteKilledSupervisors) {
  start(reads_once, "cat\necho closed\n");
  Client client(root_, {"-i"});
  client.send("mine\n");
  ASSERT_TRUE(client->wait_for_out("mine\n"));
  SupervisorKiller killer(processes_of(root_, "default_pod").pause);
  ASSERT_TRUE(killer.kill_next());
  client.send("still\n");
  ASSERT_TRUE(client->wait_for_out("still\n"));
  ASSERT_TRUE(killer.kill_next());
  client->signal(SIGKILL);
  ASSERT_TRUE(wait_for_log("closed\n"));
  EXPECT_EQ(logs(), "mine\nstill\nclosed\n");
}

TEST_F(Attach, AnAttachEndsWithItsInstanceAndTheNextHasANewStdin) {
  start(reads_once, "read word\necho got $word\nexit 1\n", "Always");
  for (const std::string word : {"one", "two"}) {
    const int instance = word == "one" ? 0 : 1;
    wait_for_state(root_, "default_pod", [&](const supervisor::PodRecord& state) {
      return state.status.containers[0].instance == instance &&
             state.status.containers[0].state == supervisor::ContainerState::Running;
    });
    Client client(root_, {"-i"});
    client.send(word + "\nno more\n");
    EXPECT_EQ(client->wait_exit(), 0);
    EXPECT_EQ(client->out(), "got " + word + "\n");
  }
  stop();
}

TEST_F(Attach, KilledSupervisorsLoseNoInputOrOutput) {
  start(reads, "exec cat");
  Client client(root_, {"-i"});
  constexpr int lines = 200'000;
  std::string all;
  for (int line = 1; line <= lines; ++line) all += fmt::format("line {}\n", line);
  SupervisorKiller killer(processes_of(root_, "default_pod").pause);
  // The container reads no faster than supervisors take its output, so the sender has to wait for them.
  std::thread sender([&] { client.send(all); });
  for (int kill = 0; kill < 15; ++kill) EXPECT_TRUE(killer.kill_next(std::chrono::microseconds(20'000 + 700 * kill)));
  ASSERT_TRUE(client->wait_for_out(fmt::format("line {}\n", lines)));
  sender.join();
  stop();
  EXPECT_EQ(client->wait_exit(), 0);
  EXPECT_TRUE(client->out() == all) << client->out().size() << " bytes of " << all.size();
  EXPECT_TRUE(logs() == all);
}

TEST_F(Attach, AnImpossibleAttachIsRefused) {
  start("", until_stopped);
  const auto refused = [&](const std::vector<std::string>& words) { return run(root_, words); };
  const Finished mute = refused({"attach", "-i", "pod"});
  EXPECT_EQ(mute.status, status(supervisor::ExitStatus::Invalid));
  EXPECT_TRUE(
      holds(mute.err, "container app of pod pod has no standard input: its manifest does not say stdin: true"));
  EXPECT_EQ(refused({"attach", "-t", "pod"}).status, status(supervisor::ExitStatus::Invalid));
  EXPECT_EQ(refused({"attach", "pod/other"}).status, status(supervisor::ExitStatus::NameConflict));
  EXPECT_EQ(refused({"attach", "nothing"}).status, status(supervisor::ExitStatus::NameConflict));
  stop();
}

TEST_F(Attach, EndedClientsLeaveNoSocketInTheSupervisor) {
  start(reads, "exec cat");
  const Processes pod = processes_of(root_, "default_pod");
  const auto sockets = [&] {
    return std::ranges::count_if(descriptors_of(pod.supervisor),
                                 [](const auto& each) { return each.second.starts_with("socket:"); });
  };
  const auto before = sockets();
  for (int round = 0; round < 3; ++round) {
    Client client(root_, {"-i"});
    client.send("there\n");
    ASSERT_TRUE(client->wait_for_out("there\n"));
    client->signal(SIGINT);
    EXPECT_EQ(client->wait_exit(), 128 + SIGINT);
  }
  Client last(root_, {"-i"});
  last.send("last\n");
  ASSERT_TRUE(last->wait_for_out("last\n"));
  EXPECT_EQ(sockets(), before + 1) << "the last one's";
  stop();
  EXPECT_EQ(last->wait_exit(), 0);
}

}  // namespace
}  // namespace podrun::test
