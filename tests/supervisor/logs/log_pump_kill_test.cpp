// Supervisors are killed at random while two streams write numbered lines at full speed. Each line is in the log once,
// complete and in order.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "namespaces/pause/transport.hpp"
#include "supervisor/logs/log_screen.hpp"
#include "tests/supervisor/logs/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

// Memory that the processes of the test share.
struct Shared {
  std::atomic<bool> stop = false;
  std::array<std::atomic<long>, 2> lines = {};
};

void append_line(std::string& text, long number) {
  text += std::to_string(number);
  text.append(static_cast<std::size_t>(number * 7919 % 150), 'x');
  text += '\n';
}

// The process of a container. It writes lines in blocks of random sizes, which cut lines anywhere.
[[noreturn]] void write_lines(int fd, const std::atomic<bool>& stop, std::atomic<long>& lines) {
  std::minstd_rand random(static_cast<unsigned>(fd));
  std::string text;
  while (!stop || !text.empty()) {
    while (!stop && text.size() < 65536) append_line(text, lines++);
    const ssize_t n = ::write(fd, text.data(), std::min<std::size_t>(text.size(), 1 + random() % 30000));
    if (n < 0) ::_exit(1);
    text.erase(0, static_cast<std::size_t>(n));
  }
  ::_exit(0);
}

// The process of a supervisor: it adopts the log and pumps until both streams have ended. Now and then it drains the
// pipes, as at the end of a container, so that it also dies with a sealed journal.
[[noreturn]] void supervise(LogPump pump, unsigned seed) {
  std::minstd_rand random(seed);
  bool ok = pump.recover().has_value();
  std::array<pollfd, 2> pipes = {
      {{pump.descriptors().out.get(), POLLIN, 0}, {pump.descriptors().err.get(), POLLIN, 0}}};
  while (ok && (pipes[0].fd >= 0 || pipes[1].fd >= 0)) {
    ok = ::poll(pipes.data(), pipes.size(), -1) > 0 && (random() % 4 != 0 || pump.drain());
    for (const Stream stream : streams) {
      pollfd& pipe = pipes[static_cast<std::size_t>(stream)];
      if (pipe.fd < 0 || pipe.revents == 0) continue;
      const auto pumped = pump.pump(stream);
      ok = ok && pumped;
      if (pumped && pumped->end) pipe.fd = -1;  // poll(2) ignores it
    }
  }
  ::_exit(ok ? 0 : 1);
}

template <typename Role>
pid_t run(Role role) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  role();
  ::_exit(1);  // not reached: a role ends the process
}

int status_of(pid_t child) {
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

void expect_numbered_lines(const std::string& text, long lines) {
  std::string expected;
  for (long i = 0; i < lines; ++i) append_line(expected, i);
  const auto differ = std::ranges::mismatch(text, expected);
  EXPECT_TRUE(text == expected) << text.size() << " bytes, " << expected.size()
                                << " were written; different from byte " << differ.in1 - text.begin();
}

// The test has the pause's end of the socket. Messages of a supervisor count even after its death.
class LogsUnderKill : public Logs {
 protected:
  LogsUnderKill() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pause_ = Fd(pair[0]);
    client_ = ns::PauseClient(Fd(pair[1]));
  }
  Result<> keep(const LogDescriptors& log) override {
    return client_.register_child({.name = "app", .fds = log.roles()});
  }
  void read_messages() {
    pause::Message message;
    int fds[pause::max_descriptors];
    unsigned count = 0;
    while (pause::receive_message(pause_.get(), message, fds, count, MSG_DONTWAIT)) {
      ns::KeptItem child;
      for (unsigned i = 0; i < count; ++i) child.fds.push_back({message.roles[i], Fd(fds[i])});
      auto log = LogDescriptors::from(child);
      ASSERT_TRUE(log);
      log_.kept = std::move(*log);
    }
  }

 private:
  Fd pause_;
  ns::PauseClient client_{Fd()};
};

