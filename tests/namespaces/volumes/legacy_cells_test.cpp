// A pod whose pause belongs to an older version of podrun.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/volumes/legacy_cells.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

/// Does `work` in a child that has joined the mount namespace of a process. False if it fails.
bool inside(int pidfd, const std::function<bool()>& work) {
  const auto done = start_child_task([&]() -> Result<> {
    if (::setns(pidfd, CLONE_NEWNS) < 0 || !work()) return fail_system("inside");
    return {};
  });
  return done && finish_child_task(*done).has_value();
}

bool mount_with_file(const char* path, const char* file) {
  if (::mkdir(path, 0755) < 0 || ::mount("test", path, "tmpfs", 0, nullptr) < 0) return false;
  const Fd made(::open((std::string(path) + "/" + file).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  return static_cast<bool>(made);
}

TEST(RootLegacyCells, MountsOfAnOlderPauseAreClonedToTheirPresentPlaces) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  auto made = supervisor.pause.perform({pod::sandbox::Unshare{{pod::NamespaceKind::Mnt}}, pod::sandbox::Root{}}, 0, -1);
  ASSERT_TRUE(made) << made.error().message;
  const int cells = made->cells.get();
  const auto pause = open_process(run.pid());
  ASSERT_TRUE(pause);
  ASSERT_TRUE(inside(pause->pidfd.get(), [&] {
    return ::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr) == 0 && mount_with_file("/shm", "shared") &&
           ::mkdir("/ipc", 0755) == 0 && mount_with_file("/ipc/web", "own") && ::fchdir(cells) == 0 &&
           ::mkdir(".volumes", 0755) == 0 && mount_with_file(".volumes/m", "data");
  }));

  const PodMounts pod{.pause = pause->pidfd.get(), .cells = cells};
  for (int time = 0; time < 2; ++time) {  // each later supervisor does it again
    const auto given = migrate_legacy_cells(pod, Fd());
    ASSERT_TRUE(given) << given.error().message;
  }
  EXPECT_TRUE(inside(pause->pidfd.get(), [&] {
    return ::fchdir(cells) == 0 && ::access("_shm/shared", F_OK) == 0 && ::access("_ipc/web/own", F_OK) == 0 &&
           ::access("_volumes/m/data", F_OK) == 0 && ::umount2("_shm", MNT_DETACH) == 0 &&
           ::access("_shm/shared", F_OK) < 0 && ::rmdir("_shm") == 0;
  })) << "each once";
  EXPECT_TRUE(has_legacy_cells(2));
  EXPECT_FALSE(has_legacy_cells(3));
}

}  // namespace
}  // namespace podrun::ns
