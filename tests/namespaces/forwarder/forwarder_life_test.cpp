// When a forwarder begins and ends, and that nothing is lost between one and the next.
#include <gtest/gtest.h>

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <optional>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "tests/namespaces/forwarder/forwarder_world.hpp"

namespace podrun::ns {
namespace {

constexpr int cannot_run = 70;

class RootForwarderLife : public testing::Test {
 protected:
  std::vector<ForwardedSocket> sockets() const { return {forwarded(listener_, server_)}; }

  ForwarderWorld world_;
  Endpoint listener_ = world_.host_socket("127.0.0.1"), server_ = world_.pod_socket(pod_v4);
};

}  // namespace

TEST_F(RootForwarderLife, ItExitsWhenItHasHadNothingToDo) {
  ForwarderRun forwarder(world_, sockets(), {.idle = 0});
  EXPECT_EQ(forwarder.exit_code(), 0);
}

TEST_F(RootForwarderLife, ItStaysAsLongAsThereIsAConnection) {
  ForwarderRun forwarder(world_, sockets(), {.idle = 1});
  {
    const Connected connected = connect_through(world_, listener_, server_);
    EXPECT_FALSE(waits_for(connected.client.get(), POLLIN, 2'500)) << "nothing happens to it";
    EXPECT_TRUE(forwarder.runs());
    ASSERT_TRUE(write_all(connected.client.get(), "x"));
    EXPECT_EQ(next_error(connected.server.get()), 0);
  }
  EXPECT_EQ(forwarder.exit_code(), 0);
}

// The client connects at any time before, while and after the first forwarder exits.
TEST_F(RootForwarderLife, AConnectionThatComesAtItsEndIsTakenByItOrByTheNext) {
  int taken_by_next = 0;
  for (int i = 0; i < 40; ++i) {
    ForwarderRun first(world_, sockets(), {.idle = 0});
    (void)waits_for(first.pidfd(), POLLIN, i / 8);
    Fd client = world_.client_of(listener_);
    ASSERT_TRUE(write_all(client.get(), "hello"));
    pollfd either[] = {{server_.socket.get(), POLLIN, 0}, {first.pidfd(), POLLIN, 0}};
    ASSERT_GT(::poll(either, 2, 20'000), 0);
    std::optional<ForwarderRun> second;
    if (!waits_for(server_.socket.get(), POLLIN, 0)) {
      EXPECT_TRUE(waits_for(listener_.socket.get(), POLLIN, 0)) << "the supervisor sees it";
      second.emplace(world_, sockets());
      ++taken_by_next;
    }
    const Fd server = accepted(server_);
    EXPECT_EQ(next_error(server.get()), 0);
    reset(std::move(client));
    EXPECT_EQ(first.exit_code(), 0);
  }
  EXPECT_GT(taken_by_next, 0);
}

TEST_F(RootForwarderLife, ItAcceptsNothingBeforeItsGateIsOpened) {
  auto started = start_forwarder(world_.site(), sockets());
  ASSERT_TRUE(started) << started.error().message;
  const Fd client = world_.client_of(listener_);
  EXPECT_FALSE(waits_for(server_.socket.get(), POLLIN, 300));
  EXPECT_TRUE(waits_for(listener_.socket.get(), POLLIN, 0));
  started->gate.reset();
  EXPECT_EQ(exit_code_of(*wait_for(started->process)), cannot_run) << "nobody has registered it";
}

TEST_F(RootForwarderLife, ItEndsWithWhoStartedIt) {
  auto [ours, theirs] = *make_pipe();
  auto starter = run_in_child([&] {
    const auto started = start_forwarder(world_.site(), sockets());
    (void)!::write(started->gate.get(), "x", 1);
    (void)!::write(theirs.get(), &started->process.pid, sizeof started->process.pid);
    return ::pause();
  });
  pid_t made = 0;
  ASSERT_EQ(::read(ours.get(), &made, sizeof made), static_cast<ssize_t>(sizeof made));
  const Process forwarder = *open_process(made);
  ASSERT_TRUE(connect_through(world_, listener_, server_).server) << "it is confined and runs";
  ASSERT_TRUE(send_signal(*starter, SIGKILL));
  ASSERT_TRUE(wait_for(*starter));
  EXPECT_TRUE(waits_for(forwarder.pidfd.get(), POLLIN));
}

// As the supervisor starts it: the parent is the pause, whose end ends it, and the supervisor may go.
TEST_F(RootForwarderLife, AsAChildOfItsStartersParentItOutlivesItsStarter) {
  auto [ours, theirs] = *make_pipe();
  auto starter = run_in_child([&] {
    HelperSite site = world_.site();
    site.as_child_of_parent = true;
    const auto started = start_forwarder(site, sockets());
    (void)!::write(started->gate.get(), "x", 1);
    (void)!::write(theirs.get(), &started->process.pid, sizeof started->process.pid);
    return 0;
  });
  ASSERT_EQ(exit_code_of(*wait_for(*starter)), 0);
  pid_t made = 0;
  ASSERT_EQ(::read(ours.get(), &made, sizeof made), static_cast<ssize_t>(sizeof made));
  const Process forwarder = *open_process(made);
  EXPECT_TRUE(connect_through(world_, listener_, server_).server);
  ASSERT_TRUE(send_signal(forwarder, SIGKILL));
  EXPECT_TRUE(wait_for(forwarder)) << "it is a child of this process";
}

TEST_F(RootForwarderLife, WordsThatAreNoTargetsEndIt) {
  for (const char* word : {"tcp=10.0.0.1", "tcp=10.0.0.1:", "tcp=10.0.0.1:0", "tcp=10.0.0.1:65536", "tcp=fd00::1:80",
                           "tcp=[10.0.0.1]:80", "icmp=10.0.0.1:80", "tcp=localhost:80", "tcp=10.0.0.1:80 "}) {
    auto started = start_helper(world_.site(), {.name = "podrun-forwarder",
                                                .words = {word},
                                                .descriptors = {listener_.socket.get()},
                                                .has_gate = true});
    ASSERT_TRUE(started);
    EXPECT_EQ(exit_code_of(*wait_for(started->process)), cannot_run) << word;
  }
}

TEST_F(RootForwarderLife, MoreSocketsThanItTakesAreRefused) {
  const auto started = start_forwarder(world_.site(), std::vector<ForwardedSocket>(4097, sockets().front()));
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().number, E2BIG);
}

}  // namespace podrun::ns
