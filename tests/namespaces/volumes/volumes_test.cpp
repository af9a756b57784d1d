// Volumes on a real kernel: what lies at a hostPath, files as the kubelet writes them, a group for all of it, and parts
// of volumes whose links lead astray.
#include "namespaces/volumes/file_steps.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/sub_path.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "tests/namespaces/deep_tree.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using pod::HostPathType;

/// A thread that swaps entries of a directory from its construction until its destruction.
class Swapper {
 public:
  /// SWAP says whether it has swapped. Returns after the first swap.
  explicit Swapper(std::function<bool()> swap)
      : thread_([this, swap = std::move(swap)](const std::stop_token& stop) {
          while (!stop.stop_requested()) swaps_ += swap();
        }) {
    while (swaps_ == 0) std::this_thread::yield();
    at_start_ = swaps_;
  }
  /// How many there have been since the constructor returned.
  long swaps_since_start() const { return swaps_ - at_start_; }

 private:
  std::atomic<long> swaps_ = 0;
  long at_start_ = 0;
  std::jthread thread_;
};

class RootVolumes : public testing::Test {
 protected:
  std::string check(const std::string& name, HostPathType type) const {
    const auto done = perform(pod::file::CheckHostPath{.volume = "v", .path = directory_ / name, .type = type});
    return done ? "" : done.error().message;
  }
  /// "755 0 a directory" without its words: mode, group.
  std::string access(const std::string& name) const {
    struct stat status{};
    if (::lstat((directory_ / name).c_str(), &status) < 0) return "missing";
    return fmt::format("{:o} {}", status.st_mode & 07777, status.st_gid);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(directory_ / name) << text; }
  std::string read(const std::string& name) const { return supervisor::contents_of(directory_ / name); }

  supervisor::TemporaryDirectory directory_;
};

TEST_F(RootVolumes, AHostPathMustBeWhatItsTypeSays) {
  write("file", "");
  fs::create_directories(directory_ / "directory");
  ::mknod((directory_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3));
  ::mknod((directory_ / "disk").c_str(), S_IFBLK | 0600, makedev(7, 0));
  ::mknod((directory_ / "socket").c_str(), S_IFSOCK | 0600, 0);
  fs::create_symlink("nowhere", directory_ / "link");
  const std::vector<std::pair<std::string, HostPathType>> kinds{{"file", HostPathType::File},
                                                                {"directory", HostPathType::Directory},
                                                                {"null", HostPathType::CharDevice},
                                                                {"disk", HostPathType::BlockDevice},
                                                                {"socket", HostPathType::Socket}};
  for (const auto& [name, own] : kinds)
    for (const auto& [other, type] : kinds)
      EXPECT_EQ(check(name, type).empty(), type == own) << name << " as " << other;
  EXPECT_EQ(
      check("null", HostPathType::BlockDevice),
      fmt::format("volume v: at {} lies a character device, not what its type BlockDevice says", directory_ / "null"));
  EXPECT_EQ(check("nothing", HostPathType::Socket),
            fmt::format("volume v: at {} lies nothing, not what its type Socket says", directory_ / "nothing"));
  EXPECT_NE(check("link", HostPathType::File).find("a link that leads nowhere"), std::string::npos);
}

TEST_F(RootVolumes, AMissingHostPathIsMadeIfItsTypeSaysSo) {
  const mode_t umask = ::umask(077);
  EXPECT_EQ(check("a/b", HostPathType::DirectoryOrCreate), "");
  EXPECT_EQ(check("a/f", HostPathType::FileOrCreate), "");
  ::umask(umask);
  EXPECT_EQ(access("a/b"), "755 0");
  EXPECT_EQ(access("a/f"), "644 0");
  write("a/f", "kept");
  EXPECT_EQ(check("a/f", HostPathType::FileOrCreate), "");
  EXPECT_EQ(read("a/f"), "kept");
  EXPECT_NE(check("a/f", HostPathType::DirectoryOrCreate), "");
  EXPECT_NE(check("missing/f", HostPathType::FileOrCreate), "") << "it makes no directory";
}

