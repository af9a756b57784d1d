// Mount points inside a container's root. The image may have links to any path on the way to them.
#include "namespaces/child/mount_target.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

/// A container's root, and a directory outside of it.
class Target : public testing::Test {
 protected:
  Target() {
    fs::create_directories(root_ / "etc");
    fs::create_directories(outside_);
  }

  void link(const std::string& name, const std::string& to) { fs::create_symlink(to, root_ / name); }

  /// The path of a target from the root ("/etc/x"), or the name of the errno.
  std::string opened(const std::string& path, TargetKind kind = TargetKind::Directory) {
    const Fd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return place(Fd(open_target(root.get(), path.c_str(), kind)));
  }
  std::string found(const std::string& path) {
    const Fd root(::open(root_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    return place(Fd(open_existing(root.get(), path.c_str())));
  }
  bool is_outside_untouched() const { return fs::is_empty(outside_); }

  supervisor::TemporaryDirectory directory_;
  fs::path root_ = directory_ / "root";
  fs::path outside_ = directory_ / "outside";

 private:
  std::string place(const Fd& target) const {
    if (!target) return ::strerrorname_np(errno);
    const std::string path = fs::read_symlink("/proc/self/fd/" + std::to_string(target.get()));
    return path == root_                            ? "/"
           : path.starts_with(root_.string() + "/") ? path.substr(root_.string().size())
                                                    : "OUTSIDE " + path;
  }
};

TEST_F(Target, AnExistingTargetIsOpened) {
  EXPECT_EQ(opened("/etc"), "/etc");
  EXPECT_EQ(opened("etc/"), "/etc");
  EXPECT_EQ(opened("//etc//."), "/etc");
  EXPECT_EQ(opened("/"), "/");
}

TEST_F(Target, AMissingTargetIsMadeWithItsParents) {
  EXPECT_EQ(opened("/var/lib/data"), "/var/lib/data");
  EXPECT_TRUE(fs::is_directory(root_ / "var/lib/data"));
  EXPECT_EQ(opened("/run/app/socket", TargetKind::File), "/run/app/socket");
  EXPECT_TRUE(fs::is_regular_file(root_ / "run/app/socket"));
}

TEST_F(Target, DotDotEndsAtTheRoot) {
  EXPECT_EQ(opened("../../outside/x"), "/outside/x");
  EXPECT_EQ(opened("/etc/../../../y"), "/y");
  EXPECT_TRUE(is_outside_untouched());
}

TEST_F(Target, LinksAreResolvedInsideTheRoot) {
  link("absolute", "/etc");
  link("relative", "etc");
  link("up", "../outside");
  link("far", outside_);
  link("deep", "etc/../../../../outside");
  EXPECT_EQ(opened("absolute/x"), "/etc/x");
  EXPECT_EQ(opened("relative/y"), "/etc/y");
  EXPECT_EQ(opened("up/x"), "/outside/x");
  EXPECT_EQ(opened("deep/y"), "/outside/y");
  EXPECT_EQ(opened("far/z"), outside_.string() + "/z") << "the same path, below the root";
  EXPECT_TRUE(is_outside_untouched());
}

TEST_F(Target, ATargetIsMadeWhereADanglingLinkPoints) {
  link("absolute", "/srv/data");
  link("relative", "srv/files");
  link("chain", "absolute/more");
  link("escaping", "../../outside/x");
  EXPECT_EQ(opened("absolute"), "/srv/data");
  EXPECT_EQ(opened("relative/below"), "/srv/files/below");
  EXPECT_EQ(opened("chain"), "/srv/data/more");
  EXPECT_EQ(opened("escaping"), "/outside/x");
  EXPECT_EQ(opened("etc/resolv.conf", TargetKind::File), "/etc/resolv.conf");
  EXPECT_TRUE(is_outside_untouched());
}

TEST_F(Target, ADanglingLinkToAFileBecomesAFile) {
  link("etc/resolv.conf", "../run/resolve/stub.conf");
  EXPECT_EQ(opened("/etc/resolv.conf", TargetKind::File), "/run/resolve/stub.conf");
  EXPECT_TRUE(fs::is_regular_file(root_ / "run/resolve/stub.conf"));
}

TEST_F(Target, AnEndlessLinkIsAnError) {
  link("self", "self");
  link("a", "b");
  link("b", "a");
  link("growing", "growing/more");
  link("etc/spiral", "../etc/spiral/spiral");
  for (const char* path : {"self", "a/x", "growing", "growing/x", "etc/spiral"})
    EXPECT_EQ(opened(path), "ELOOP") << path;
}

TEST_F(Target, AChainOfTooManyDanglingLinksIsAnError) {
  for (int i = 0; i < 40; ++i) link("link" + std::to_string(i), "link" + std::to_string(i + 1));
  EXPECT_EQ(opened("link0"), "ELOOP");
}

TEST_F(Target, ATargetBelowAFileIsAnError) {
  EXPECT_EQ(opened("/etc/hosts", TargetKind::File), "/etc/hosts");
  EXPECT_EQ(opened("/etc/hosts/x"), "ENOTDIR");
}

TEST_F(Target, AnExistingTargetOfAnotherKindIsAnError) {
  EXPECT_EQ(opened("/etc", TargetKind::File), "EISDIR");
  EXPECT_EQ(opened("/etc/hosts", TargetKind::File), "/etc/hosts");
  EXPECT_EQ(opened("/etc/hosts"), "ENOTDIR");
}

TEST_F(Target, APathThatIsTooLongIsAnError) {
  EXPECT_EQ(opened("/" + std::string(256, 'x')), "ENAMETOOLONG");
  std::string path;
  while (path.size() <= PATH_MAX) path += "/" + std::string(200, 'x');
  EXPECT_EQ(opened(path), "ENAMETOOLONG");
}

TEST_F(Target, MagicLinksOfProcAreNotFollowed) {
  const Fd proc(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_LT(open_target(proc.get(), "self/root/etc", TargetKind::Directory), 0);
  EXPECT_EQ(errno, ELOOP);
  EXPECT_LT(open_existing(proc.get(), "self/cwd"), 0);
  EXPECT_EQ(errno, ELOOP);
}

// Any rename on the machine may make openat2(2) fail with EAGAIN for a path with "..".
TEST_F(Target, ATargetIsFoundDuringConcurrentRenames) {
  std::string there_and_back;
  for (int time = 0; time < 100; ++time) there_and_back += "etc/../";
  link("deep", there_and_back + "etc");
  fs::create_directory(outside_ / "x");
  std::atomic<int> renames = 0;
  std::jthread renamer([&](const std::stop_token& stop) {
    for (bool there = true; !stop.stop_requested(); there = !there, ++renames)
      fs::rename(outside_ / (there ? "x" : "y"), outside_ / (there ? "y" : "x"));
  });
  while (renames < 5000) {
    ASSERT_EQ(opened("deep/x"), "/etc/x");
    ASSERT_EQ(found("deep/x"), "/etc/x");
  }
}

TEST_F(Target, LookingUpATargetMakesNothing) {
  link("dangling", "nowhere");
  EXPECT_EQ(found("/etc"), "/etc");
  EXPECT_EQ(found("/"), "/");
  EXPECT_EQ(found("/missing"), "ENOENT");
  EXPECT_EQ(found("/dangling"), "ENOENT");
  EXPECT_FALSE(fs::exists(root_ / "missing"));
  EXPECT_FALSE(fs::exists(root_ / "nowhere"));
}

}  // namespace
}  // namespace podrun::ns
