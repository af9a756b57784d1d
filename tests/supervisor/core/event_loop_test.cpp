// The event loop calls the functions of what is ready, and of nothing that was destroyed.
#include "supervisor/core/event_loop.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "namespaces/kernel/channel.hpp"
#include "supervisor/core/clock.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

/// Notes which functions the loop has called, in that order.
class EventLoopTest : public testing::Test {
 protected:
  std::function<void()> note(char name) {
    return [this, name] { called_ += name; };
  }
  /// Runs the loop until as many functions as COUNT have been called.
  std::string run(std::size_t count) {
    const auto ran = loop_.run_until([&] { return called_.size() >= count; });
    EXPECT_TRUE(ran) << ran.error().message;
    return called_;
  }

  EventLoop loop_;
  std::string called_;
};

struct Pipe {
  Pipe() {
    auto ends = ns::make_pipe();
    reading = std::move(ends->first);
    writing = std::move(ends->second);
  }
  void fill() const { EXPECT_EQ(::write(writing.get(), "x", 1), 1); }
  Fd reading, writing;
};

TEST_F(EventLoopTest, AReadyDescriptorCallsItsFunctionUntilItIsNotReady) {
  const Pipe pipe;
  pipe.fill();
  pipe.fill();
  char byte;
  const auto watch = loop_.watch(pipe.reading.get(), EPOLLIN, [&] {
    EXPECT_EQ(::read(pipe.reading.get(), &byte, 1), 1);
    called_ += 'r';
  });
  EXPECT_EQ(run(2), "rr");
  const auto timer = loop_.at(boot_now() + 1ms, note('t'));
  EXPECT_EQ(run(3), "rrt");
}

TEST_F(EventLoopTest, ADestroyedWatchIsNotCalledAlthoughItsDescriptorWasReadyAsWell) {
  const Pipe first, second;
  first.fill();
  second.fill();
  EventSource one, other;
  one = *loop_.watch(first.reading.get(), EPOLLIN, [&] { other.reset(), one.reset(), called_ += 'w'; });
  other = *loop_.watch(second.reading.get(), EPOLLIN, [&] { other.reset(), one.reset(), called_ += 'w'; });
  const auto timer = loop_.at(boot_now() + 1ms, note('t'));
  EXPECT_EQ(run(2), "wt");
}

TEST_F(EventLoopTest, ADescriptorMayBeWatchedAgainWhenItsWatchIsDestroyed) {
  const Pipe pipe;
  EXPECT_TRUE(loop_.watch(pipe.reading.get(), EPOLLIN, note('a')));
  pipe.fill();
  EventSource again;
  again = *loop_.watch(pipe.reading.get(), EPOLLIN, [&] { again.reset(), called_ += 'b'; });
  EXPECT_EQ(run(1), "b");
}

// As when a request on a socket makes another part its owner.
TEST_F(EventLoopTest, ADescriptorMayBeWatchedAgainInItsOwnFunction) {
  const Pipe pipe;
  pipe.fill();
  EventSource first, again;
  first = *loop_.watch(pipe.reading.get(), EPOLLIN, [&] {
    first.reset();
    auto second = loop_.watch(pipe.reading.get(), EPOLLIN, [&] { again.reset(), called_ += 'b'; });
    ASSERT_TRUE(second) << second.error().message;
    again = std::move(*second);
    called_ += 'a';
  });
  EXPECT_EQ(run(2), "ab");
}

TEST_F(EventLoopTest, TimersAreCalledInTheOrderOfTheirTimes) {
  const BootTime now = boot_now();
  const auto last = loop_.at(now + 3ms, note('3')), first = loop_.at(now + 1ms, note('1')),
             second = loop_.at(now + 2ms, note('2'));
  EXPECT_EQ(run(3), "123");
  EXPECT_GE(boot_now(), now + 3ms);
}

TEST_F(EventLoopTest, TimersOfBothClocksAreCalledInTheOrderOfTheirTimes) {
  const auto last = loop_.at(monotonic_now() + 30ms, note('c'));
  const auto second = loop_.at(boot_now() + 20ms, note('b'));
  const auto first = loop_.at(monotonic_now() + 10ms, note('a'));
  const MonotonicTime begun = monotonic_now();
  EXPECT_EQ(run(3), "abc");
  EXPECT_GE(monotonic_now() - begun, 28ms);
}

TEST_F(EventLoopTest, ATimerOfThePastIsCalledAtOnceAndOnce) {
  const auto past = loop_.at(BootTime{-1}, note('p'));
  const auto later = loop_.at(boot_now() + 1ms, note('l'));
  EXPECT_EQ(run(2), "pl");
}

TEST_F(EventLoopTest, ADestroyedTimerIsNotCalledAndOthersOfItsTimeAre) {
  const BootTime due = boot_now() + 1ms;
  auto destroyed = loop_.at(due, note('d'));
  const auto kept = loop_.at(due, note('k')), later = loop_.at(due + 1ms, note('l'));
  destroyed->reset();
  EXPECT_EQ(run(2), "kl");
}

TEST_F(EventLoopTest, ADeferredFunctionIsCalledOnceAfterWhatIsReady) {
  const Pipe pipe;
  pipe.fill();
  const auto deferred = loop_.soon(note('d'));
  EventSource ready;
  ready = *loop_.watch(pipe.reading.get(), EPOLLIN, [&] { ready.reset(), called_ += 'r'; });
  const auto timer = loop_.at(boot_now() + 1ms, note('t'));
  EXPECT_EQ(run(3), "rdt");
}

TEST_F(EventLoopTest, AFunctionMayDeferAnother) {
  EventSource second;
  const auto first = loop_.soon([&] {
    called_ += '1';
    second = *loop_.soon(note('2'));
  });
  EXPECT_EQ(run(2), "12");
}

TEST_F(EventLoopTest, AFileThatCannotBePolledIsAnError) {
  const Fd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(loop_.watch(file.get(), EPOLLIN, note('f')));
}

TEST_F(EventLoopTest, ASourceMayOutliveItsLoop) {
  const Pipe pipe;
  EventSource watch, timer;
  {
    EventLoop loop;
    watch = *loop.watch(pipe.reading.get(), EPOLLIN, note('w'));
    timer = *loop.at(boot_now(), note('t'));
  }
  EXPECT_TRUE(watch);
  EXPECT_TRUE(timer);
}

}  // namespace
}  // namespace podrun::supervisor
