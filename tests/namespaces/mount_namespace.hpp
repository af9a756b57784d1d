// A mount namespace for the time of a test. Its mounts end with it and do not reach the host.
#pragma once

#include <sched.h>
#include <sys/mount.h>

#include <thread>

#include <gtest/gtest.h>

namespace podrun::ns {

/// Whether mounts in it also appear in the mount namespaces that are made from it.
enum class Propagation : unsigned long { Private = MS_PRIVATE, Shared = MS_SHARED };

/// Runs `work` in a thread that has a mount namespace of its own. /proc/thread-self/mountinfo lists its mounts.
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
