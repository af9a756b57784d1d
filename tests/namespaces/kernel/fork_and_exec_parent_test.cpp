// The fork of a process whose parent executes another program.
#include "namespaces/kernel/fork_and_exec_parent.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include <gtest/gtest.h>

namespace podrun::ns {
namespace {

void execute_true(void*, pid_t) {
  ::execl("/bin/true", "true", nullptr);
  ::_exit(99);
}

// Runs in a process of its own, because it is possible only once in a process.
TEST(ForkAndExecParent, TheChildKeepsTheMemoryWhileTheParentExecsAnotherProgram) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    std::string text = "before ";
    const pid_t self = ::getpid();
    if (!fork_and_exec_parent(execute_true, nullptr)) ::_exit(98);
    text += ::getpid() != self ? "the child's" : "nobody's";
    (void)!::write(ends[1], text.data(), text.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  int status = -1;
  EXPECT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_EQ(status, 0) << "the parent has become /bin/true";
  char heard[64] = {};
  EXPECT_GT(::read(ends[0], heard, sizeof heard - 1), 0);
  EXPECT_STREQ(heard, "before the child's");
  ::close(ends[0]);
}

// One pipe is closed by the exec, the other one is written to before it.
int program_runs[2], locked[2];

void execute_true_once_locked(void*, pid_t) {
  ::close(program_runs[0]);
  char byte;
  (void)!::read(locked[0], &byte, 1);
  ::execl("/bin/true", "true", nullptr);
  ::_exit(99);
}

/// Whether a process can take its recursive lock again after its parent has executed another program.
bool still_has_its_locks() {
  pthread_mutexattr_t kind;
  ::pthread_mutexattr_init(&kind);
  ::pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_t lock;
  ::pthread_mutex_init(&lock, &kind);
  ::pthread_mutex_lock(&lock);
  (void)!::write(locked[1], "", 1);
  ::close(program_runs[1]);
  char nothing;
  return ::read(program_runs[0], &nothing, 1) == 0 && ::pthread_mutex_trylock(&lock) == 0;
}

// The locks of the dynamic loader are recursive. If one could not be taken, a dlopen(3) would wait for ever.
TEST(ForkAndExecParent, TheChildStillOwnsItsRecursiveLocks) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    if (::pipe2(program_runs, O_CLOEXEC) < 0 || ::pipe2(locked, O_CLOEXEC) < 0) ::_exit(99);
    if (!fork_and_exec_parent(execute_true_once_locked, nullptr)) ::_exit(98);
    const char answer = still_has_its_locks() ? 'y' : 'n';
    (void)!::write(ends[1], &answer, 1);
    ::_exit(0);
  }
  ::close(ends[1]);
  EXPECT_EQ(::waitpid(parent, nullptr, 0), parent);
  char heard = 0;
  EXPECT_EQ(::read(ends[0], &heard, 1), 1);
  EXPECT_EQ(heard, 'y');
  ::close(ends[0]);
}

}  // namespace
}  // namespace podrun::ns
