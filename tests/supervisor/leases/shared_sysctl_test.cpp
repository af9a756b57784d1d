// A kernel parameter that several pods need. A crash between two steps is played by taking back what comes after it.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/supervisor/leases/root_leases.hpp"

namespace podrun::supervisor {
namespace {

using Names = std::vector<std::string>;

class RootSharedSysctl : public RootLeases {
 protected:
  void share(const LeaseOwner& owner, const std::string& wanted = "80") const {
    const auto shared = share_sysctl(layout_, owner, name, wanted);
    EXPECT_TRUE(shared) << shared.error().message;
  }
  /// Ends a pod; the error, or "".
  std::string end(const LeaseOwner& owner) const {
    const auto ended = undo_leases(layout_, owner.id);
    return ended ? "" : ended.error().message;
  }
  std::string shared_folder() const { return fmt::format("{}/.sysctls/{}-{}", layout_.run(), network(), key); }
  std::string file_of(const LeaseOwner& owner) const { return shared_folder() + "/" + owner.id + "_" + owner.uid; }
  /// That no pod shares anything, and nothing is left of it.
  void expect_nothing_left() const {
    EXPECT_EQ(value(), "1000");
    EXPECT_FALSE(has_leases());
    EXPECT_EQ(shared_sysctls(layout_), Names{});
    EXPECT_FALSE(fs::exists(shared_folder()));
  }

