// Leases, with a kernel parameter of a network namespace that belongs to the test. A crash between two steps is played by
// taking only the steps before it.
#include "supervisor/leases/leases.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/supervisor/leases/root_leases.hpp"

namespace podrun::supervisor {
namespace {

namespace fs = std::filesystem;

TEST_F(RootLeases, AChangeEndsWithItsPod) {
  const auto changed = lease_sysctl(layout_, web_, name, "80");
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(value(), "80");
  EXPECT_EQ(pods_with_leases(layout_), std::vector<std::string>{web_.id});
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
  EXPECT_EQ(undo(), "") << "there is nothing to do";
}

TEST_F(RootLeases, AValueThatIsThereAlreadyIsNotOurs) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "1000"));
  EXPECT_FALSE(has_leases());
}

TEST_F(RootLeases, ALeaseIsPrivate) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write_lease_of(web_));
  ::umask(before);
  EXPECT_EQ(fs::status(file()).permissions(), fs::perms(0600));
  EXPECT_EQ(fs::status(folder(web_)).permissions() & fs::perms::others_all, fs::perms::none);
}

// ---- a crash between two steps ----

TEST_F(RootLeases, ACrashBeforeTheLeaseIsCompleteLeavesNothing) {
  write(".sysctl-" + key, "{\"vers");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
}

TEST_F(RootLeases, ACrashBetweenTheLeaseAndTheChangeIsUndone) {
  ASSERT_TRUE(write_lease_of(web_));
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
}

TEST_F(RootLeases, ACrashAfterTheChangeIsUndone) {
  ASSERT_TRUE(write_lease_of(web_));
  set("80");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
}

TEST_F(RootLeases, ACrashBetweenTheUndoAndItsRemovalIsUndoneAgain) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  const std::string text = contents_of(file());
  EXPECT_EQ(undo(), "");
  write("sysctl-" + key, text);
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
}

// sysctl.d(5) may have set the same value at boot.
TEST_F(RootLeases, AChangeOfAnEarlierBootIsNotUndone) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  std::string text = contents_of(file());
  text.replace(text.find(boot_id()), 36, "00000000-0000-4000-8000-000000000000");
  write("sysctl-" + key, text);
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "80");
  EXPECT_FALSE(has_leases());
}

// ---- several changes ----

// Two leases of one parameter, 1000 → 80 → 443, also of two runs. Neither the names of the files nor those of the runs
// are in the order of time.
TEST_F(RootLeases, TheLastChangeIsUndoneFirst) {
  for (const auto& [first, last] : {std::pair{"a", "b"}, {"b", "a"}})
    for (const LeaseOwner& earlier : {web_, LeaseOwner{web_.id, "77"}}) {
      ASSERT_TRUE(write_lease(layout_, earlier, sysctl_kind, first, change("1000", "80")));
      ASSERT_TRUE(write_lease(layout_, web_, sysctl_kind, last, change("80", "443")));
      set("443");
      EXPECT_EQ(undo(), "");
      EXPECT_EQ(value(), "1000") << first << last << earlier.uid;
    }
}

// The first lease was written before the second one, and again after it.
TEST_F(RootLeases, AReplacedLeaseKeepsItsPlace) {
  ASSERT_TRUE(write_lease(layout_, web_, sysctl_kind, "a", change("1000", "79")));
  ASSERT_TRUE(write_lease(layout_, web_, sysctl_kind, "b", change("80", "443")));
  ASSERT_TRUE(write_lease(layout_, web_, sysctl_kind, "a", change("1000", "80")));
  set("443");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
}

TEST_F(RootLeases, AKeyMayEndAsATemporaryFileDoes) {
  ASSERT_TRUE(write_lease(layout_, web_, sysctl_kind, "x.new", change("1000", "80")));
  set("80");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
}

// ---- others ----

TEST_F(RootLeases, WhatOthersHaveChangedMeanwhileStays) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  set("443");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "443");
  EXPECT_FALSE(has_leases());
}

TEST_F(RootLeases, AnObjectThatIsGoneNeedsNoUndo) {
  const std::string gone = "net/ipv4/conf/gone/forwarding";
  ASSERT_TRUE(write_lease(layout_, web_, sysctl_kind, "x", change("0", "1", gone)));
  EXPECT_EQ(undo(), "");
  EXPECT_FALSE(has_leases());
}

TEST_F(RootLeases, EachRunOfThePodIsUndoneAndNoOtherPods) {
  const LeaseOwner later{web_.id, "77"}, other{"default_web2", "0c5a"};
  for (const LeaseOwner& owner : {web_, later, other}) ASSERT_TRUE(write_lease_of(owner));
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(pods_with_leases(layout_), std::vector<std::string>{other.id});
}

// ---- files that are no leases of this podrun ----

TEST_F(RootLeases, AKindThatIsNotKnownStays) {
  ASSERT_TRUE(write_lease_of(web_));
  set("80");
  write("rule-x", R"({"version": 1, "kind": "rule", "object": {}})");
  EXPECT_EQ(undo(), "lease " + folder(web_) + "/rule-x: this podrun cannot undo a change of the kind \"rule\"");
  EXPECT_TRUE(fs::exists(folder(web_) + "/rule-x"));
  EXPECT_FALSE(fs::exists(file()));
  EXPECT_EQ(value(), "1000") << "the others are undone all the same";
}

TEST_F(RootLeases, ALeaseOfANewerPodrunStays) {
  write("rule-x", R"({"version": 2, "kind": "sysctl", "object": {}})");
  EXPECT_EQ(undo(), "lease " + folder(web_) + "/rule-x: a newer podrun has written it (version 2), and has to undo it");
  EXPECT_TRUE(fs::exists(folder(web_) + "/rule-x"));
}

TEST_F(RootLeases, ABrokenFileStaysAndIsNamed) {
  write("a", "");
  write("b", "[]");
  write("c", lease_text(R"("boot": ")" + boot_id() + R"(", "written": 1)"));
  write("d", lease_text(this_boot + R"({"name": ")" + name + R"("})"));
  write("e", lease_text(this_boot + R"({"name": "../../etc/hostname", "former": "", "ours": [""], "network": 0})"));
  fs::create_symlink("/etc/hostname", folder(web_) + "/f");
  ASSERT_EQ(::mkfifo((folder(web_) + "/g").c_str(), 0600), 0);
  write("h", "");
  fs::resize_file(folder(web_) + "/h", std::uintmax_t{1} << 30);
  fs::create_directory(folder(web_) + "/i");
  write("j", lease_text(R"("written": 1, "object": {})"));
  write("k", R"({"version": 0, "kind": "sysctl"})");
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  const std::string errors = undo();
  for (const char* broken : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}) {
    const std::string path = folder(web_) + "/" + broken;
    EXPECT_NE(errors.find("lease " + path + ": "), std::string::npos) << broken << ": " << errors;
    EXPECT_TRUE(fs::exists(fs::symlink_status(path))) << broken;
  }
  EXPECT_EQ(value(), "1000") << "the others are undone all the same";
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(RootLeases, ALinkInPlaceOfTheFolderIsNotFollowed) {
  const LeaseOwner elsewhere{"default_elsewhere", "1"};
  ASSERT_TRUE(write_lease_of(elsewhere));
  fs::create_directory_symlink(folder(elsewhere), folder(web_));
  EXPECT_NE(undo().find(folder(web_)), std::string::npos);
  EXPECT_TRUE(fs::exists(folder(elsewhere) + "/sysctl-" + key));
}

}  // namespace
}  // namespace podrun::supervisor
