// What a forwarder may do: rule 4 of SECURITY.md.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>

#include "namespaces/forwarder/forwarder_filter.hpp"
#include "namespaces/forwarder/forwarder_protocol.hpp"
#include "namespaces/helper/process_steps.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "tests/namespaces/forwarder/forwarder_world.hpp"

namespace podrun::ns {
namespace {

std::string status_of(pid_t pid, std::string_view field) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status").value_or("");
  const auto at = status.find("\n" + std::string(field) + ":");
  if (at == std::string::npos) return "";
  const auto first = status.find_first_not_of(" \t", at + field.size() + 2);
  return status.substr(first, status.find('\n', first) - first);
}

class RootForwarderRights : public testing::Test {
 protected:
  pid_t pid() const { return forwarder_.pid(); }
  std::string proc(const char* name) const { return "/proc/" + std::to_string(pid()) + "/" + name; }

  ForwarderWorld world_;
  Endpoint listener_ = world_.host_socket("127.0.0.1"), server_ = world_.pod_socket(pod_v4);
  ForwarderRun forwarder_{world_, {forwarded(listener_, server_)}};
  Connected connected_ = connect_through(world_, listener_, server_);  // so it is confined
};

}  // namespace

TEST_F(RootForwarderRights, ItHasNone) {
  const std::string user = std::to_string(forwarder::user_id), none = "0000000000000000";
  const std::string ids = user + "\t" + user + "\t" + user + "\t" + user;
  EXPECT_EQ(status_of(pid(), "Uid"), ids);
  EXPECT_EQ(status_of(pid(), "Gid"), ids);
  EXPECT_EQ(status_of(pid(), "Groups"), "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) EXPECT_EQ(status_of(pid(), set), none);
  EXPECT_EQ(status_of(pid(), "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(pid(), "Seccomp"), "2");
  EXPECT_EQ(*read_file(proc("comm")), "podrun-forwarde\n") << "a name has 15 bytes";
  EXPECT_EQ(*read_file(proc("environ")), "");
  EXPECT_TRUE(read_file(proc("cmdline"))->starts_with(std::string("podrun-forwarder\0default_web\0", 29)));
  struct stat status{};
  ASSERT_EQ(::stat(proc("environ").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U) << "it is not dumpable: proc(5)";
  EXPECT_NE(read_file(proc("cgroup"))->find("/_helpers\n"), std::string::npos);
}

TEST_F(RootForwarderRights, ItsRootIsEmptyAndItHoldsNoFiles) {
  EXPECT_TRUE(std::filesystem::is_empty(proc("root/")));
  EXPECT_TRUE(std::filesystem::is_empty(proc("cwd/")));
  for (const auto& entry : std::filesystem::directory_iterator(proc("fd"))) {
    const std::string target = std::filesystem::read_symlink(entry).string();
    EXPECT_TRUE(target == "/dev/null" || target.starts_with("socket:") || target.starts_with("anon_inode:"))
        << target;
  }
}

TEST_F(RootForwarderRights, ItsResourcesAreLimited) {
  const std::string limits = read_file(proc("limits")).value();
  for (const char* line : {"Max address space         33554432             33554432",
                           "Max data size             33554432             33554432",
                           "Max processes             0                    0",
                           "Max core file size        0                    0",
                           "Max file size             0                    0"})
    EXPECT_NE(limits.find(line), std::string::npos) << line << "\n" << limits;
  rlimit ours{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &ours), 0);
  const rlimit wanted{65'536, 65'536};
  const bool may_raise = ::setrlimit(RLIMIT_NOFILE, &wanted) == 0;
  ASSERT_TRUE(!may_raise || ::setrlimit(RLIMIT_NOFILE, &ours) == 0);
  const std::string most = std::to_string(may_raise ? wanted.rlim_max : ours.rlim_max);
  EXPECT_NE(limits.find("Max open files            " + most + " "), std::string::npos) << "as far as the host allows";
}

// A container that has the forwarder's user number, and is not root.
TEST_F(RootForwarderRights, AProcessOfTheSameUserCannotReadOrTraceIt) {
  const pid_t target = pid();
  auto attacker = run_in_child([&] {
    if (helper::set_ids(forwarder::user_id, forwarder::user_id, nullptr, 0) != 0) return 1;
    if (::ptrace(PTRACE_ATTACH, target, nullptr, nullptr) == 0) return 2;
    for (const char* file : {"mem", "environ", "maps", "fd/3", "root/", "exe"})
      if (::open(("/proc/" + std::to_string(target) + "/" + file).c_str(), O_RDONLY) >= 0) return 3;
    return 0;
  });
  EXPECT_EQ(exit_code_of(*wait_for(*attacker)), 0);
}

namespace {

/// Loads the filter and tries what a forwarder that was taken over would try. 0: all failed; else the call's number.
int try_everything() {
  const sock_fprog program = {sizeof forwarder::filter.instructions / sizeof *forwarder::filter.instructions,
                              const_cast<sock_filter*>(forwarder::filter.instructions)};
  char page[4096] = {};
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const int stream = ::socket(AF_INET, SOCK_STREAM, 0);
  if (helper::load_filter(program) != 0) return 99;
  const long results[] = {
      ::syscall(SYS_kill, 1, 0),
      ::syscall(SYS_pidfd_open, 1, 0),
      ::syscall(SYS_ptrace, PTRACE_ATTACH, 1, 0, 0),
      ::syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0),
      ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0),
      ::syscall(SYS_execve, "/bin/true", nullptr, nullptr),
      ::syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY),
      ::syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0),
      ::syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0),
      ::syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0),
      ::syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_TCP),
      ::syscall(SYS_socket, AF_INET, SOCK_DGRAM, IPPROTO_ICMP),
      ::syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, page),
      ::syscall(SYS_bind, stream, page, sizeof(sockaddr_in)),
      ::syscall(SYS_listen, stream, 1),
      ::syscall(SYS_setsockopt, stream, SOL_SOCKET, SO_DETACH_FILTER, page, sizeof(int)),
      ::syscall(SYS_setsockopt, stream, SOL_SOCKET, SO_ATTACH_FILTER, page, 16),
      ::syscall(SYS_setsockopt, stream, SOL_SOCKET, SO_REUSEADDR, page, sizeof(int)),
      ::syscall(SYS_setsockopt, stream, IPPROTO_IP, IP_TTL, page, sizeof(int)),
      ::syscall(SYS_fcntl, 0, F_SETOWN, 1),
      ::syscall(SYS_ioctl, stream, FIONREAD, page),
      ::syscall(SYS_mmap, nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      ::syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC),
      ::syscall(SYS_pipe2, page, 0),
      ::syscall(SYS_splice, 0, nullptr, 1, nullptr, 1, 0),
      ::syscall(SYS_memfd_create, "x", 0),
      ::syscall(SYS_io_uring_setup, 1, page),
      ::syscall(SYS_bpf, 0, page, 0),
      ::syscall(SYS_setrlimit, 0, page),
      ::syscall(SYS_unshare, 0),
      ::syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
  };
  int number = 0;
  for (const long result : results)
    if (++number; result >= 0) return number;
  for (const int family : {AF_INET, AF_INET6})
    if (::syscall(SYS_socket, family, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP) < 0 ||
        ::syscall(SYS_socket, family, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP) < 0)
      return 98;
  return 0;
}

}  // namespace

TEST(ForwarderFilter, AllowsNothingButConnections) {
  const auto child = run_in_child(try_everything);
  ASSERT_TRUE(child);
  EXPECT_EQ(exit_code_of(*wait_for(*child)), 0);
}

}  // namespace podrun::ns
