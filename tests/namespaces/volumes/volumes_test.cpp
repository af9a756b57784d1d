// Volumes on a real kernel: the types of hostPath, files as the kubelet writes them, and fsGroup.
#include "namespaces/volumes/file_steps.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "tests/namespaces/deep_tree.hpp"
#include "tests/namespaces/swapper.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using pod::HostPathType;

class RootVolumes : public testing::Test {
 protected:
  std::string check(const std::string& name, HostPathType type) const {
    const auto done = perform(pod::file::CheckHostPath{.volume = "v", .path = directory_ / name, .type = type});
    return done ? "" : done.error().message;
  }
  /// Mode and group: "755 0".
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
      fmt::format("volume v: hostPath {} is a character device, and its type BlockDevice wants a block device",
                  directory_ / "null"));
  EXPECT_EQ(check("nothing", HostPathType::Socket),
            fmt::format("volume v: hostPath {} does not exist (its type Socket wants a socket)",
                        directory_ / "nothing"));
  EXPECT_TRUE(check("nothing", HostPathType::Directory).ends_with("does not exist (type: DirectoryOrCreate makes it)"));
  EXPECT_TRUE(check("nothing", HostPathType::File).ends_with("does not exist (type: FileOrCreate makes it)"));
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
  EXPECT_TRUE(check("missing/f", HostPathType::FileOrCreate).ends_with("cannot be made: its directory does not exist"));
  EXPECT_FALSE(fs::exists(directory_ / "missing"));
  const auto made_in_proc = perform(pod::file::CheckHostPath{
      .volume = "v", .path = "/proc/none/d", .type = HostPathType::DirectoryOrCreate});
  EXPECT_EQ(made_in_proc.error().message,
            "volume v: hostPath /proc/none/d cannot be made: /proc/none/d: No such file or directory");
}

TEST_F(RootVolumes, AFaultOfAHostPathIsFoundWithoutMakingAnything) {
  const auto fault = [&](const std::string& name, HostPathType type) {
    return host_path_fault({.volume = "v", .path = directory_ / name, .type = type});
  };
  write("file", "");
  EXPECT_EQ(fault("file", HostPathType::File), "");
  EXPECT_TRUE(fault("file", HostPathType::Directory).ends_with("is a file, and its type Directory wants a directory"));
  EXPECT_TRUE(fault("file", HostPathType::DirectoryOrCreate).ends_with("wants a directory"));
  EXPECT_TRUE(fault("none", HostPathType::Directory).ends_with("does not exist (type: DirectoryOrCreate makes it)"));
  EXPECT_EQ(fault("none", HostPathType::DirectoryOrCreate), "");
  EXPECT_EQ(fault("none", HostPathType::FileOrCreate), "");
  EXPECT_TRUE(fault("none/f", HostPathType::FileOrCreate).ends_with("its directory does not exist"));
  EXPECT_EQ(fault("none", HostPathType::Any), "");
  EXPECT_TRUE(fault("file/below", HostPathType::Any).ends_with("Not a directory"));
  EXPECT_FALSE(fs::exists(directory_ / "none"));
}

TEST_F(RootVolumes, AHostPathWithoutATypeIsMadeAsADirectoryIfNothingIsThere) {
  const mode_t umask = ::umask(077);
  EXPECT_EQ(check("a/b", HostPathType::Any), "");
  ::umask(umask);
  EXPECT_EQ(access("a"), "755 0");
  EXPECT_EQ(access("a/b"), "755 0");
  write("file", "kept");
  EXPECT_EQ(check("file", HostPathType::Any), "");
  EXPECT_EQ(read("file"), "kept");
  fs::create_symlink("nowhere", directory_ / "link");
  EXPECT_NE(check("link", HostPathType::Any).find("a link that leads nowhere"), std::string::npos);
  EXPECT_NE(check("file/below", HostPathType::Any), "");
}

TEST_F(RootVolumes, AHostPathIsNotMadeBehindALink) {
  fs::create_directories(directory_ / "outside");
  fs::create_symlink("outside", directory_ / "link");
  for (const HostPathType type : {HostPathType::DirectoryOrCreate, HostPathType::FileOrCreate}) {
    EXPECT_NE(check("link/made", type).find("a link that leads nowhere, or was made since the pod's start"),
              std::string::npos)
        << check("link/made", type);
    EXPECT_NE(check("link", type), "");
  }
  EXPECT_TRUE(fs::is_empty(directory_ / "outside"));
}

TEST_F(RootVolumes, MountPointsInAVolumeOfFilesLieBesideTheLinks) {
  const pod::file::WriteVolume step{
      .path = directory_ / "v",
      .files = {.group = 2000,
                .mode = 02777,
                .below = 02755,
                .list = {{.path = "a.conf", .content = {.text = "A\n", .secret = {}}, .mode = 0440}},
                .mount_points = {"b/c", "b/d", "e"}}};
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(perform(step));
    for (const char* path : {"v/b", "v/b/c", "v/b/d", "v/e"}) EXPECT_EQ(access(path), "2755 2000") << path;
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "v"), {}), 5) << "data, its link, and three";
  }
}

TEST_F(RootVolumes, VolumeFilesAreReachedThroughALinkToADatedDirectory) {
  const pod::file::WriteVolume step{
      .path = directory_ / "v",
      .files = {.group = 2000,
                .mode = 02777,
                .below = 02755,
                .list = {{.path = "a.conf", .content = {.text = "A\n", .secret = {}}, .mode = 0440},
                         {.path = "keys/b", .content = {.text = std::string("\0x", 2), .secret = {}}, .mode = 0400}}}};
  for (int round = 0; round < 2; ++round) {  // the second time as after the death of a supervisor
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
  ::mkfifo((directory_ / "claim/fifo").c_str(), 0600);  // opening it would block
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

// Another pod that has the claim can make such a tree, also during the walk.
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

}  // namespace
}  // namespace podrun::ns
