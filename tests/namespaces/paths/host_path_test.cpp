// hostPaths: the files that they lead to, and links on the way that a container could have made.
#include "namespaces/paths/host_path.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/namespaces/mount_namespace.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class HostPaths : public testing::Test {
 protected:
  HostPaths() {
    fs::create_directories(directory_ / "shared/sub");
    fs::create_directories(directory_ / "secret/sub");
    top_ = fs::canonical(directory_ / "");
  }

  void link(const std::string& name, const std::string& to) const { fs::create_symlink(to, top_ / name); }
  /// The path that was opened, relative to the directory; or the name of the errno.
  std::string resolved(const std::string& path, bool only_below = false) const {
    const auto way =
        resolve_host_path((top_ / path).string(),
                          {{.path = (top_ / "shared").string(), .label = "the shared one", .only_below = only_below}});
    if (!way) return way.error().message;
    return *way == top_ ? "." : fs::path(*way).lexically_relative(top_).string();
  }

  supervisor::TemporaryDirectory directory_;
  fs::path top_;
};

TEST_F(HostPaths, LinksOfTheHostAreFollowed) {
  link("absolute", (top_ / "secret").string());
  link("relative", "absolute/sub/..");
  link("shared-by-link", "shared");
  EXPECT_EQ(resolved("secret/./sub/../sub/"), "secret/sub");
  EXPECT_EQ(resolved("absolute/sub"), "secret/sub");
  EXPECT_EQ(resolved("relative/sub"), "secret/sub");
  EXPECT_EQ(resolved("shared-by-link/sub"), "shared/sub") << "a link to where containers write, not in it";
  EXPECT_EQ(resolve_host_path("/", {}).value(), "/");
  EXPECT_EQ(resolve_host_path("/..//.", {}).value(), "/");
}

TEST_F(HostPaths, MissingPartsOfAPathAreKept) {
  link("dangling", "nowhere/at/all");
  EXPECT_EQ(resolved("missing/a/../b"), "missing/b");
  EXPECT_EQ(resolved("dangling/b"), "nowhere/at/all/b");
  EXPECT_EQ(resolved("shared/missing/b"), "shared/missing/b");
}

TEST_F(HostPaths, ALinkWhereContainersCanWriteIsRefused) {
  const auto refused = [&](const std::string& name) {
    return (top_ / name).string() +
           " is a symbolic link in the shared one, which containers can write: it is not followed";
  };
  link("shared/out", "../secret");
  link("shared/sub/in", "..");
  link("shared/dangling", "nowhere");
  link("to-the-link", "shared/out");
  EXPECT_EQ(resolved("shared/out"), refused("shared/out"));
  EXPECT_EQ(resolved("shared/out/sub"), refused("shared/out"));
  EXPECT_EQ(resolved("shared/sub/in"), refused("shared/sub/in"));
  EXPECT_EQ(resolved("shared/dangling"), refused("shared/dangling"));
  EXPECT_EQ(resolved("to-the-link/sub"), refused("shared/out"));
  EXPECT_EQ(resolved("secret/../shared/out"), refused("shared/out"));
  EXPECT_EQ(resolved("shared/sub"), "shared/sub");
}

TEST_F(HostPaths, ALinkToItselfIsLeftUnresolved) {
  link("self", "self");
  EXPECT_EQ(resolved("self/x"), "self/x");
}

class RootHostPaths : public HostPaths {};

// `readOnly` without `recursiveReadOnly` leaves mounts below the volume writable.
TEST_F(RootHostPaths, ALinkInAMountBelowAReadOnlyHostPathIsRefused) {
  link("shared/own", "../secret");
  in_mount_namespace([&] {
    ASSERT_EQ(::mount("below", (top_ / "shared/sub").c_str(), "tmpfs", 0, nullptr), 0);
    link("shared/sub/other", "../../secret");
    EXPECT_EQ(resolved("shared/own", true), "secret");
    EXPECT_NE(resolved("shared/sub/other", true).find("it is not followed"), std::string::npos);
  });
}

TEST_F(HostPaths, MissingHostPathsAreMadeWithoutFollowingLinks) {
  link("shared/out", "../secret");
  const mode_t umask = ::umask(077);
  EXPECT_TRUE(make_host_directories((top_ / "shared/a/b").string()));
  EXPECT_TRUE(make_host_file((top_ / "shared/a/f").string()));
  ::umask(umask);
  struct stat status{};
  ASSERT_EQ(::stat((top_ / "shared/a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0755U);
  ASSERT_EQ(::stat((top_ / "shared/a/f").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U);
  const auto directory = make_host_directories((top_ / "shared/out/made").string());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().number, ELOOP);
  const auto file = make_host_file((top_ / "shared/out/made").string());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().number, ELOOP);
  EXPECT_FALSE(fs::exists(top_ / "secret/made"));
}

}  // namespace
}  // namespace podrun::ns
