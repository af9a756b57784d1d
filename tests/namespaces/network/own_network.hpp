// A network namespace for the time of a test.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"

namespace podrun::ns {

/// The words of a command line: words in single quotes are one.
inline std::vector<std::string> words_of_command(std::string_view text) {
  std::vector<std::string> words;
  while ((text = text.substr(std::min(text.find_first_not_of(' '), text.size()))) != "") {
    const bool is_quoted = text.front() == '\'';
    if (is_quoted) text.remove_prefix(1);
    const std::size_t end = std::min(text.find(is_quoted ? '\'' : ' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// Runs a program that is found in PATH, and returns its exit status.
inline int exit_status_of(std::string_view command) {
  std::vector<std::string> words = words_of_command(command);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t pid = 0;
  int status = 0;
  if (::posix_spawnp(&pid, arguments.front(), nullptr, nullptr, arguments.data(), environ) != 0) return -1;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A test in a network namespace of its own, in which nothing but loopback is up. The process, and not a thread of it,
/// is in the namespace: /proc/net is that of the process.
class OwnNetwork : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(hosts_);
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    run("ip link set lo up");
    set("net/ipv4/ip_forward", "0");
    set("net/ipv6/conf/all/forwarding", "0");
  }
  void TearDown() override { EXPECT_EQ(::setns(hosts_.get(), CLONE_NEWNET), 0); }

  /// Runs commands that are separated by "&&".
  static void run(std::string_view commands) {
    for (bool is_last = false; !is_last;) {
      const std::size_t end = commands.find("&&");
      is_last = end == commands.npos;
      const std::string_view command = commands.substr(0, end);
      ASSERT_EQ(exit_status_of(command), 0) << command;
      if (!is_last) commands.remove_prefix(end + 2);
    }
  }
  static void set(const std::string& parameter, const std::string& value) {
    std::ofstream file("/proc/sys/" + parameter);
    ASSERT_TRUE(file << value << std::flush) << parameter;
  }

 private:
  const Fd hosts_{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
};

}  // namespace podrun::ns
