// subPath of volumes: links in a volume do not lead out of it, also while they are being swapped.
#include "namespaces/paths/sub_path.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "tests/namespaces/swapper.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class RootSubPaths : public testing::Test {
 protected:
  RootSubPaths() {
    fs::create_directories(directory_ / "volume/here");
    fs::create_directories(directory_ / "outside");
    write("outside/secret", "of the host");
    ::chmod((directory_ / "volume").c_str(), 0777);
    volume_ = Fd(::open((directory_ / "volume").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  /// The path that was opened, relative to the directory; or the name of the errno.
  std::string opened(const std::string& path, bool make = false) const {
    const auto fd = open_sub_path(volume_.get(), path, make);
    if (!fd) return ::strerrorname_np(fd.error().number);
    return fs::relative(fs::read_symlink(fmt::format("/proc/self/fd/{}", fd->get())), directory_ / "");
  }
  /// Mode and group: "755 0".
  std::string access(const std::string& name) const {
    struct stat status {};
    if (::lstat((directory_ / name).c_str(), &status) < 0) return "missing";
    return fmt::format("{:o} {}", status.st_mode & 07777, status.st_gid);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(directory_ / name) << text; }
  void link(const std::string& target, const std::string& name) const {
    fs::create_symlink(target, directory_ / ("volume/" + name));
  }

  supervisor::TemporaryDirectory directory_;
  Fd volume_;
};

TEST_F(RootSubPaths, ASubPathCannotLeaveItsVolume) {
  EXPECT_EQ(opened("here"), "volume/here");
  EXPECT_EQ(opened("here/../../.."), "volume");
  link("../outside", "up");
  link(directory_ / "outside/secret", "absolute");
  link("/here", "inside");
  link("/proc/self/root", "magic");
  EXPECT_EQ(opened("inside"), "volume/here") << "as if the volume were the root";
  for (const std::string name : {"up", "up/secret", "up/made", "absolute", "absolute/made", "magic/etc", "magic/made",
                                 "here/../up", "here/../up/made"}) {
    EXPECT_EQ(opened(name, false), "ENOENT") << name;
    EXPECT_EQ(opened(name, true), "ELOOP") << name;
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "outside"), {}), 1) << "only the secret";
  EXPECT_FALSE(fs::exists("/made"));
}

TEST_F(RootSubPaths, AMissingSubPathIsMadeWithTheVolumesMode) {
  EXPECT_EQ(opened("a/b", false), "ENOENT");
  EXPECT_EQ(opened("a//./b", true), "volume/a/b");
  EXPECT_EQ(access("volume/a"), "777 0");
  EXPECT_EQ(access("volume/a/b"), "777 0");
  write("volume/file", "");
  EXPECT_EQ(opened("file/x", true), "ENOTDIR");
}

// Another container with the volume swaps a directory with a link that leads outside, while directories below it are
// opened and made.
TEST_F(RootSubPaths, ASubPathStaysInItsVolumeDuringConcurrentSwaps) {
  link("../outside", "trap");
  int inside = 0, missing = 0;
  {
    const Swapper attacker(
        [&] { return ::renameat2(volume_.get(), "here", volume_.get(), "trap", RENAME_EXCHANGE) == 0; });
    for (int i = 0; i < 2000; ++i) {
      const std::string name = fmt::format("here/n{}", i % 7);
      const bool make = i % 200 != 0;  // a missing path is waited for, which takes longer
      const auto fd = open_sub_path(volume_.get(), make ? name : "here/secret", make);
      if (make) {
        ASSERT_TRUE(fd) << name << ": " << fd.error().message;
        const std::string path = fs::read_symlink(fmt::format("/proc/self/fd/{}", fd->get()));
        ASSERT_TRUE(path.starts_with(directory_ / "volume/")) << path;
        ++inside;
      } else {
        ASSERT_FALSE(fd);
        ASSERT_EQ(fd.error().number, ENOENT) << fd.error().message;
        ++missing;
      }
      ::unlinkat(volume_.get(), name.c_str(), AT_REMOVEDIR);
    }
    EXPECT_GT(attacker.swaps_since_start(), 0);
  }
  EXPECT_EQ(inside, 1990);
  EXPECT_EQ(missing, 10);
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "outside"), {}), 1) << "only the secret";
}

// Otherwise a container could keep other pods with the same claim from starting.
TEST_F(RootSubPaths, ASubPathIsFoundDuringConcurrentSwaps) {
  link("/nowhere", "trap");
  fs::create_directory(directory_ / "volume/here/below");
  const Swapper attacker(
      [&] { return ::renameat2(volume_.get(), "here", volume_.get(), "trap", RENAME_EXCHANGE) == 0; });
  for (int i = 0; i < 2000; ++i)
    for (const std::string path : {"here", "here/below", "here/made"}) {
      const auto fd = open_sub_path(volume_.get(), path, true);
      ASSERT_TRUE(fd) << path << " " << i << ": " << fd.error().message;
    }
  EXPECT_GT(attacker.swaps_since_start(), 0);
}

TEST_F(RootSubPaths, ABrokenSubPathIsRefused) {
  link("/nowhere", "dangling");
  write("volume/file", "");
  EXPECT_EQ(opened("dangling", true), "ELOOP");
  EXPECT_EQ(opened("dangling/x", true), "ELOOP");
  EXPECT_EQ(opened("file/x", true), "ENOTDIR");
  EXPECT_EQ(opened("missing", false), "ENOENT");
}

}  // namespace
}  // namespace podrun::ns
