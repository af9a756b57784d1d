// A mount namespace for the length of a test: what it mounts goes with it, and the machine's mounts stay as
// they are.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <thread>

#include <gtest/gtest.h>

namespace podrun::ns {

/// Whether what is mounted in it comes to those that are made out of it.
enum class Propagation : unsigned long { Private = MS_PRIVATE, Shared = MS_SHARED };

/// Runs `work` in a thread with a mount namespace of its own. Its mountinfo is /proc/thread-self/mountinfo.
template <typename Work>
void in_mount_namespace(Work work, Propagation propagation = Propagation::Private) {
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | static_cast<unsigned long>(propagation), nullptr), 0);
    work();
  }).join();
}

}  // namespace podrun::ns
