// What a prober may do, and what ends it: rule 4 of SECURITY.md.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <filesystem>

#include "namespaces/helper/process_steps.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/prober/prober_filter.hpp"
#include "tests/namespaces/prober/prober_run.hpp"

namespace podrun::ns {
namespace {

std::string status_of(pid_t pid, std::string_view field) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status").value_or("");
  const auto at = status.find("\n" + std::string(field) + ":");
  if (at == std::string::npos) return "";
  const auto first = status.find_first_not_of(" \t", at + field.size() + 2);
  return status.substr(first, status.find('\n', first) - first);
}

class RootProberRights : public testing::Test {
 protected:
  void SetUp() override {
    const Server server(world_, answering("HTTP/1.1 200 OK\r\n\r\n"));
    ASSERT_TRUE(prober_.try_once(http(server.port())).succeeded);  // so it is confined
  }
  pid_t pid() const { return prober_.started().process.pid; }
  std::string proc(const char* name) const { return "/proc/" + std::to_string(pid()) + "/" + name; }

  ProberWorld world_;
  ProberRun prober_{world_};
};

}  // namespace

TEST_F(RootProberRights, ItHasNone) {
  const std::string user = std::to_string(prober::user_id), none = "0000000000000000";
  const std::string ids = user + "\t" + user + "\t" + user + "\t" + user;
  EXPECT_EQ(status_of(pid(), "Uid"), ids);
  EXPECT_EQ(status_of(pid(), "Gid"), ids);
  EXPECT_EQ(status_of(pid(), "Groups"), "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) EXPECT_EQ(status_of(pid(), set), none);
  EXPECT_EQ(status_of(pid(), "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(pid(), "Seccomp"), "2");
  EXPECT_EQ(status_of(pid(), "Threads"), "1");
  EXPECT_EQ(*read_file(proc("comm")), "podrun-prober\n");
  EXPECT_EQ(*read_file(proc("cmdline")), std::string("podrun-prober\0default_web\0", 26));
  struct stat status{};
  ASSERT_EQ(::stat(proc("environ").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U) << "it is not dumpable: proc(5)";
}

TEST_F(RootProberRights, ItsRootIsEmptyAndItHoldsNoFiles) {
  EXPECT_TRUE(std::filesystem::is_empty(proc("root/")));
  EXPECT_TRUE(std::filesystem::is_empty(proc("cwd/")));
  for (const auto& entry : std::filesystem::directory_iterator(proc("fd"))) {
    const std::string target = std::filesystem::read_symlink(entry).string();
    EXPECT_TRUE(target == "/dev/null" || target.starts_with("socket:") || target.starts_with("anon_inode:"))
        << target;
  }
}

TEST_F(RootProberRights, ItIsInTheNetworkNamespaceAndInTheGroupOfHelpers) {
  std::string inside;
  world_.inside([&] { inside = std::filesystem::read_symlink("/proc/thread-self/ns/net").string(); });
  EXPECT_EQ(std::filesystem::read_symlink(proc("ns/net")).string(), inside);
  EXPECT_NE(read_file(proc("cgroup"))->find("/_helpers\n"), std::string::npos);
}

TEST_F(RootProberRights, ItsResourcesAreLimited) {
  const std::string limits = read_file(proc("limits")).value();
  for (const char* line : {"Max address space         402653184            402653184",
                           "Max processes             0                    0",
                           "Max open files            2048                 2048",
                           "Max core file size        0                    0",
                           "Max file size             0                    0"})
    EXPECT_NE(limits.find(line), std::string::npos) << line;
}

TEST_F(RootProberRights, ItEndsWithItsSocket) {
  ASSERT_EQ(::shutdown(prober_.started().socket.get(), SHUT_WR), 0);
  EXPECT_TRUE(prober_.has_ended(10'000));
}

TEST_F(RootProberRights, ItEndsAtWhatIsNoRequest) {
  ASSERT_EQ(::send(prober_.started().socket.get(), "x", 1, 0), 1);
  EXPECT_TRUE(prober_.has_ended(10'000));
}

TEST_F(RootProberRights, ItEndsWithWhoStartedIt) {
  auto [ours, theirs] = *make_pipe();
  auto starter = run_in_child([&] {
    const auto started = start_prober(world_.site());
    const pid_t made = started->process.pid;
    const int kept = ::dup(started->socket.get());  // the end of the socket is not what ends it
    ::prctl(PR_SET_DUMPABLE, 1);
    (void)!::write(theirs.get(), &made, sizeof made);
    return kept < 0 ? 1 : ::pause();
  });
  pid_t made = 0;
  ASSERT_EQ(::read(ours.get(), &made, sizeof made), static_cast<ssize_t>(sizeof made));
  const Process prober = *open_process(made);
  ASSERT_TRUE(send_signal(*starter, SIGKILL));
  ASSERT_TRUE(wait_for(*starter));
  pollfd ended{prober.pidfd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 10'000), 1);
}

// A container that has the prober's user number, and is not root.
TEST_F(RootProberRights, AProcessOfTheSameUserCannotReadOrTraceIt) {
  const pid_t target = pid();
  auto attacker = run_in_child([&] {
    if (helper::set_ids(prober::user_id, prober::user_id, nullptr, 0) != 0) return 1;
    if (::ptrace(PTRACE_ATTACH, target, nullptr, nullptr) == 0) return 2;
    for (const char* file : {"mem", "environ", "maps", "fd/3", "root/", "exe"})
      if (::open(("/proc/" + std::to_string(target) + "/" + file).c_str(), O_RDONLY) >= 0) return 3;
    return 0;
  });
  EXPECT_EQ(exit_code_of(*wait_for(*attacker)), 0);
}

namespace {

/// Loads the filter and tries what a prober that was taken over would try. 0: all failed; else the number of the call.
int try_everything() {
  const sock_fprog program = {sizeof prober::filter.instructions / sizeof *prober::filter.instructions,
                              const_cast<sock_filter*>(prober::filter.instructions)};
  char page[4096];
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (helper::load_filter(program) != 0) return 99;
  const long results[] = {
      ::syscall(SYS_kill, 1, 0),
      ::syscall(SYS_tgkill, 1, 1, 0),
      ::syscall(SYS_pidfd_open, 1, 0),
      ::syscall(SYS_ptrace, PTRACE_ATTACH, 1, 0, 0),
      ::syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0),
      ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0),
      ::syscall(SYS_execve, "/bin/true", nullptr, nullptr),
      ::syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY),
      ::syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0),
      ::syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0),
      ::syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0),
      ::syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, page),
      ::syscall(SYS_bind, 3, nullptr, 0),
      ::syscall(SYS_listen, 3, 1),
      ::syscall(SYS_accept4, 3, nullptr, nullptr, 0),
      ::syscall(SYS_fcntl, 0, F_SETOWN, 1),
      ::syscall(SYS_fcntl, 0, F_DUPFD, 100),
      ::syscall(SYS_ioctl, 0, TIOCSTI, page),
      ::syscall(SYS_mmap, nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      ::syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC),
      ::syscall(SYS_shmget, 1, 4096, 0666),
      ::syscall(SYS_keyctl, 0, 0, 0),
      ::syscall(SYS_io_uring_setup, 1, page),
      ::syscall(SYS_bpf, 0, page, 0),
      ::syscall(SYS_setrlimit, 0, page),
      ::syscall(SYS_unshare, 0),
      ::syscall(SYS_setsid),
      ::syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
  };
  int number = 0;
  for (const long result : results)
    if (++number; result >= 0) return number;
  const long fd = ::syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
  return fd >= 0 && ::syscall(SYS_mmap, nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) > 0 ? 0 : 98;
}

}  // namespace

TEST(ProberFilter, AllowsNothingButItsOwnConnections) {
  const auto child = run_in_child(try_everything);
  ASSERT_TRUE(child);
  EXPECT_EQ(exit_code_of(*wait_for(*child)), 0);
}

}  // namespace podrun::ns