TEST_F(LogsUnderKill, NoLineIsLostDoubledOrMalformed) {
  constexpr int kills = 200;
  ASSERT_NO_FATAL_FAILURE(fill(64 << 10));  // so that a rotation is near
  auto* shared =
      new (::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Shared;
  std::array<pid_t, 2> writers{};
  for (const Stream stream : streams) {
    const auto i = static_cast<std::size_t>(stream);
    const Fd& mine = stream == Stream::Out ? log_.out_write : log_.err_write;
    writers[i] = run([&] {
      (stream == Stream::Out ? log_.err_write : log_.out_write).reset();
      write_lines(mine.get(), shared->stop, shared->lines[i]);
    });
  }
  log_.out_write.reset();
  log_.err_write.reset();

  std::minstd_rand random(1);
  const auto start = [&] { return run([&] { supervise(make_pump(), static_cast<unsigned>(random())); }); };
  for (int i = 0; i < kills; ++i) {
    const pid_t supervisor = start();
    ::usleep(static_cast<useconds_t>(random() % 2000));  // it dies at a random instant
    ::kill(supervisor, SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(status_of(supervisor))) << "it ended by itself";
    ASSERT_NO_FATAL_FAILURE(read_messages());
  }
  shared->stop = true;
  EXPECT_EQ(status_of(start()), 0);
  for (const pid_t writer : writers) EXPECT_EQ(status_of(writer), 0);

  EXPECT_GT(find_logs(*folder_).size(), 1u) << "it was rotated";
  const std::string written = whole_log();
  RecordProperty("bytes", std::to_string(written.size()));
  for (const Stream stream : streams)
    expect_numbered_lines(text_of(written, stream), shared->lines[static_cast<std::size_t>(stream)]);
  ::munmap(shared, sizeof(Shared));
}

// The process of a supervisor that handles its log once.
[[noreturn]] void live(LogPump pump, bool until_end) {
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  const bool ok = pump.recover() && pump.pump(Stream::Out) && pump.pump(Stream::Err);
  ::_exit(ok && (!until_end || pump.drain()) ? 0 : 1);
}

// Kills CHILD at the STOPS-th entry to or return from a system call. False if it ended before.
bool kill_at(pid_t child, int stops) {
  status_of(child);
  for (int i = 0; i < stops; ++i) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    if (WIFEXITED(status_of(child))) return false;
  }
  ::kill(child, SIGKILL);
  status_of(child);
  return true;
}

// Kills a supervisor at each entry to and return from a system call.
class LogsUnderKillAtEachCall : public LogsUnderKill {
 protected:
  static constexpr std::string_view out_text = "one\ntwo\nhel", out_rest = "lo\n";
  static constexpr std::string_view err_text = "three\nfo", err_rest = "ur\n";

  // For each instant: SET_UP prepares the log, a supervisor runs LIVE and is killed, another one adopts, and CHECK
  // looks at the log. Returns the number of instants.
  int die_everywhere(const std::function<void()>& set_up, const std::function<void()>& live,
                     const std::function<void()>& check) {
    int stops = 0;
    for (bool killed = true; killed; ++stops) {
      SCOPED_TRACE("killed at stop " + std::to_string(stops));
      for (const LogFileStat& found : find_logs(*folder_)) ::unlink((app_ + "/" + found.file.name()).c_str());
      SetUp();
      set_up();
      write_out(out_text);
      write_err(err_text);
      killed = kill_at(run(live), stops);
      read_messages();
      LogPump next = adopt();
      read_messages();
      write_out(out_rest);
      write_err(err_rest);
      EXPECT_TRUE(next.drain());
      read_messages();
      check();
    }
    return stops;
  }
  void expect_all_lines() {
    EXPECT_EQ(text_of(whole_log(), Stream::Out), "one\ntwo\nhello\n") << whole_log();
    EXPECT_EQ(text_of(whole_log(), Stream::Err), "three\nfour\n") << whole_log();
  }
};

TEST_F(LogsUnderKillAtEachCall, NoLineIsLostOrDoubled) {
  EXPECT_GT(die_everywhere([] {}, [this] { live(make_pump(), true); }, [this] { expect_all_lines(); }), 50);
}

TEST_F(LogsUnderKillAtEachCall, NoLineIsLostOrDoubledDuringARotation) {
  for (const off_t room : {0, 100}) {
    SCOPED_TRACE(room);
    const auto check = [this] {
      expect_all_lines();
      EXPECT_EQ(find_logs(*folder_).size(), 2u);
    };
    EXPECT_GT(die_everywhere([&] { fill(room); }, [this] { live(make_pump(), true); }, check), 50);
  }
}

// A limit on the size of files stands for a full disk. The next supervisor has no such limit.
TEST_F(LogsUnderKillAtEachCall, DroppedLinesAreCountedExactly) {
  const auto live_without_room = [this] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 100, .rlim_max = RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &small);
    live(make_pump(), false);
  };
  const auto check = [this] {
    long lines = 0;
    const std::string text = text_of(whole_log(), Stream::Out) + text_of(whole_log(), Stream::Err);
    for (std::string_view left = text; !left.empty();) {
      const std::string_view line = cut_line(left);
      lines += line.starts_with("podrun: ") ? std::atol(line.substr(8).data()) : 1;
    }
    EXPECT_EQ(lines, 5) << whole_log();
  };
  EXPECT_GT(die_everywhere([this] { fill(1000); }, live_without_room, check), 50);
}

}  // namespace
}  // namespace podrun::supervisor
