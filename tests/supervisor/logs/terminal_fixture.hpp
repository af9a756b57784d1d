// A log to show, and pipes, sockets and terminals on which it is shown.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/socket.h>

#include <csignal>
#include <string>
#include <string_view>

#include "supervisor/logs/foreground_terminal.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {

/// A log file, and an open file description whose position is the end of what was shown.
class ShownLog {
 public:
  ShownLog()
      : path_(directory_ / "0.log"),
        file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    shown_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  }
  void add(std::string_view raw, Stream stream = Stream::Out) {
    std::string records;
    append_records(records, raw, stream, WallTime(std::chrono::seconds(1)));
    ASSERT_EQ(::write(file_.get(), records.data(), records.size()), static_cast<ssize_t>(records.size()));
  }
  int shown() const { return shown_.get(); }
  bool all_shown() const {
    return ::lseek(shown(), 0, SEEK_CUR) == static_cast<off_t>(contents_of(path_).size());
  }

 private:
  TemporaryDirectory directory_;
  std::string path_;
  Fd file_, shown_;
};

/// Two instances of the pod's first container, and its second container. A line of one instance does not continue in
/// the next one.
inline constexpr LogSource app{.name = "app", .index = 0, .instance = 0};
inline constexpr LogSource app_again{.name = "app", .index = 0, .instance = 1};
inline constexpr LogSource other{.name = "log", .index = 1, .instance = 0};

/// Both ends of what the ForegroundTerminal writes to.
struct Channel {
  Fd in, out;

  /// Everything that can be read now.
  std::string read() const {
    std::string text;
    char buffer[65536];
    pollfd state{.fd = out.get(), .events = POLLIN, .revents = 0};
    while (::poll(&state, 1, 0) == 1) {
      const ssize_t n = ::read(out.get(), buffer, sizeof buffer);
      if (n <= 0) break;
      text.append(buffer, static_cast<std::size_t>(n));
    }
    return text;
  }
};

inline Channel make_pipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  return {.in = Fd(ends[1]), .out = Fd(ends[0])};
}

inline Channel make_small_pipe() {
  Channel pipe = make_pipe();
  EXPECT_EQ(::fcntl(pipe.in.get(), F_SETPIPE_SZ, 4096), 4096);
  return pipe;
}

inline Channel make_sockets() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {.in = Fd(ends[1]), .out = Fd(ends[0])};
}

inline Channel make_terminal() {
  int master = -1, slave = -1;
  EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  return {.in = Fd(slave), .out = Fd(master)};
}

inline std::string numbered_lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "line " + std::to_string(i) + "\n";
  return lines;
}

/// LINES as they are shown.
inline std::string prefixed(const std::string& name, std::string_view lines) {
  std::string text;
  while (!lines.empty()) text.append(name + " | ").append(cut_line(lines)) += '\n';
  return text;
}

class TerminalTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  // Shows the rest of a log, and reads after each call everything that was shown.
  static std::string show_rest(ForegroundTerminal& terminal, const ShownLog& log, const Channel& to) {
    std::string text;
    while (!terminal.show(app, log.shown())) text += to.read();
    return text + to.read();
  }

  Channel out_ = make_pipe();
  Channel err_ = make_pipe();
  ShownLog app_, log_;
};

}  // namespace podrun::supervisor
