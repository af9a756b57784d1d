// Supervisors are killed at random while two streams write numbered lines at full speed: each line is in the
// log once, whole, and in order.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <random>
#include <string>

#include "tests/supervisor/log_fixture.hpp"

namespace podrun::supervisor {
namespace {

// What the processes of the test tell each other.
struct Shared {
  std::atomic<bool> stop = false;
  std::array<std::atomic<long>, 2> lines = {};
};

void append_line(std::string& text, long number) {
  text += std::to_string(number);
  text.append(static_cast<std::size_t>(number * 7919 % 150), 'x');
  text += '\n';
}

// A container: lines in writes of every size, which cut them anywhere.
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

// A supervisor: adopts the log and pumps until both streams have ended. Now and then it drains, as at a
// container's end, so that it also dies with a sealed journal.
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
      if (pumped && pumped->end) pipe.fd = -1;  // poll(2) passes over it
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
  ::_exit(1);  // a role ends the process itself
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

using LogsUnderKill = Logs;

TEST_F(LogsUnderKill, NoLineIsLostDoubledOrMalformed) {
  constexpr int kills = 200;
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
  const auto start = [&] {
    return run(
        [&] { supervise(LogPump(duplicate(log_.kept), one_second), static_cast<unsigned>(random())); });
  };
  for (int i = 0; i < kills; ++i) {
    const pid_t supervisor = start();
    ::usleep(static_cast<useconds_t>(random() % 2000));  // the instant of its death
    ::kill(supervisor, SIGKILL);
    ASSERT_TRUE(WIFSIGNALED(status_of(supervisor))) << "it ended by itself";
  }
  shared->stop = true;
  EXPECT_EQ(status_of(start()), 0);
  for (const pid_t writer : writers) EXPECT_EQ(status_of(writer), 0);

  const std::string written = log();
  RecordProperty("bytes", std::to_string(written.size()));
  for (const Stream stream : streams)
    expect_numbered_lines(text_of(written, stream), shared->lines[static_cast<std::size_t>(stream)]);
  ::munmap(shared, sizeof(Shared));
}

// A supervisor's short life with every part of the transaction: whole lines, an unfinished one, the seal.
[[noreturn]] void live_and_drain(LogPump pump) {
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  const bool ok = pump.recover() && pump.pump(Stream::Out) && pump.pump(Stream::Err) && pump.drain();
  ::_exit(ok ? 0 : 1);
}

// Lets CHILD go to the STOPS-th entry or return of a system call and kills it there; false if it ended
// before.
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

TEST_F(LogsUnderKill, EverySystemCallIsAPointToDieAt) {
  bool killed = true;
  int stops = 0;
  for (; killed; ++stops) {
    ASSERT_NO_FATAL_FAILURE(SetUp());
    write_out("one\ntwo\nhel");
    write_err("three\nfo");
    killed = kill_at(run([&] { live_and_drain(LogPump(duplicate(log_.kept), one_second)); }), stops);
    LogPump next = adopt();
    write_out("lo\n");
    write_err("ur\n");
    ASSERT_TRUE(next.drain());
    EXPECT_EQ(text_of(log(), Stream::Out), "one\ntwo\nhello\n")
        << "killed at stop " << stops << ": " << log();
    EXPECT_EQ(text_of(log(), Stream::Err), "three\nfour\n") << "killed at stop " << stops << ": " << log();
  }
  EXPECT_GT(stops, 50);
}

}  // namespace
}  // namespace podrun::supervisor