TEST_F(RootVolumes, AHostPathIsNotMadeBehindALink) {
  fs::create_directories(directory_ / "outside");
  fs::create_symlink("outside", directory_ / "link");
  for (const HostPathType type : {HostPathType::DirectoryOrCreate, HostPathType::FileOrCreate}) {
    EXPECT_NE(check("link/made", type).find("a link that leads nowhere, or has been made since the pod's start"),
              std::string::npos)
        << check("link/made", type);
    EXPECT_NE(check("link", type), "");
  }
  EXPECT_TRUE(fs::is_empty(directory_ / "outside"));
}

TEST_F(RootVolumes, VolumeFilesAreReachedThroughALinkToADatedDirectory) {
  const pod::file::WriteVolume step{
      .path = directory_ / "v",
      .files = {.group = 2000,
                .mode = 02777,
                .below = 02755,
                .list = {{.path = "a.conf", .content = {.text = "A\n", .secret = {}}, .mode = 0440},
                         {.path = "keys/b", .content = {.text = std::string("\0x", 2), .secret = {}}, .mode = 0400}}}};
  for (int round = 0; round < 2; ++round) {  // a second time if a supervisor died in the first
    ASSERT_TRUE(perform(step));
    const std::string data = fs::read_symlink(directory_ / "v/..data");
    EXPECT_TRUE(data.starts_with("..20")) << data;
    EXPECT_EQ(fs::read_symlink(directory_ / "v/a.conf"), "..data/a.conf");
    EXPECT_EQ(fs::read_symlink(directory_ / "v/keys"), "..data/keys");
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "v"), {}), 4) << "data, its link, and two";
    EXPECT_EQ(access("v"), "2777 2000");
    EXPECT_EQ(access("v/" + data), "2755 2000");
    EXPECT_EQ(access("v/" + data + "/a.conf"), "440 2000");
    EXPECT_EQ(access("v/" + data + "/keys"), "2755 2000");
    EXPECT_EQ(access("v/" + data + "/keys/b"), "400 2000");
    EXPECT_EQ(read("v/a.conf"), "A\n");
    EXPECT_EQ(read("v/keys/b"), std::string("\0x", 2));
  }
}

TEST_F(RootVolumes, AGroupIsGivenAllFilesButNothingBehindLinks) {
  fs::create_directories(directory_ / "claim/sub");
  write("outside", "");
  write("claim/sub/file", "");
  ::chmod((directory_ / "claim").c_str(), 0700);
  ::chmod((directory_ / "claim/sub/file").c_str(), 0400);
  ::chmod((directory_ / "outside").c_str(), 0600);
  ::mkfifo((directory_ / "claim/fifo").c_str(), 0600);  // to open it would block
  fs::create_symlink(directory_ / "outside", directory_ / "claim/link");
  const pod::file::GiveToGroup always{.path = directory_ / "claim", .group = 2000, .unless_root_has_it = false};
  ASSERT_TRUE(perform(always));
  EXPECT_EQ(access("claim"), "2770 2000");
  EXPECT_EQ(access("claim/sub"), "2775 2000");
  EXPECT_EQ(access("claim/sub/file"), "660 2000");
  EXPECT_EQ(access("claim/fifo"), "660 2000");
  EXPECT_EQ(access("outside"), "600 0");
  EXPECT_EQ(access("claim/link"), "777 2000");

  write("claim/new", "");
  const std::string untouched = access("claim/new");
  pod::file::GiveToGroup on_mismatch = always;
  on_mismatch.unless_root_has_it = true;
  ASSERT_TRUE(perform(on_mismatch));
  EXPECT_EQ(access("claim/new"), untouched) << "the root has the group: nobody looks below";
  ASSERT_TRUE(perform(always));
  EXPECT_EQ(access("claim/new"), "664 2000");
}

// Another pod that has the claim may have made it so, or be at it.
TEST_F(RootVolumes, AGroupIsGivenATreeOfAnyDepth) {
  const Fd lowest = make_deep_tree(directory_ / "claim", 700);
  const FewDescriptors few(60);
  const auto given =
      perform(pod::file::GiveToGroup{.path = directory_ / "claim", .group = 2000, .unless_root_has_it = false});
  ASSERT_TRUE(given) << given.error().message;
  struct stat status{};
  ASSERT_EQ(::fstat(lowest.get(), &status), 0);
  EXPECT_EQ(fmt::format("{:o} {}", status.st_mode & 07777, status.st_gid), "2770 2000");
  EXPECT_EQ(access("claim"), "2775 2000");
  EXPECT_TRUE(remove_tree(directory_ / "claim"));
}

