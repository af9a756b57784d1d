// The sandbox steps, which the pause carries out.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using pod::NamespaceKind;

const std::vector<NamespaceKind> pod_kinds{NamespaceKind::Mnt, NamespaceKind::Net, NamespaceKind::Ipc,
                                           NamespaceKind::Uts};
const pod::sandbox::Unshare unshare_all{pod_kinds};

std::string proc(pid_t pid, const std::string& name) {
  return fmt::format("/proc/{}/{}", pid, name);
}

/// Runs `work` in a thread that has joined a namespace of another process.
template <typename Work>
void inside(pid_t pid, NamespaceKind kind, Work work) {
  std::thread([&] {
    const Fd file(
        ::open(proc(pid, "ns/" + std::string(pod::namespace_names[static_cast<std::size_t>(kind)])).c_str(),
               O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(::setns(file.get(), clone_flag(kind)), 0);
    work();
  }).join();
}

std::string hostname_of(pid_t pid) {
  char name[256] = {};
  inside(pid, NamespaceKind::Uts, [&] { ::gethostname(name, sizeof name - 1); });
  return name;
}

TEST(RootPause, TheSandboxHoldsNothingOfTheHost) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  const auto cells =
      supervisor.pause.perform({unshare_all, pod::sandbox::Root{}, pod::sandbox::SharedMemory{1 << 20},
                                pod::sandbox::Loopback{}, pod::sandbox::Hostname{"web"}},
                               0, -1);
  ASSERT_TRUE(cells) << cells.error().message;

  const NamespaceIds its = namespaces_of(run.pid()).value(), ours = namespaces_of(::getpid()).value();
  for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind)
    EXPECT_EQ(its[kind] != ours[kind], kind < pod_kinds.size()) << pod::namespace_names[kind];

  std::map<std::string, int> mounts;
  std::istringstream lines(read_file(proc(run.pid(), "mountinfo")).value());
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, point;
    words >> word >> word >> word >> word >> point;
    ++mounts[point];
    EXPECT_NE(line.find(" - tmpfs "), std::string::npos) << line;
    EXPECT_EQ(line.find("shared:"), std::string::npos) << line;
  }
  EXPECT_EQ(mounts, (std::map<std::string, int>{{"/", 1}, {"/c", 2}, {"/c/_shm", 1}}));
  EXPECT_TRUE(fs::is_empty(proc(run.pid(), "root/c"))) << "the cover";
  EXPECT_EQ(hostname_of(run.pid()), "web");
  inside(run.pid(), NamespaceKind::Net, [] {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq loopback{};
    ::strcpy(loopback.ifr_name, "lo");
    EXPECT_EQ(::ioctl(socket.get(), SIOCGIFFLAGS, &loopback), 0);
    EXPECT_TRUE(loopback.ifr_flags & IFF_UP);
  });
  EXPECT_EQ(supervisor.pause.list().value().sandbox_steps_done, 5U);
}

TEST(RootPause, AFailedSandboxStepStopsTheLaterOnes) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  const std::vector<pod::SandboxStep> steps{unshare_all, pod::sandbox::SharedMemory{1 << 20},
                                            pod::sandbox::Hostname{"never"}};
  const auto done = supervisor.pause.perform(steps, 0, -1);
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().message.starts_with("sandbox step 2 of 3: ")) << done.error().message;
  EXPECT_EQ(done.error().number, ENOTDIR) << "there are no cells before Root";
  EXPECT_NE(hostname_of(run.pid()), "never");
  EXPECT_EQ(supervisor.pause.list().value().sandbox_steps_done, 1U);
}

TEST(RootPause, TheHostsRootIsNotReplacedWithoutAnUnshare) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  const std::string before = read_file("/proc/self/mountinfo").value();
  EXPECT_FALSE(supervisor.pause.perform({pod::sandbox::Root{}}, 0, -1));
  EXPECT_EQ(read_file("/proc/self/mountinfo").value(), before);
  EXPECT_EQ(fs::read_symlink(proc(run.pid(), "root")), "/");
}

}  // namespace
}  // namespace podrun::ns
