// A task in a short-lived process, and its result.
#include "namespaces/kernel/child_task.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace podrun::ns {
namespace {

TEST(ChildTask, ATaskRunsInAnotherProcess) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto work = start_child_task([&]() -> Result<> {
    const pid_t self = ::getpid();
    return ::write(ends[1], &self, sizeof self) == sizeof self ? Result<>{} : fail_system("write");
  });
  ASSERT_TRUE(work);
  EXPECT_TRUE(finish_child_task(*work));
  pid_t worker = 0;
  ASSERT_EQ(::read(ends[0], &worker, sizeof worker), ssize_t{sizeof worker});
  EXPECT_EQ(worker, work->process.pid);
  for (const int end : ends) ::close(end);
}

TEST(ChildTask, ATasksErrorIsReportedWithItsMessageAndNumber) {
  const auto work = start_child_task([] { return Result<>(fail("/data/x: change its group: no", EPERM)); });
  ASSERT_TRUE(work);
  const auto end = finish_child_task(*work);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "/data/x: change its group: no");
  EXPECT_EQ(end.error().number, EPERM);
}

TEST(ChildTask, AKilledTaskIsAnError) {
  const auto work = start_child_task([] { return ::pause(), Result<>{}; });
  ASSERT_TRUE(work && send_signal(work->process, SIGKILL));
  const auto end = finish_child_task(*work);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "its process was killed");
}

TEST(ChildTask, ATaskDiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    const auto work = start_child_task([&] {
      (void)!::write(ends[1], "", 1);
      ::pause();
      return Result<>{};
    });
    char begun = 0;
    (void)!::read(ends[0], &begun, 1);
    ::raise(SIGKILL);
  }
  ::close(ends[1]);
  int status = 0;
  ASSERT_EQ(::waitpid(parent, &status, 0), parent);
  EXPECT_TRUE(WIFSIGNALED(status));
  char rest = 0;
  pollfd end{ends[0], POLLIN, 0};
  EXPECT_EQ(::poll(&end, 1, 10'000), 1) << "it holds the pipe's other end";
  EXPECT_EQ(::read(ends[0], &rest, 1), 0);
  ::close(ends[0]);
}

TEST(ChildTask, ADescriptorMadeInAChildReachesTheParent) {
  const auto file = fd_from_child("file", []() -> Result<Fd> {
    Fd made(::memfd_create("made", MFD_CLOEXEC));
    return ::write(made.get(), "text", 4) == 4 ? Result<Fd>(std::move(made)) : fail_system("write");
  });
  ASSERT_TRUE(file) << file.error().message;
  char text[8] = {};
  EXPECT_EQ(::pread(file->get(), text, sizeof text, 0), 4);
  EXPECT_STREQ(text, "text");
  EXPECT_EQ(::fcntl(file->get(), F_GETFD), FD_CLOEXEC);
}

TEST(ChildTask, OfAnErrorWhereADescriptorIsMadeOnlyTheNumberReachesTheParent) {
  const auto file = fd_from_child("new net namespace", [] { return Result<Fd>(fail("unshare: no", EPERM)); });
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, "new net namespace: Operation not permitted");
  EXPECT_EQ(file.error().number, EPERM);
}

TEST(ChildTask, TheErrnoThatWorkReturnsIsTheErrorOfItsChild) {
  EXPECT_TRUE(run_in_child_to_end("mount", [] { return 0; }));
  const auto end = run_in_child_to_end("mount", [] { return ENOSPC; });
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().message, "mount: No space left on device");
  EXPECT_EQ(end.error().number, ENOSPC);
}

}  // namespace
}  // namespace podrun::ns
