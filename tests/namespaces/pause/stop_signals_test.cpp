// Signals that are copies of one request to stop, and signals that are another request.
#include "namespaces/pause/stop_signals.hpp"

#include <gtest/gtest.h>

namespace podrun::pause {
namespace {

constexpr std::uint32_t shell = 10, other = 11;

/// The number of requests that these signals make.
int count(std::initializer_list<ReceivedSignal> signals, bool ignores_hangups = false) {
  StopSignals stops;
  if (ignores_hangups) stops.ignore_hangups();
  int counted = 0;
  for (const ReceivedSignal& signal : signals) counted += stops.add(signal) ? 1 : 0;
  EXPECT_EQ(stops.count(), counted);
  return counted;
}

TEST(Stops, OnlyIntTermAndHupRequestAStop) {
  EXPECT_EQ(count({{SIGINT, SI_USER, shell, 0}, {SIGTERM, SI_USER, shell, 0}, {SIGHUP, SI_USER, shell, 0}}), 3);
  EXPECT_EQ(count({{SIGCHLD, CLD_EXITED, shell, 0}, {SIGQUIT, SI_KERNEL, 0, 0}, {SIGTSTP, SI_KERNEL, 0, 0}}), 0);
}

// timeout(1) signals its child, then its process group.
TEST(Stops, QuickRepeatedSignalsOfOneSenderAreOneStop) {
  for (const std::uint32_t signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(count({{signal, SI_USER, shell, 1000}, {signal, SI_USER, shell, 1001}, {signal, SI_USER, shell, 1150}}),
              1);
    EXPECT_EQ(count({{signal, SI_USER, shell, 1000}, {signal, SI_USER, shell, 1500}}), 2);
    EXPECT_EQ(count({{signal, SI_USER, shell, 1000}, {signal, SI_USER, other, 1001}}), 2);
  }
}

TEST(Stops, PressingTheInterruptKeyTwiceIsTwoStops) {
  EXPECT_EQ(count({{SIGINT, SI_KERNEL, 0, 1000}, {SIGINT, SI_KERNEL, 0, 1050}}), 2);
  EXPECT_EQ(count({{SIGINT, SI_KERNEL, 0, 1000}, {SIGINT, SI_USER, shell, 1050}}), 2);
}

// The shell signals its jobs. When it has ended, the kernel signals the foreground process group.
TEST(Stops, TheHangupsOfATerminalAreOneStop) {
  EXPECT_EQ(count({{SIGHUP, SI_USER, shell, 1000}, {SIGHUP, SI_KERNEL, 0, 1005}}), 1);
  EXPECT_EQ(count({{SIGHUP, SI_USER, shell, 1000}, {SIGHUP, SI_KERNEL, 0, 9000}}), 1);
  EXPECT_EQ(count({{SIGHUP, SI_KERNEL, 0, 1000}, {SIGHUP, SI_KERNEL, 0, 9000}}), 1);
  EXPECT_EQ(count({{SIGHUP, SI_KERNEL, 0, 1000}, {SIGHUP, SI_USER, shell, 1005}}), 1);
  EXPECT_EQ(count({{SIGHUP, SI_KERNEL, 0, 1000}, {SIGHUP, SI_USER, shell, 9000}}), 2) << "somebody wants it to count";
}

TEST(Stops, AnIgnoredHangupIsNoStop) {
  EXPECT_EQ(count({{SIGHUP, SI_USER, shell, 0}, {SIGHUP, SI_KERNEL, 0, 500}, {SIGTERM, SI_USER, shell, 501}}, true), 1);
}

}  // namespace
}  // namespace podrun::pause
