// A podrun that a test starts and observes.
#include "tests/system/support/pod_run.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

#include "tests/system/support/failing_call.hpp"

namespace podrun::test {
namespace {

struct Pipe {
  Fd read_end, write_end;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) ADD_FAILURE() << "pipe2";
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {Fd(ends[0]), Fd(ends[1])};
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> podrun_command(const TemporaryRoot& root, const std::vector<std::string>& words) {
  std::vector<std::string> command{podrun_program, "--root", root.path()};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

int occurrences(const std::string& text, const std::string& words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + words.size())) ++found;
  return found;
}

}  // namespace

PodRun::PodRun(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting)
    : PodRun(podrun_command(root, words), setting) {}

PodRun::PodRun(const std::vector<std::string>& command, const Setting& setting) {
  if (setting.terminal) {
    out_.fd = Fd(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    ::grantpt(out_.fd.get());
    ::unlockpt(out_.fd.get());
    const Fd terminal(::ioctl(out_.fd.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    terminal_ = Fd(::fcntl(out_.fd.get(), F_DUPFD_CLOEXEC, 3));
    start(command, setting, terminal.get(), terminal.get(), terminal.get());
    return;
  }
  const Fd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe out = make_pipe(), err = make_pipe();
  start(command, setting, null.get(), out.write_end.get(), err.write_end.get());
  out_.fd = std::move(out.read_end);
  err_.fd = std::move(err.read_end);
}

void PodRun::start(const std::vector<std::string>& words, const Setting& setting, int in, int out, int err) {
  std::vector<std::string> argv = words;
  std::vector<std::string> environment{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS"})  // tests/sanitizer_reports.cpp
    if (const char* value = ::getenv(name)) environment.push_back(std::string(name) + "=" + value);
  for (const auto& [name, value] : setting.environment) environment.push_back(name + "=" + value);
  const auto argv_pointers = pointers_to(argv), environment_pointers = pointers_to(environment);

  pid_t pid = 0;
  const auto fork_and_execute = [&] {
    pid = ::fork();
    if (pid != 0) return;
    ::setsid();
    if (setting.mount_namespace && ::setns(*setting.mount_namespace, CLONE_NEWNS) < 0) ::_exit(126);
    if (setting.terminal) ::ioctl(in, TIOCSCTTY, 0);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    for (const int fd : setting.inherit) ::fcntl(fd, F_SETFD, 0);
    if (setting.before_exec) setting.before_exec();
    ::execve(argv[0].c_str(), argv_pointers.data(), environment_pointers.data());
    ::_exit(127);
  };
  if (setting.failing != nullptr)
    setting.failing->run(fork_and_execute);
  else
    fork_and_execute();
  auto process = ns::open_process(pid);
  if (!process)
    ADD_FAILURE() << process.error().message;
  else
    process_ = std::move(*process);
}

PodRun::~PodRun() {
  if (reaped_ || !process_.pidfd) return;
  (void)ns::send_signal(process_, SIGKILL);
  (void)ns::wait_for(process_);
}

void PodRun::read_available(Stream& stream) const {
  char buffer[16 * 1024];
  while (stream.fd) {
    const ssize_t length = ::read(stream.fd.get(), buffer, sizeof buffer);
    if (length > 0)
      stream.text.append(buffer, static_cast<std::size_t>(length));
    else if (length == 0 || (errno != EAGAIN && errno != EINTR))
      stream.fd.reset();  // EIO: the terminal is closed
    else
      return;
  }
}

/// Waits for output, or for ALSO to be readable, once. False after the deadline.
bool PodRun::collect(Deadline deadline, int also) {
  pollfd watched[] = {{out_.fd.get(), POLLIN, 0}, {err_.fd.get(), POLLIN, 0}, {also, POLLIN, 0}};
  const int ready = ::poll(watched, std::size(watched), milliseconds_left(deadline));
  read_available(out_);
  read_available(err_);
  return ready > 0;
}

testing::AssertionResult PodRun::wait_for(Stream& stream, const std::string& words, int times, Deadline deadline) {
  while (occurrences(stream.text, words) < times) {
    if (stream.fd && collect(deadline)) continue;
    return testing::AssertionFailure() << (stream.fd ? "after a long wait" : "at the end of the output")
                                       << " there is no \"" << words << "\" x" << times << "\nstdout:\n"
                                       << out() << "\nstderr:\n"
                                       << err();
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult PodRun::wait_for_end_of_output() {
  const Deadline deadline = soon();
  while (out_.fd || err_.fd)
    if (!collect(deadline)) return testing::AssertionFailure() << "somebody still holds its output";
  return testing::AssertionSuccess();
}

void PodRun::signal(int number) const {
  const auto sent = ns::send_signal(process_, number);
  EXPECT_TRUE(sent) << sent.error().message;
}

void PodRun::type(const std::string& keys) const {
  const Deadline deadline = soon();
  for (std::size_t typed = 0; typed < keys.size();) {
    const ssize_t taken = ::write(terminal_.get(), keys.data() + typed, keys.size() - typed);
    if (taken > 0) typed += static_cast<std::size_t>(taken);
    pollfd room{terminal_.get(), POLLOUT, 0};
    if (taken < 0 && ::poll(&room, 1, milliseconds_left(deadline)) != 1) {
      ADD_FAILURE() << "nobody takes the keys";
      return;
    }
  }
}

void PodRun::resize(unsigned short rows, unsigned short columns) const {
  const winsize size{.ws_row = rows, .ws_col = columns};
  EXPECT_EQ(::ioctl(terminal_.get(), TIOCSWINSZ, &size), 0);
}

bool PodRun::is_terminal_cooked() const {
  termios modes{};
  ::tcgetattr(terminal_.get(), &modes);
  return (modes.c_lflag & ICANON) != 0 && (modes.c_lflag & ECHO) != 0;
}

int PodRun::wait_exit(Deadline deadline) {
  if (reaped_) return status_;
  for (;;) {
    pollfd ended{process_.pidfd.get(), POLLIN, 0};
    if (::poll(&ended, 1, 0) > 0) break;
    if (!collect(deadline, process_.pidfd.get())) {
      ADD_FAILURE() << "podrun has not ended\nstdout:\n" << out() << "\nstderr:\n" << err();
      return -1;
    }
  }
  reaped_ = true;
  status_ = ns::exit_code_of(ns::wait_for(process_).value_or(-1));
  read_available(out_);
  read_available(err_);
  return status_;
}

std::string without_root(std::string message, const TemporaryRoot& root) {
  const std::string option = " --root " + std::string(root.path());
  for (std::size_t at = message.find(option); at != message.npos; at = message.find(option))
    message.erase(at, option.size());
  return message;
}

Finished run(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting) {
  PodRun podrun(root, words, setting);
  const int status = podrun.wait_exit(soon() + test_timeout);
  return {status, podrun.out(), podrun.err()};
}

}  // namespace podrun::test
