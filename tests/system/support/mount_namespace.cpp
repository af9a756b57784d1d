// A mount namespace for tests.
#include "tests/system/support/mount_namespace.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/system/support/procfs.hpp"

namespace podrun::test {

MountNamespace::MountNamespace(unsigned long propagation, const std::function<bool()>& set_up) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) ADD_FAILURE() << "socketpair";
  Fd holders(pair[1]);
  lifeline_ = Fd(pair[0]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    lifeline_.reset();
    const bool ready = ::unshare(CLONE_NEWNS) == 0 &&
                       ::mount(nullptr, "/", nullptr, MS_REC | propagation, nullptr) == 0 && set_up();
    char byte = ready ? 'y' : 'n';
    (void)::write(holders.get(), &byte, 1);
    (void)::read(holders.get(), &byte, 1);
    ::_exit(0);
  }
  holders.reset();
  if (auto process = ns::open_process(pid)) holder_ = std::move(*process);
  char ready = 'n';
  (void)::read(lifeline_.get(), &ready, 1);
  EXPECT_EQ(ready, 'y') << "no mount namespace of our own";
  namespace_ = Fd(::open(fmt::format("/proc/{}/ns/mnt", pid).c_str(), O_RDONLY | O_CLOEXEC));
}

MountNamespace::~MountNamespace() {
  lifeline_.reset();
  (void)ns::wait_for(holder_);
}

std::vector<std::string> MountNamespace::mounts() const {
  return lines_of(proc_file(holder_.pid, "mountinfo"));
}

bool MountNamespace::run(const std::function<bool()>& work) const {
  return run_in_mount_namespace(fd(), work);
}

bool run_in_mount_namespace(int fd, const std::function<bool()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(::setns(fd, CLONE_NEWNS) == 0 && work() ? 0 : 1);
  const auto process = ns::open_process(pid);
  return process && ns::wait_for(*process).value_or(-1) == 0;
}

}  // namespace podrun::test
