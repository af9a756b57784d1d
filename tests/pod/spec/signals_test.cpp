// Names of signals, as Kubernetes and as images have them.
#include "pod/spec/signals.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace podrun::pod {
namespace {

TEST(Signals, NamesAreThoseOfTheKernel) {
  for (int number = 1; number < 32; ++number) {
    const char* name = ::sigabbrev_np(number);
    ASSERT_NE(name, nullptr) << number;
    const std::string full = std::string("SIG") + name;
    EXPECT_EQ(signal_of(full == "SIGPOLL" ? "SIGIO" : full), number);
    EXPECT_EQ(signal_of(signal_name(number)), number);
  }
  EXPECT_EQ(signal_of("SIGRTMIN"), SIGRTMIN);
  EXPECT_EQ(signal_of("SIGRTMIN+15"), SIGRTMIN + 15);
  EXPECT_EQ(signal_of("SIGRTMAX-14"), SIGRTMAX - 14);
  EXPECT_EQ(signal_of("SIGRTMAX"), SIGRTMAX);
}

TEST(Signals, OneNumberMayHaveTwoNames) {
  EXPECT_EQ(signal_of("SIGCLD"), SIGCHLD);
  EXPECT_EQ(signal_of("SIGIOT"), SIGABRT);
  EXPECT_EQ(signal_of("SIGPOLL"), SIGIO);
  EXPECT_EQ(signal_name(SIGCHLD), "SIGCHLD");
  EXPECT_EQ(signal_name(SIGABRT), "SIGABRT");
  EXPECT_EQ(signal_name(SIGIO), "SIGIO");
  EXPECT_EQ(signal_name(SIGRTMIN + 3), "SIGRTMIN+3");
  EXPECT_EQ(signal_name(32), "32");
}

TEST(Signals, AManifestSpellsThemInFull) {
  for (const char* wrong : {"", "TERM", "sigterm", "15", "SIGRTMIN+16", "SIGRTMAX-15", "SIGEMT", "SIGTERM "})
    EXPECT_FALSE(signal_of(wrong)) << wrong;
}

TEST(Signals, AnImageMaySpellThemShorterOrAsANumber) {
  for (const char* right : {"SIGTERM", "TERM", "sigterm", "term", "15"})
    EXPECT_EQ(image_signal(right), SIGTERM) << right;
  EXPECT_EQ(image_signal("RTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(image_signal("SIGRTMIN+3"), SIGRTMIN + 3);
  EXPECT_EQ(image_signal("rtmax-1"), SIGRTMAX - 1);
  EXPECT_EQ(image_signal("64"), 64);
  for (const char* wrong : {"", "0", "65", "-9", "SIG", "SIGFOO", "15 ", "9999999999999", "+9"})
    EXPECT_FALSE(image_signal(wrong)) << wrong;
}

}  // namespace
}  // namespace podrun::pod
