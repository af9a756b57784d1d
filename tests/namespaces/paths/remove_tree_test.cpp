// Removals of trees that other processes change, mount on, or protect with flags.
#include "namespaces/paths/remove_tree.hpp"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "namespaces/paths/walk_tree.hpp"
#include "namespaces/volumes/old_root.hpp"
#include "tests/namespaces/btrfs_disk.hpp"
#include "tests/namespaces/deep_tree.hpp"
#include "tests/namespaces/mount_namespace.hpp"
#include "tests/namespaces/swapper.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class RemoveTree : public testing::Test {
 protected:
  static Fd open(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }
  void write(const std::string& name) const { std::ofstream(directory_ / name) << "text"; }

  supervisor::TemporaryDirectory directory_;
  std::string top_ = directory_ / "top";
};
using RootRemoveTree = RemoveTree;

TEST_F(RemoveTree, RemovingADeepTreeNeedsFewDescriptors) {
  (void)make_deep_tree(top_, 1500);
  const FewDescriptors few(60);
  const auto removed = remove_tree(top_);
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(top_));
}

// A process that still has a descriptor of an old root can add them.
TEST_F(RemoveTree, EntriesAddedDuringARemovalAreRemovedToo) {
  fs::create_directories(top_ + "/a");
  for (int file = 0; file < 2000; ++file) write("top/a/" + std::to_string(file));
  const Fd held = open(top_ + "/a");
  std::atomic<int> made = 0;
  int at_start = 0;
  Result<> removed;
  {
    // As many as the removal can follow: an endless maker could keep it busy for ever.
    const std::jthread maker([&] {
      while (made < 5000 && ::mkdirat(held.get(), ("new" + std::to_string(made)).c_str(), 0755) == 0) ++made;
    });
    while (made == 0) std::this_thread::yield();
    at_start = made;
    removed = remove_tree(top_);
  }
  EXPECT_GT(made, at_start) << "nothing was made during the removal";
  if (!removed) {
    // The entries came faster than they could be removed. When no more come, the rest goes.
    EXPECT_EQ(removed.error().number, ENOTEMPTY) << removed.error().message;
    removed = remove_tree(top_);
  }
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(top_));
}

TEST_F(RemoveTree, OnlyTheLayersOfFormerInstancesAreRemoved) {
  for (const char* const name : {"/0/upper", "/3/upper", "/9/upper", "/10/upper", "/11", "/work"})
    fs::create_directories(top_ + name);
  write("top/termination-log");
  const auto removed = remove_former_layers(top_, 10);
  EXPECT_TRUE(removed) << removed.error().message;
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(top_)) left.insert(entry.path().filename());
  EXPECT_EQ(left, (std::set<std::string>{"10", "11", "termination-log", "work"}));
  EXPECT_TRUE(remove_former_layers(directory_ / "missing", 10));
}

TEST_F(RemoveTree, ALinkSwappedWithADirectoryIsNotFollowed) {
  fs::create_directories(directory_ / "victim/sub");
  write("victim/sub/file");
  long swaps_meanwhile = 0;
  for (int round = 0; round < 20; ++round) {
    fs::create_directories(top_ + "/x");
    fs::create_symlink(directory_ / "victim", top_ + "/y");
    for (int file = 0; file < 20; ++file) write("top/x/" + std::to_string(file));
    const Fd held = open(top_);
    Result<> removed;
    {
      const Swapper swapper(
          [&] { return ::syscall(SYS_renameat2, held.get(), "x", held.get(), "y", RENAME_EXCHANGE) == 0; });
      removed = remove_tree(top_);
      swaps_meanwhile += swapper.swaps_since_start();
    }
    if (!removed) {
      // The entries were swapped faster than they could be removed: each is tried a limited number of times, and was
      // something else each time. When nobody swaps, the rest goes.
      EXPECT_TRUE((std::set{ENOTEMPTY, ENOTDIR, EAGAIN}.contains(removed.error().number))) << removed.error().message;
      removed = remove_tree(top_);
    }
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_FALSE(fs::exists(top_));
  }
  EXPECT_GT(swaps_meanwhile, 0);
  EXPECT_TRUE(fs::exists(directory_ / "victim/sub/file"));
}

