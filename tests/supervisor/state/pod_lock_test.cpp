// The locks of pods: which pods run, and which names are free.
#include "supervisor/state/pod_lock.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <new>
#include <string>
#include <vector>

namespace podrun::supervisor {
namespace {

class RunningTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/podrun-running-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    layout = Layout(name);
  }
  void TearDown() override { std::filesystem::remove_all(layout.root()); }

  Fd claimed(const std::string& pod) {
    auto lock = try_lock_pod(layout, pod);
    EXPECT_TRUE(lock) << lock.error().message;
    return lock ? std::move(*lock) : Fd();
  }

  const std::string id = "default_web";
  Layout layout;
};

/// Runs each body in a process of its own, all at the same time, and expects that each returns true.
void in_processes(const std::vector<std::function<bool()>>& bodies) {
  std::vector<pid_t> children;
  for (const auto& body : bodies) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body() ? 0 : 1);
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
}

TEST_F(RunningTest, APodRunsAsLongAsItsLockIsHeld) {
  EXPECT_FALSE(is_running(layout, id));
  Fd lock = claimed(id);
  ASSERT_TRUE(lock);
  EXPECT_TRUE(is_running(layout, id));
  lock.reset();
  EXPECT_FALSE(is_running(layout, id));
}

TEST_F(RunningTest, TheLockFileHoldsThePodsUid) {
  const Fd lock = claimed(id);
  EXPECT_EQ(uid_of_running(layout, id), "") << "not signed yet";
  EXPECT_TRUE(write_lock_uid(lock, "a-longer-uid"));
  EXPECT_TRUE(write_lock_uid(lock, "0c5a"));
  EXPECT_EQ(uid_of_running(layout, id), "0c5a");
  ASSERT_EQ(::ftruncate(lock.get(), 2), 0);
  EXPECT_EQ(uid_of_running(layout, id), "") << "of half a line nothing is believed";
}

TEST_F(RunningTest, TheNameOfARunningPodCannotBeClaimed) {
  const Fd lock = claimed(id);
  ASSERT_TRUE(lock);
  EXPECT_FALSE(claimed(id));
  EXPECT_TRUE(claimed("default_other"));
}

TEST_F(RunningTest, AKilledHolderReleasesTheName) {
  int ready[2];
  ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
  const pid_t holder = ::fork();
  if (holder == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto lock = try_lock_pod(layout, id);
    if (!lock || !*lock) ::_exit(1);
    (void)!::write(ready[1], "x", 1);
    ::pause();
  }
  ::close(ready[1]);  // so that the read ends if the holder fails
  char byte;
  const ssize_t length = ::read(ready[0], &byte, 1);
  ::close(ready[0]);
  ASSERT_EQ(length, 1) << "the holder did not get the lock";
  EXPECT_TRUE(is_running(layout, id));
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EXPECT_TRUE(claimed(id));
}

TEST_F(RunningTest, TheRunDirectoryIsPrivateWhateverTheUmask) {
  const mode_t before = ::umask(0);
  const Fd lock = claimed(id);
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(layout.run_of(id).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  ASSERT_EQ(::stat(layout.lock(id).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(RunningTest, KnownPodsAreTheRunDirectoriesSorted) {
  EXPECT_TRUE(known_pods(layout).empty());
  const Fd second = claimed("shop_web"), first = claimed("default_web");
  std::filesystem::create_directory(layout.run() + "/cgroup");
  EXPECT_EQ(known_pods(layout), (std::vector<std::string>{"default_web", "shop_web"}));
}

TEST_F(RunningTest, WaitingForAPodThatIsNotThereReturnsAtOnce) {
  EXPECT_TRUE(wait_until_unlocked(layout, id));
  claimed(id).reset();
  EXPECT_TRUE(wait_until_unlocked(layout, id));
}

/// Whether a process sleeps until a lock is free: proc_locks(5) marks it with an arrow.
bool waits_for_a_lock(pid_t pid) {
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);)
    if (line.find("-> FLOCK") != std::string::npos &&
        line.find(" " + std::to_string(pid) + " ") != std::string::npos)
      return true;
  return false;
}

TEST_F(RunningTest, WaitingEndsWhenTheHolderEnds) {
  Fd lock = claimed(id);
  ASSERT_TRUE(lock);
  const pid_t waiter = ::fork();
  if (waiter == 0) {
    lock.reset();  // a copy of the holder's descriptor holds the lock, too
    ::_exit(wait_until_unlocked(layout, id) ? 0 : 1);
  }
  int status = 0;
  while (!waits_for_a_lock(waiter)) ASSERT_EQ(::waitpid(waiter, &status, WNOHANG), 0) << "it did not wait";
  lock.reset();
  ASSERT_EQ(::waitpid(waiter, &status, 0), waiter);
  EXPECT_EQ(status, 0);
}

/// is_running() holds a lock for an instant. A claim must not take that for a running pod.
TEST_F(RunningTest, CheckingWhetherAPodRunsNeverBlocksAClaim) {
  claimed(id).reset();
  const auto asks = [&] {
    for (int i = 0; i < 4000; ++i) (void)is_running(layout, id);
    return true;
  };
  const auto claims = [&] {
    for (int i = 0; i < 2000; ++i)
      if (auto lock = try_lock_pod(layout, id); !lock || !*lock) return false;
    return true;
  };
  in_processes({asks, asks, claims});
}

/// The number of processes that believe to have the name is counted in shared memory.
TEST_F(RunningTest, ANameHasOneHolderEvenWhileItsDirectoryIsRemoved) {
  void* memory =
      ::mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* holders = new (memory) std::atomic<int>(0);
  const auto lives = [&] {
    for (int life = 0; life < 500; ++life) {
      auto lock = try_lock_pod(layout, id);
      if (!lock) return false;
      if (!*lock) continue;
      if (holders->fetch_add(1) != 0) return false;
      if (!std::filesystem::exists(layout.lock(id))) return false;
      holders->fetch_sub(1);
      // As at the end of a pod: its lock is removed last, and the directory only if no other pod has claimed it since.
      ::unlink(layout.lock(id).c_str());
      ::rmdir(layout.run_of(id).c_str());
    }
    return true;
  };
  in_processes({lives, lives, lives});
  ::munmap(memory, sizeof(std::atomic<int>));
}

TEST(IdOf, ABareNameIsInTheDefaultNamespace) {
  EXPECT_EQ(id_of("web", "default"), "default_web");
  EXPECT_EQ(id_of("web", "shop"), "shop_web");
}

TEST(IdOf, ANamespaceIsWrittenWithASlashOrAnUnderscore) {
  EXPECT_EQ(id_of("shop/web", "default"), "shop_web");
  EXPECT_EQ(id_of("shop_web", "default"), "shop_web");
}

TEST(IdOf, AnIdNeverHoldsASlash) {
  EXPECT_EQ(id_of("../../etc/x", "default"), ".._.._etc_x");
}

}  // namespace
}  // namespace podrun::supervisor
