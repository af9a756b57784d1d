// The digest of a tree: each change of it shows.
#include "namespaces/images/tree_digest.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class RootTreeDigest : public testing::Test {
 protected:
  RootTreeDigest() { make(top()); }

  std::string top() const { return directory_ / "tree"; }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static void set_time(const std::string& path, long seconds, long nanoseconds = 0) {
    const timespec times[2]{{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, {.tv_sec = seconds, .tv_nsec = nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0) << path;
  }

  /// A tree with an entry of each kind.
  static void make(const std::string& top) {
    fs::create_directories(top + "/etc/deep");
    write(top + "/etc/passwd", "root");
    write(top + "/empty", "");
    fs::create_hard_link(top + "/empty", top + "/etc/linked");
    fs::create_symlink("passwd", top + "/etc/link");
    ASSERT_EQ(::mknod((top + "/gone").c_str(), S_IFCHR | 0600, makedev(0, 0)), 0);
    ASSERT_EQ(::mkfifo((top + "/fifo").c_str(), 0600), 0);
    ASSERT_EQ(::setxattr((top + "/etc").c_str(), "user.overlay.opaque", "y", 1, 0), 0);
    settle(top);
  }
  /// Gives all entries the same time.
  static void settle(const std::string& top) {
    for (const auto& entry : fs::recursive_directory_iterator(top)) set_time(entry.path(), 1000);
    set_time(top, 1000);
  }

  TreeSum sum(const std::string& path, const KnownContent& known = {}) const {
    auto found = sum_tree(Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), known);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : TreeSum{};
  }

  supervisor::TemporaryDirectory directory_;
};

TEST_F(RootTreeDigest, EqualTreesHaveEqualDigests) {
  make(directory_ / "other");
  EXPECT_EQ(sum(top()).digest, sum(directory_ / "other").digest);
  EXPECT_EQ(sum(top()).entries, 8U);
  EXPECT_EQ(sum(top()).bytes, 4U);
  EXPECT_EQ(sum(top()).digest.size(), 71U);
}

TEST_F(RootTreeDigest, EachChangeShows) {
  const std::string t = top(), etc = t + "/etc", passwd = etc + "/passwd";
  const std::vector<std::pair<std::string, std::function<void()>>> changes{
      {"content", [&] { write(passwd, "roof"); }},
      {"size", [&] { write(passwd, "root "); }},
      {"mode", [&] { ::chmod(passwd.c_str(), 04755); }},
      {"owner", [&] { (void)!::chown(passwd.c_str(), 70000, 0); }},
      {"group", [&] { (void)!::chown(passwd.c_str(), 0, 70000); }},
      {"name", [&] { fs::rename(passwd, etc + "/passwe"); }},
      {"removal", [&] { fs::remove(passwd); }},
      {"addition", [&] { write(etc + "/new", ""); }},
      {"link's target", [&] { fs::remove(etc + "/link"), fs::create_symlink("passwe", etc + "/link"); }},
      {"hard link", [&] { fs::remove(etc + "/linked"), write(etc + "/linked", ""); }},
      {"device", [&] { fs::remove(t + "/gone"), ::mknod((t + "/gone").c_str(), S_IFCHR | 0600, makedev(0, 1)); }},
      {"type", [&] { fs::remove(t + "/fifo"), write(t + "/fifo", ""), ::chmod((t + "/fifo").c_str(), 0600); }},
      {"attribute", [&] { ::setxattr(etc.c_str(), "user.overlay.opaque", "x", 1, 0); }},
      {"capability",
       [&] {
         const unsigned char value[20]{1, 0, 0, 2, 0, 4};
         ASSERT_EQ(::setxattr(passwd.c_str(), "security.capability", value, 20, 0), 0);
       }},
      {"owner of a link", [&] { (void)!::lchown((etc + "/link").c_str(), 1, 1); }},
      {"mode of the root", [&] { ::chmod(t.c_str(), 0700); }},
      {"move", [&] { fs::rename(passwd, t + "/passwd"); }},
  };
  std::vector<std::string> digests{sum(t).digest};
  for (const auto& [what, change] : changes) {
    fs::remove_all(t);
    make(t);
    ASSERT_EQ(sum(t).digest, digests.front());
    change();
    settle(t);
    const std::string digest = sum(t).digest;
    EXPECT_EQ(std::ranges::count(digests, digest), 0) << what;
    digests.push_back(digest);
  }
}

TEST_F(RootTreeDigest, TheTimeOfTheLastChangeCountsAndThatOfAnAccessDoesNot) {
  const std::string before = sum(top()).digest;
  set_time(top() + "/etc/link", 1000, 1);
  EXPECT_NE(sum(top()).digest, before);
  set_time(top() + "/etc/link", 1000);
  const timespec accessed[2]{{.tv_sec = 5, .tv_nsec = 0}, {.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (top() + "/etc/passwd").c_str(), accessed, 0), 0);
  EXPECT_EQ(sum(top()).digest, before);
}

TEST_F(RootTreeDigest, ReadingDoesNotChangeTheTimeOfTheLastAccess) {
  const std::string file = top() + "/etc/passwd";
  const timespec old[2]{{.tv_sec = 5, .tv_nsec = 0}, {.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
  ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), old, 0), 0);
  sum(top());
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_atim.tv_sec, 5);
}

TEST_F(RootTreeDigest, KnownContentIsNotRead) {
  struct stat status {};
  ASSERT_EQ(::stat((top() + "/etc/passwd").c_str(), &status), 0);
  pod::Sha256 hash;
  hash.update("roof");
  const pod::Sha256::Value value = hash.finish();
  const auto known = [&](ino_t inode) { return inode == status.st_ino ? &value : nullptr; };
  const std::string digest = sum(top(), known).digest;
  write(top() + "/etc/passwd", "roof");
  settle(top());
  EXPECT_EQ(digest, sum(top()).digest);
}

TEST_F(RootTreeDigest, DepthHasNoLimit) {
  const Fd start(::open(top().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  Fd here(::dup(start.get()));
  constexpr int depth = 3000;
  for (int level = 0; level < depth; ++level) {
    ASSERT_EQ(::mkdirat(here.get(), "d", 0755), 0);
    here = Fd(::openat(here.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  EXPECT_EQ(sum(top()).entries, 8U + depth);
}

}  // namespace
}  // namespace podrun::ns
