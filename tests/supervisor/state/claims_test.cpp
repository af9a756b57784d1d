// Claims, the volumes that outlive pods: `podrun volumes` lists and removes them.
#include "supervisor/state/claims.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "tests/namespaces/deep_tree.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

namespace fs = std::filesystem;

class Claims : public testing::Test {
 protected:
  void make(const std::string& claim, std::size_t bytes) const {
    fs::create_directories(layout_.claims() + "/" + claim);
    std::ofstream(layout_.claims() + "/" + claim + "/file") << std::string(bytes, 'x');
  }
  std::vector<std::string> names(const std::string& of = "") const {
    std::vector<std::string> names;
    for (const Claim& claim : list_claims(layout_, of)) names.push_back(claim.namespace_name + "/" + claim.name);
    return names;
  }

  TemporaryDirectory directory_;
  Layout layout_{directory_ / "root"};
};

TEST_F(Claims, ClaimsAreListedByNamespaceAndName) {
  EXPECT_TRUE(names().empty());
  make("prod/db", 1);
  make("default/web", 100000);
  make("default/db", 1);
  EXPECT_EQ(names(), (std::vector<std::string>{"default/db", "default/web", "prod/db"}));
  EXPECT_EQ(names("prod"), std::vector<std::string>{"prod/db"});
  fs::create_hard_link(layout_.claim("default", "web") + "/file", layout_.claim("default", "web") + "/again");
  const std::uint64_t bytes = list_claims(layout_, "default")[1].bytes;
  EXPECT_TRUE(bytes >= 100000 && bytes < 200000) << bytes << ": two names of one file";
}

// Its path is longer than PATH_MAX.
TEST_F(Claims, AClaimDeeperThanAPathIsMeasuredAndRemoved) {
  make("default/web", 1);
  const Fd lowest = ns::make_deep_tree(layout_.claim("default", "web") + "/deep", 500);
  const Fd file(::openat(lowest.get(), "lowest", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  ASSERT_EQ(::posix_fallocate(file.get(), 0, 16 << 20), 0);
  const ns::FewDescriptors few(60);
  EXPECT_GT(list_claims(layout_, "default").at(0).bytes, 16U << 20);
  const auto removed = remove_claim(layout_, "default", "web");
  EXPECT_TRUE(removed) << removed.error().message;
}

TEST_F(Claims, AClaimIsRemovedWithItsContentsWithoutFollowingLinks) {
  make("default/web", 1);
  fs::create_symlink(directory_ / "", layout_.claim("default", "web") + "/link");
  const auto removed = remove_claim(layout_, "default", "web");
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_TRUE(names().empty());
  EXPECT_TRUE(fs::exists(directory_ / "root"));
  const auto again = remove_claim(layout_, "default", "web");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().number, ENOENT);
  EXPECT_EQ(again.error().message, "there is no volume web in namespace default");
}

/// Whether a process waits for a lock, by proc_locks(5).
bool waits_for_lock(pid_t pid) {
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);)
    if (line.find("->") != line.npos && line.find(fmt::format(" {} ", pid)) != line.npos) return true;
  return false;
}

TEST_F(Claims, AClaimOfAStartingPodIsNotRemoved) {
  make("default/web", 1);
  auto held = lock_claims_shared(layout_);
  ASSERT_TRUE(held);
  const pid_t remover = ::fork();
  if (remover == 0) {
    held->reset();  // this process's copy
    const auto removed = remove_claim(layout_, "default", "web");
    ::_exit(removed ? 0 : removed.error().number);
  }
  int status = 0;
  while (!waits_for_lock(remover)) ASSERT_EQ(::waitpid(remover, &status, WNOHANG), 0) << "it did not wait";
  EXPECT_EQ(names(), std::vector<std::string>{"default/web"}) << "it does not even look before it has the lock";
  // As the start of a pod does meanwhile.
  const auto lock = try_lock_pod(layout_, "default_pod");
  ASSERT_TRUE(lock && *lock);
  const StateFile state(layout_, "default_pod");
  ASSERT_TRUE(state.allocate());
  ASSERT_TRUE(state.write({.id = "default_pod", .name = "pod", .namespace_name = "default", .claims = {"web"}}));
  held->reset();
  ASSERT_EQ(::waitpid(remover, &status, 0), remover);
  EXPECT_EQ(WEXITSTATUS(status), EBUSY);
  EXPECT_EQ(names(), std::vector<std::string>{"default/web"});
}

TEST(ClaimTable, TheTableShowsSizesAndUsingPods) {
  EXPECT_EQ(claim_table({{"default", "db", 3 << 20, {"web", "api"}}, {"prod", "logs", 512}}),
            "NAMESPACE   NAME   SIZE      USED BY\n"
            "default     db     3.0 MiB   web, api\n"
            "prod        logs   512 B     -\n");
}

}  // namespace
}  // namespace podrun::supervisor
