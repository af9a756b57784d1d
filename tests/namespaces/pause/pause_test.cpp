// What the pause keeps for its supervisors: descriptors, and the register of children.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

using namespace std::chrono_literals;

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    out = Fd(ends[0]), in = Fd(ends[1]);
  }
  /// Whether no descriptor of the write end is left. Waits a few seconds for the last one to be closed.
  bool is_hung_up() const {
    pollfd state{out.get(), POLLIN, 0};
    return ::poll(&state, 1, 5'000) == 1 && state.revents & POLLHUP;
  }
  Fd out, in;
};

TEST(RootPause, AHeldDescriptorOutlivesItsSupervisor) {
  PauseRun run;
  Pipe pipe;
  {
    FakeSupervisor first = run.next_supervisor();
    ASSERT_TRUE(first.pause.hold("control", {pipe.in.get()}));
    ASSERT_TRUE(first.pause.hold("other", {pipe.out.get(), pipe.out.get()}));
    ASSERT_TRUE(first.pause.adopted(0ms));
    first.die();
  }
  FakeSupervisor second = run.next_supervisor();
  Holdings holdings = second.pause.list().value();
  EXPECT_EQ(names_of(holdings.holds), (std::vector<std::string>{"control", "other"}));
  EXPECT_EQ(holdings.holds[1].fds.size(), 2U);
  ASSERT_EQ(holdings.holds[0].fds.size(), 1U);
  EXPECT_EQ(::write(holdings.holds[0].fds[0].fd.get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(pipe.out.get(), &byte, 1), 1);
}

TEST(RootPause, DescriptorsGivenAtTheStartOutliveASilentSupervisor) {
  Pipe pipe;
  std::vector<NamedFd> holds;
  holds.push_back({"ready", std::move(pipe.in)});
  PauseRun run("/bin/sh", std::move(holds));
  run.next_supervisor().die();
  FakeSupervisor second = run.next_supervisor();
  EXPECT_EQ(names_of(second.pause.list().value().holds), std::vector<std::string>{"ready"});
  ASSERT_TRUE(second.pause.release("ready"));
  EXPECT_TRUE(pipe.is_hung_up()) << "nobody else has a copy";
}

TEST(RootPause, AReleasedOrReplacedDescriptorIsClosed) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  Pipe replaced, released;
  ASSERT_TRUE(supervisor.pause.hold("a", {replaced.in.get()}));
  ASSERT_TRUE(supervisor.pause.hold("a", {released.in.get()}));
  replaced.in.reset();
  EXPECT_TRUE(replaced.is_hung_up());
  EXPECT_EQ(supervisor.pause.list().value().holds.size(), 1U);
  ASSERT_TRUE(supervisor.pause.release("a"));
  released.in.reset();
  EXPECT_TRUE(released.is_hung_up());
  EXPECT_TRUE(supervisor.pause.list().value().holds.empty());
}

// As after a rotation of its log. Whether the supervisor dies before or after the message, the next one finds one set
// of descriptors.
TEST(RootPause, AChildThatIsRegisteredAgainHasItsNewDescriptors) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  Pipe former, present;
  const auto app = [&](const std::vector<int>& fds) { return registration("app", 3, run.pid(), fds); };
  ASSERT_TRUE(supervisor.pause.register_child(app({former.in.get()})));
  ASSERT_TRUE(supervisor.pause.register_child(app({present.in.get(), present.out.get()})));
  former.in.reset();
  EXPECT_TRUE(former.is_hung_up());
  const Holdings holdings = supervisor.pause.list().value();
  ASSERT_EQ(holdings.children.size(), 1U);
  EXPECT_EQ(holdings.children[0].instance, 3);
  EXPECT_EQ(holdings.children[0].fds.size(), 2U);
}

TEST(RootPause, MessagesOfADeadSupervisorAreStillProcessed) {
  PauseRun run;
  Pipe pipe;
  {
    FakeSupervisor first = run.next_supervisor();
    ASSERT_TRUE(send_signal(run.process(), SIGSTOP));
    ASSERT_TRUE(first.pause.hold("late", {pipe.in.get()}));
    ASSERT_TRUE(first.pause.adopted(0ms));
    first.die();
    ASSERT_TRUE(send_signal(run.process(), SIGCONT));
  }
  FakeSupervisor second = run.next_supervisor();
  EXPECT_EQ(names_of(second.pause.list().value().holds), std::vector<std::string>{"late"});
}

TEST(RootPause, ThePauseReportsItsProtocolVersion) {
  PauseRun run;
  EXPECT_EQ(run.next_supervisor().pause.list().value().version, pause::protocol_version);
}

}  // namespace
}  // namespace podrun::ns
