// What a resolver may do, and what ends it: rule 4 of SECURITY.md.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>

#include "namespaces/helper/process_steps.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/resolver/resolver_filter.hpp"
#include "pod/network/helper_identity.hpp"
#include "tests/namespaces/resolver/resolver_run.hpp"

namespace podrun::ns {
namespace {

class RootResolverRights : public testing::Test {
 protected:
  void SetUp() override {
    world_.publish(make_pod("web", {"10.77.0.2"}));
    ASSERT_TRUE(Client(world_).ask(query_for("web")));  // so it is confined
  }
  std::string proc(const char* name) const { return "/proc/" + std::to_string(resolver_.pid()) + "/" + name; }

  ResolverWorld world_;
  ResolverRun resolver_{world_, {"127.0.0.1"}};
};

/// Runs work in a child process under the resolver's filter. The work gets the folder of names at its place, and
/// returns an errno.
int under_filter(const ResolverWorld& world, int (*work)()) {
  auto child = run_in_child([&] {
    const int folder = ::open(world.names().c_str(), O_RDONLY | O_DIRECTORY);
    if (::dup2(folder, resolver::folder_fd) < 0) return 200;
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return 201;
    const auto& instructions = resolver::filter.instructions;
    const sock_fprog program{std::size(instructions), const_cast<sock_filter*>(instructions)};
    if (helper::load_filter(program) != 0) return 202;
    return work();
  });
  return exit_code_of(wait_for(*child).value_or(-1));
}

int result(long value) { return value < 0 ? errno : 0; }

}  // namespace

TEST_F(RootResolverRights, ItHasNone) {
  const std::string user = std::to_string(pod::resolver_uid(5)), none = "0000000000000000";
  const std::string ids = user + "\t" + user + "\t" + user + "\t" + user;
  EXPECT_EQ(resolver_.status("Uid"), ids);
  EXPECT_EQ(resolver_.status("Gid"), ids);
  EXPECT_EQ(resolver_.status("Groups"), "");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) EXPECT_EQ(resolver_.status(set), none);
  EXPECT_EQ(resolver_.status("NoNewPrivs"), "1");
  EXPECT_EQ(resolver_.status("Seccomp"), "2");
  EXPECT_EQ(resolver_.status("Threads"), "1");
  EXPECT_EQ(*read_file(proc("comm")), "podrun-resolver\n");
  EXPECT_TRUE(read_file(proc("cmdline"))->starts_with(std::string("podrun-resolver\0default_web\0", 28)));
  EXPECT_EQ(*read_file(proc("environ")), "");
  struct stat status {};
  ASSERT_EQ(::stat(proc("environ").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 0U) << "it is not dumpable: proc(5)";
  const std::string limits = *read_file(proc("limits"));
  EXPECT_NE(limits.find("Max address space         67108864             67108864"), limits.npos) << limits;
}

TEST_F(RootResolverRights, ItsRootIsEmptyAndItHoldsTheFolderOfNamesAlone) {
  EXPECT_TRUE(std::filesystem::is_empty(proc("root/")));
  EXPECT_TRUE(std::filesystem::is_empty(proc("cwd/")));
  for (const auto& entry : std::filesystem::directory_iterator(proc("fd"))) {
    const std::string target = std::filesystem::read_symlink(entry).string();
    EXPECT_TRUE(target == "/dev/null" || target.starts_with("socket:") || target.starts_with("anon_inode:") ||
                target == "/") << entry << target;
  }
  // The folder is a mount of its own, read-only, and nothing is above it.
  const std::string folder = proc("fd/") + std::to_string(resolver::folder_fd);
  EXPECT_TRUE(std::filesystem::exists(folder + "/default_web"));
  EXPECT_TRUE(std::filesystem::equivalent(folder + "/..", folder));
  EXPECT_EQ(::open((folder + "/new").c_str(), O_CREAT | O_WRONLY, 0600), -1);
  EXPECT_EQ(errno, EROFS);
}

TEST_F(RootResolverRights, ItOpensFilesOfTheFolderAloneAndForReading) {
  EXPECT_EQ(under_filter(world_, [] { return result(::openat(resolver::folder_fd, "default_web", O_RDONLY)); }), 0);
  EXPECT_EQ(under_filter(world_, [] { return result(::openat(resolver::folder_fd, "new", O_RDONLY | O_CREAT, 0600)); }),
            EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::openat(resolver::folder_fd, "default_web", O_RDWR)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::openat(AT_FDCWD, "/etc/passwd", O_RDONLY)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::unlinkat(resolver::folder_fd, "default_web", 0)); }), EPERM);
}

TEST_F(RootResolverRights, ItMakesNoProcessBindsNoSocketAndSignalsNobody) {
  EXPECT_EQ(under_filter(world_, [] { return result(::socket(AF_INET, SOCK_DGRAM, 0)); }), 0);
  EXPECT_EQ(under_filter(world_, [] { return result(::socket(AF_UNIX, SOCK_DGRAM, 0)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::socket(AF_PACKET, SOCK_RAW, 0)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::socket(AF_NETLINK, SOCK_RAW, 0)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::fork()); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::kill(1, 0)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] { return result(::bind(resolver::folder_fd, nullptr, 0)); }), EPERM);
  EXPECT_EQ(under_filter(world_, [] {
    return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
  }), EPERM);
}

TEST_F(RootResolverRights, AStarterThatGivesNoFolderOrSocketsIsToldSo) {
  const HelperStart nothing{.name = resolver_name,
                            .words = {"--user", "2147100005", "--sockets", "2", "--idle", "300"}};
  auto started = start_helper(world_.site(), nothing);
  ASSERT_TRUE(started);
  EXPECT_EQ(exit_code_of(*wait_for(started->process)), 70);
  const HelperStart no_user{.name = resolver_name, .words = {"--user", "0", "--sockets", "0", "--idle", "300"}};
  started = start_helper(world_.site(), no_user);
  ASSERT_TRUE(started);
  EXPECT_EQ(exit_code_of(*wait_for(started->process)), 70);
}

}  // namespace podrun::ns