TEST_F(RootRemoveTree, AMountInATreeStaysAndTheRestIsRemoved) {
  for (const char* const name : {"/a", "/b/mounted", "/c"}) fs::create_directories(top_ + name);
  fs::create_directories(directory_ / "same");
  write("same/file");
  write("top/a/file");
  write("top/c/file");
  in_mount_namespace([&] {
    ASSERT_EQ(::mount((directory_ / "same").c_str(), (top_ + "/b/mounted").c_str(), nullptr, MS_BIND, nullptr), 0);
    const auto removed = remove_tree(top_);
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().number, EXDEV);
    EXPECT_NE(removed.error().message.find("mounted: another file system is mounted there"), std::string::npos)
        << removed.error().message;
  });
  EXPECT_TRUE(fs::exists(directory_ / "same/file"));
  EXPECT_FALSE(fs::exists(top_ + "/a"));
  EXPECT_FALSE(fs::exists(top_ + "/c"));
}

// A container with the capability LINUX_IMMUTABLE can set the flags.
TEST_F(RootRemoveTree, ImmutableAndAppendOnlyFilesAreRemoved) {
  fs::create_directories(top_ + "/fixed/below");
  write("top/fixed/file");
  write("top/appended");
  for (const auto& [name, flag] : std::vector<std::pair<std::string, int>>{{"/fixed/file", FS_IMMUTABLE_FL},
                                                                           {"/fixed/below", FS_IMMUTABLE_FL},
                                                                           {"/fixed", FS_APPEND_FL},
                                                                           {"/appended", FS_APPEND_FL},
                                                                           {"", FS_IMMUTABLE_FL}}) {
    const Fd file = open(top_ + name);
    int flags = 0;
    if (::ioctl(file.get(), FS_IOC_GETFLAGS, &flags) < 0) GTEST_SKIP() << "no such flags on this file system";
    flags |= flag;
    ASSERT_EQ(::ioctl(file.get(), FS_IOC_SETFLAGS, &flags), 0) << name;
  }
  EXPECT_LT(::unlink((top_ + "/appended").c_str()), 0);
  const auto removed = remove_tree(top_);
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(top_));
}

void make_subvolume(const std::string& in, const char* name) {
  const Fd directory(::open(in.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  btrfs_ioctl_vol_args arguments{};
  std::strcpy(arguments.name, name);
  ASSERT_EQ(::ioctl(directory.get(), BTRFS_IOC_SUBVOL_CREATE, &arguments), 0) << in << "/" << name;
}

// A process that may write to a directory of a btrfs may make them. They have device numbers of their own.
TEST_F(RootRemoveTree, BtrfsSubvolumesAreRemoved) {
  if (const std::string lack = lacks_btrfs(); !lack.empty()) GTEST_SKIP() << lack;
  fs::create_directories(directory_ / "disk");
  in_mount_namespace([&] {
    ASSERT_EQ(mount_new_btrfs(directory_ / "image", directory_ / "disk"), "");
    const std::string top = directory_ / "disk/top";
    fs::create_directories(top + "/sub");
    make_subvolume(top + "/sub", "one");
    make_subvolume(top + "/sub/one", "nested");
    make_subvolume(top, "fixed");
    for (const char* const name : {"/sub/one/file", "/sub/one/nested/file", "/fixed/file"})
      std::ofstream(top + name) << "text";
    std::uint64_t read_only = BTRFS_SUBVOL_RDONLY;
    ASSERT_EQ(::ioctl(open(top + "/fixed").get(), BTRFS_IOC_SUBVOL_SETFLAGS, &read_only), 0);
    EXPECT_LT(::unlink((top + "/fixed/file").c_str()), 0);
    int entries = 0;
    ASSERT_TRUE(walk_tree(open(top), {.arrive = [&](const TreeEntry& entry) -> Result<Fd> {
                            ++entries;
                            return open_unmounted(entry.directory, entry.name).value_or(Fd());
                          }}));
    EXPECT_EQ(entries, 7);
    const auto removed = remove_tree(top);
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_FALSE(fs::exists(top));
  });
}

}  // namespace
}  // namespace podrun::ns
