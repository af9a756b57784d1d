// Mount points in a volume in which another container has made links, or makes them at the same time.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "namespaces/child/mount_target.hpp"
#include "namespaces/kernel/fd.hpp"
#include "tests/namespaces/mount_namespace.hpp"
#include "tests/namespaces/swapper.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

/// A container's root with the volume /v, which has a directory and several links.
class RootTargetsInVolumes : public testing::Test {
 protected:
  RootTargetsInVolumes() {
    fs::create_directories(root_ / "v");
    fs::create_directories(root_ / "bin");
  }

  template <typename Test>
  void with_volume(Test test) {
    in_mount_namespace([&] {
      ASSERT_EQ(::mount("volume", (root_ / "v").c_str(), "tmpfs", 0, "mode=777"), 0);
      fs::create_directories(root_ / "v/d");
      fs::create_symlink("/", root_ / "v/absolute");
      fs::create_symlink("..", root_ / "v/up");
      fs::create_symlink("d", root_ / "v/inside");
      fs::create_symlink("/made", root_ / "v/dangling");
      test();
      EXPECT_TRUE(fs::is_empty(root_ / "bin"));
      EXPECT_FALSE(fs::exists(root_ / "made"));
      EXPECT_FALSE(fs::exists(root_ / "x"));
    });
  }
  /// The path of a target from the root, or the name of the errno.
  std::string opened(const std::string& path, TargetKind kind = TargetKind::Directory) {
    const Fd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return place(Fd(open_target(root.get(), path.c_str(), kind)));
  }
  std::string found(const std::string& path) {
    const Fd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return place(Fd(open_existing(root.get(), path.c_str())));
  }

  supervisor::TemporaryDirectory directory_;
  fs::path root_ = directory_ / "root";

 private:
  std::string place(const Fd& target) const {
    if (!target) return ::strerrorname_np(errno);
    const std::string path = fs::read_symlink("/proc/self/fd/" + std::to_string(target.get()));
    return path.starts_with(root_.string() + "/") ? path.substr(root_.string().size()) : "OUTSIDE " + path;
  }
};

TEST_F(RootTargetsInVolumes, AMissingTargetInAVolumeIsMade) {
  with_volume([&] {
    EXPECT_EQ(opened("/v"), "/v");
    EXPECT_EQ(opened("/v/d/e/f"), "/v/d/e/f");
    EXPECT_EQ(opened("/v/d/file", TargetKind::File), "/v/d/file");
    EXPECT_TRUE(fs::is_regular_file(root_ / "v/d/file"));
    EXPECT_EQ(opened("/v/d/file/x"), "ENOTDIR");
    EXPECT_EQ(found("/v/d/e"), "/v/d/e");
    EXPECT_EQ(found("/v/d/missing"), "ENOENT");
  });
}

TEST_F(RootTargetsInVolumes, LinksInAVolumeAreNotFollowed) {
  with_volume([&] {
    for (const std::string link : {"/v/absolute", "/v/up", "/v/inside", "/v/dangling"})
      for (const std::string& path : {link, link + "/x", link + "/bin", link + "/bin/x"}) {
        EXPECT_EQ(opened(path), "ELOOP") << path;
        EXPECT_EQ(opened(path, TargetKind::File), "ELOOP") << path;
        EXPECT_EQ(found(path), "ELOOP") << path;
      }
  });
}

TEST_F(RootTargetsInVolumes, LinksOfTheImageAreFollowedIntoAVolumeButNotInIt) {
  fs::create_symlink("v/d", root_ / "to-directory");
  fs::create_symlink("/v/absolute", root_ / "to-link");
  fs::create_symlink("v/d/../absolute/bin", root_ / "by-the-way-back");
  fs::create_symlink("/v/new", root_ / "dangling");
  with_volume([&] {
    EXPECT_EQ(opened("/to-directory/x"), "/v/d/x");
    EXPECT_EQ(opened("/dangling/x"), "/v/new/x") << "made in the volume, as in the image";
    EXPECT_EQ(opened("/to-link/x"), "ELOOP");
    EXPECT_EQ(opened("/by-the-way-back"), "ELOOP");
  });
}

// Another container swaps a directory of the volume with a link to the root, as fast as it can.
TEST_F(RootTargetsInVolumes, ATargetStaysInItsVolumeDuringConcurrentSwaps) {
  with_volume([&] {
    const Fd volume(::open((root_ / "v").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    int made = 0, refused = 0;
    {
      const Swapper attacker(
          [&] { return ::renameat2(volume.get(), "d", volume.get(), "absolute", RENAME_EXCHANGE) == 0; });
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      for (int round = 0; round < 20000 || made == 0 || refused == 0; ++round) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << made << " made, " << refused << " refused";
        const std::string name = "x" + std::to_string(round % 50), path = opened("/v/d/" + name);
        ASSERT_TRUE(path == "ELOOP" || path == "/v/d/" + name || path == "/v/absolute/" + name) << path;
        ++(path == "ELOOP" ? refused : made);
        // The directory has one name or the other.
        for (const char* directory : {"v/d/", "v/absolute/"})
          if (::unlinkat(volume.get(), (directory + 2 + name).c_str(), AT_REMOVEDIR) == 0) break;
      }
      EXPECT_GT(attacker.swaps_since_start(), 0);
    }
    for (int i = 0; i < 50; ++i) EXPECT_FALSE(fs::exists(root_ / ("x" + std::to_string(i)))) << "in the root";
  });
}

}  // namespace
}  // namespace podrun::ns
