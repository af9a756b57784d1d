// What tests of control groups share: pods on the hierarchy of the host.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/launch/read_host_facts.hpp"

namespace podrun::ns {

inline int wait_for_a_signal() {
  ::pause();
  return 0;
}

/// Pods whose groups are removed at the end of the test.
class RootCgroup : public testing::Test {
 protected:
  ~RootCgroup() override {
    for (const char* id : {"default_a", "default_b"})
      if (const auto group = PodCgroup::open(facts_, base_, id)) (void)group->remove(std::chrono::seconds(10));
  }

  PodCgroup create(const std::string& id) {
    auto group = PodCgroup::create(facts_, base_, id);
    EXPECT_TRUE(group) << group.error().message;
    return std::move(*group);
  }
  /// A process that sleeps in a group.
  static Process start_in(const Fd& group) {
    auto process = run_in_child(wait_for_a_signal);
    const Fd members(::openat(group.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
    const std::string pid = std::to_string(process->pid);
    EXPECT_EQ(::write(members.get(), pid.data(), pid.size()), static_cast<ssize_t>(pid.size()));
    return std::move(*process);
  }
  static bool exists(const Fd& group, const char* name) {
    return ::faccessat(group.get(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  }
  static long groups_in(const Fd& group) {
    struct stat status{};
    return ::fstat(group.get(), &status) == 0 ? static_cast<long>(status.st_nlink) - 2 : -1;
  }
  static bool has_ended(const Process& process, int timeout_ms = 0) {
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    return ::poll(&ended, 1, timeout_ms) == 1;
  }
  /// Needed because a group becomes empty a moment before its last process can be reaped.
  static bool ends(const Process& process) { return has_ended(process, 10'000); }

  pod::HostFacts facts_ = read_host_facts("/var/tmp");
  std::string base_ = fmt::format("podrun-test-{}", ::getpid());
};

}  // namespace podrun::ns