TEST_F(RootVolumes, AGroupIsGivenATreeDuringConcurrentSwaps) {
  fs::create_directories(directory_ / "claim/x/sub");
  fs::create_directories(directory_ / "outside");
  write("outside/file", "");
  ::chmod((directory_ / "outside/file").c_str(), 0600);
  for (int file = 0; file < 20; ++file) write(fmt::format("claim/x/{}", file), "");
  fs::create_symlink(directory_ / "outside", directory_ / "claim/y");
  const Fd claim(::open((directory_ / "claim").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const pod::file::GiveToGroup step{.path = directory_ / "claim", .group = 2000, .unless_root_has_it = false};
  std::string error;
  {
    const Swapper swapper([&] {
      if (::mkdirat(claim.get(), "short-lived", 0700) == 0) ::unlinkat(claim.get(), "short-lived", AT_REMOVEDIR);
      return ::renameat2(claim.get(), "x", claim.get(), "y", RENAME_EXCHANGE) == 0;
    });
    for (int round = 0; round < 1000 && error.empty(); ++round)
      if (const auto given = perform(step); !given) error = given.error().message;
    EXPECT_GT(swapper.swaps_since_start(), 0);
  }
  EXPECT_EQ(error, "");
  EXPECT_EQ(access("outside/file"), "600 0");
}

TEST_F(RootVolumes, AnImmutableFileDoesNotStopAGroupChange) {
  fs::create_directories(directory_ / "claim");
  for (const char* const name : {"claim/a", "claim/fixed", "claim/z"}) write(name, "");
  const Fd fixed(::open((directory_ / "claim/fixed").c_str(), O_RDONLY | O_CLOEXEC));
  int flags = 0;
  if (::ioctl(fixed.get(), FS_IOC_GETFLAGS, &flags) < 0) GTEST_SKIP() << "no such flags on this file system";
  flags |= FS_IMMUTABLE_FL;
  ASSERT_EQ(::ioctl(fixed.get(), FS_IOC_SETFLAGS, &flags), 0);
  const auto given =
      perform(pod::file::GiveToGroup{.path = directory_ / "claim", .group = 2000, .unless_root_has_it = false});
  EXPECT_TRUE(given) << given.error().message;
  EXPECT_EQ(access("claim/a"), "664 2000");
  EXPECT_EQ(access("claim/fixed"), "644 0");
  EXPECT_EQ(access("claim/z"), "664 2000");
  EXPECT_TRUE(remove_tree(directory_ / "claim"));
}

class RootSubPaths : public RootVolumes {
 protected:
  RootSubPaths() {
    fs::create_directories(directory_ / "volume/here");
    fs::create_directories(directory_ / "outside");
    write("outside/secret", "of the host");
    ::chmod((directory_ / "volume").c_str(), 0777);
    volume_ = Fd(::open((directory_ / "volume").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  /// The path that was opened, from the directory; or the error.
  std::string opened(const std::string& path, bool make = false) const {
    const auto fd = open_sub_path(volume_.get(), path, make);
    if (!fd) return ::strerrorname_np(fd.error().number);
    return fs::relative(fs::read_symlink(fmt::format("/proc/self/fd/{}", fd->get())), directory_ / "");
  }
  void link(const std::string& target, const std::string& name) const {
    fs::create_symlink(target, directory_ / ("volume/" + name));
  }

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

// Who has the volume, too, swaps a directory for a link outwards and back, while parts of it are opened and made.
TEST_F(RootSubPaths, ASubPathStaysInItsVolumeDuringConcurrentSwaps) {
  link("../outside", "trap");
  int inside = 0, missing = 0;
  {
    const Swapper attacker(
        [&] { return ::renameat2(volume_.get(), "here", volume_.get(), "trap", RENAME_EXCHANGE) == 0; });
    for (int i = 0; i < 2000; ++i) {
      const std::string name = fmt::format("here/n{}", i % 7);
      const bool make = i % 200 != 0;  // what is never there is waited for
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

// Else whoever shares a claim could keep its other pods from starting.
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