  const LeaseOwner db_{"default_db", "77"}, cache_{"shop_web", "78"};
};

TEST_F(RootSharedSysctl, TheLastPodPutsTheFormerValueBack) {
  for (const auto* order : {&web_, &db_, &cache_}) {
    for (const auto* each : {&web_, &db_, &cache_}) share(*each);
    EXPECT_EQ(pods_with_leases(layout_), (Names{db_.id, web_.id, cache_.id}));
    EXPECT_EQ(shared_sysctls(layout_), Names{name});
    for (const auto* each : {&web_, &db_, &cache_}) {
      if (each == order) continue;
      EXPECT_EQ(end(*each), "");
      EXPECT_EQ(value(), "80");
    }
    EXPECT_EQ(end(*order), "");
    expect_nothing_left();
  }
}

TEST_F(RootSharedSysctl, AValueThatIsThereAlreadyIsNotOurs) {
  share(web_, "1000");
  share(db_, "1000");
  EXPECT_EQ(shared_sysctls(layout_), Names{});
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, AValueThatOthersSetMeanwhileStays) {
  share(web_);
  share(db_);
  set("443");
  EXPECT_EQ(end(web_), "");
  EXPECT_EQ(end(db_), "");
  EXPECT_EQ(value(), "443");
  EXPECT_FALSE(has_leases());
}

TEST_F(RootSharedSysctl, AValueOfOthersThatALaterPodChangesComesBack) {
  share(web_);
  set("500");
  share(db_);
  EXPECT_EQ(value(), "80");
  EXPECT_EQ(end(db_), "");
  EXPECT_EQ(value(), "80") << "the first pod needs it";
  EXPECT_EQ(end(web_), "");
  EXPECT_EQ(value(), "500");
}

TEST_F(RootSharedSysctl, PodsMayAskForDifferentValues) {
  for (const auto& [first, last] : {std::pair(&web_, &db_), std::pair(&db_, &web_)}) {
    share(web_, "80");
    share(db_, "443");
    EXPECT_EQ(value(), "443");
    EXPECT_EQ(end(*first), "");
    EXPECT_EQ(value(), "443");
    EXPECT_EQ(end(*last), "");
    expect_nothing_left();
  }
}

TEST_F(RootSharedSysctl, APodMayAskTwiceAndInTwoRuns) {
  share(web_);
  share(web_);
  share({web_.id, "another"});
  EXPECT_EQ(end(web_), "");
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, ANameThatBeginsWithAnothersIsAnotherPod) {
  const LeaseOwner longer{web_.id + "2", "1"};
  share(web_);
  share(longer);
  EXPECT_EQ(end(web_), "");
  EXPECT_EQ(value(), "80");
  EXPECT_EQ(end(longer), "");
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, AParameterThatIsGoneNeedsNoUndo) {
  const std::string gone = fmt::format("{}/.sysctls/{}-gone", layout_.run(), network());
  share(web_);
  fs::create_directory(gone);
  fs::copy_file(file_of(web_), gone + "/default_web_0c5a");
  std::ofstream(gone + "/change") << fmt::format(
      R"({{"boot": "{}", "name": "net/ipv4/conf/gone/forwarding", "former": "0", "ours": ["1"], "network": {}}})",
      boot_id(), network());
  EXPECT_EQ(end(web_), "");
  EXPECT_FALSE(fs::exists(gone));
  expect_nothing_left();
}

// ---- a crash between two steps ----

TEST_F(RootSharedSysctl, ACrashBeforeTheNoteLeavesNothing) {
  share(web_);
  fs::remove(shared_folder() + "/change");
  set("1000");
  EXPECT_EQ(pods_with_leases(layout_), Names{web_.id});
  EXPECT_EQ(end(web_), "");
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, ACrashInTheNoteLeavesNothing) {
  share(web_);
  fs::rename(shared_folder() + "/change", shared_folder() + "/change.new");
  set("1000");
  EXPECT_EQ(end(web_), "");
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, ACrashBeforeTheChangeLeavesNothing) {
  share(web_);
  set("1000");
  share(db_);
  EXPECT_EQ(value(), "80") << "the next pod changes it";
  EXPECT_EQ(end(web_), "");
  EXPECT_EQ(value(), "80");
  EXPECT_EQ(end(db_), "");
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, ACrashAfterTheUndoIsUndoneAgain) {
  share(web_);
  set("1000");
  EXPECT_EQ(end(web_), "");
  expect_nothing_left();
}

// The pod's file is that of an undo that was interrupted. Others set our value meanwhile: it is not ours.
TEST_F(RootSharedSysctl, AFileWithoutANoteIsNoReason) {
  share(web_);
  fs::remove(shared_folder() + "/change");
  share(db_);
  EXPECT_EQ(shared_sysctls(layout_), Names{});
  set("1000");
  share(db_);
  EXPECT_EQ(pods_with_leases(layout_), Names{db_.id});
  EXPECT_EQ(end(db_), "");
  expect_nothing_left();
}

TEST_F(RootSharedSysctl, AChangeOfAnEarlierBootIsNotUndone) {
  share(web_);
  std::string text = contents_of(shared_folder() + "/change");
  text.replace(text.find(boot_id()), 36, "00000000-0000-4000-8000-000000000000");
  std::ofstream(shared_folder() + "/change") << text << std::flush;
  EXPECT_EQ(shared_sysctls(layout_), Names{});
  EXPECT_EQ(end(web_), "");
  EXPECT_EQ(value(), "80");
  EXPECT_FALSE(has_leases());
  EXPECT_FALSE(fs::exists(shared_folder()));
}

TEST_F(RootSharedSysctl, ABrokenNoteStaysAndIsNamed) {
  share(web_);
  std::ofstream(shared_folder() + "/change") << "{" << std::flush;
  EXPECT_NE(end(web_).find("lease " + shared_folder() + "/change: "), std::string::npos);
  EXPECT_EQ(value(), "80");
  EXPECT_FALSE(share_sysctl(layout_, db_, name, "80"));
}

// ---- network namespaces ----

TEST_F(RootSharedSysctl, EachNetworkNamespaceHasItsOwn) {
  share(web_);
  const std::string file = shared_folder() + "/change";
  const std::uint64_t changed = network();
  const Fd own(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
  set("80");
  EXPECT_EQ(shared_sysctls(layout_), Names{});
  EXPECT_EQ(end(web_), fmt::format("lease {}: {} was changed in the network namespace {}, and this is {}", file, name,
                                   changed, network()));
  set("1000");
  share(db_);
  EXPECT_EQ(end(db_), "");
  EXPECT_EQ(value(), "1000");
  ASSERT_EQ(::setns(own.get(), CLONE_NEWNET), 0);
  EXPECT_EQ(end(web_), "");
  expect_nothing_left();
}

// ---- many pods at once ----

// Each process starts and ends its pod again and again. While it runs, the parameter has its value.
TEST_F(RootSharedSysctl, PodsThatStartAndEndAtOnceNeverTakeItFromEachOther) {
  std::vector<pid_t> children;
  for (int pod = 0; pod < 20; ++pod) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const LeaseOwner owner{fmt::format("default_pod{}", pod), "1"};
      bool is_kept = true;
      for (int run = 0; run < 20; ++run) {
        is_kept = share_sysctl(layout_, owner, name, "80") && is_kept && value() == "80";
        ::sched_yield();
        is_kept = is_kept && value() == "80";
        is_kept = end_shared_sysctls(layout_, owner.id) && is_kept;
      }
      ::_exit(is_kept ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  expect_nothing_left();
}

}  // namespace
}  // namespace podrun::supervisor
