// Images on the host's disk.
#include "namespaces/launch/image_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "tests/opened_files.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class ImageStore : public testing::Test {
 protected:
  /// Makes ROOT/FOLDER/rootfs and returns its path.
  std::string make_image(const std::string& root, const std::string& folder) {
    fs::create_directories(directory_ / root + "/" + folder + "/rootfs/etc");
    return directory_ / root + "/" + folder + "/rootfs";
  }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  Result<pod::Image> find(const std::string& reference) {
    return find_image(reference, {directory_ / "first", directory_ / "second"});
  }

  supervisor::TemporaryDirectory directory_;
};

class RootImageStore : public ImageStore {};

TEST_F(ImageStore, NoTagMeansLatest) {
  const std::string rootfs = make_image("first", "localhost/busybox/latest");
  EXPECT_EQ(find("localhost/busybox").value().rootfs, rootfs);
  EXPECT_EQ(find("localhost/busybox:latest").value().rootfs, rootfs);
}

TEST_F(ImageStore, ThePortOfARegistryIsNoTag) {
  const std::string latest = make_image("first", "localhost:5000/app/latest");
  const std::string other = make_image("first", "localhost:5000/app/1.2");
  EXPECT_EQ(find("localhost:5000/app").value().rootfs, latest);
  EXPECT_EQ(find("localhost:5000/app:1.2").value().rootfs, other);
}

TEST_F(ImageStore, TheFirstImageRootThatHasTheImageWins) {
  const std::string second = make_image("second", "app/latest");
  EXPECT_EQ(find("app").value().rootfs, second);
  const std::string first = make_image("first", "app/latest");
  EXPECT_EQ(find("app").value().rootfs, first);
}

TEST_F(ImageStore, AMissingImageSaysWhereItWasLookedFor) {
  const auto image = find("localhost/nginx:1.25");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().message,
            "image localhost/nginx:1.25: not found on this host\n  looked for " +
                (directory_ / "first/localhost/nginx/1.25/rootfs") + "\n  looked for " +
                (directory_ / "second/localhost/nginx/1.25/rootfs"));
}

TEST_F(ImageStore, TheHintOfAMissingImageListsImagesAndSaysHowToBringOne) {
  const std::vector<std::string> roots{directory_ / "first", directory_ / "second"};
  EXPECT_TRUE(image_hint("app", roots).starts_with("\n  folders of images on this host: none; podrun image ls "));
  make_image("first", "localhost/busybox/latest");
  make_image("second", "team/deep/app/1.2");
  make_image("second", "localhost/busybox/latest");
  fs::create_directories(directory_ / "second/rootfs");
  EXPECT_EQ(images_below(roots), (std::vector<std::string>{"localhost/busybox", "team/deep/app:1.2"}));
  EXPECT_EQ(image_hint("busybox:1.36", roots),
            "\n  folders of images on this host: localhost/busybox, team/deep/app:1.2"
            "; podrun image ls lists the image store, too"
            "\n  did you mean localhost/busybox?"
            "\n  to bring podman's or docker's image of that name here:"
            "\n    podman save busybox:1.36 | podrun image load -");
  EXPECT_EQ(similar_image("busybox:1.36", roots), "localhost/busybox");
  EXPECT_EQ(similar_image("registry.example/other", roots), "");
  EXPECT_NE(image_hint("team/deep/ap:1.2", roots).find("did you mean team/deep/app:1.2?"), std::string::npos);
  EXPECT_EQ(image_hint("a b", roots).find("podman"), std::string::npos) << "a shell would take it for two words";
}

TEST_F(ImageStore, ARootfsReferenceIsThatDirectory) {
  const std::string rootfs = make_image("anywhere", "x");
  write(rootfs + "/etc/passwd", "app:x:7:7::/:/bin/sh\n");
  const auto image = find("rootfs:" + rootfs);
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->rootfs, rootfs);
  EXPECT_EQ(image->passwd, "app:x:7:7::/:/bin/sh\n");
  EXPECT_EQ(image->group, "");
  const auto missing = find("rootfs:/no/such/dir");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "image rootfs:/no/such/dir: no such directory");
}

TEST_F(ImageStore, AnImagesConfigIsReadAndItsFileNamedInErrors) {
  const std::string rootfs = make_image("first", "app/latest");
  const std::string config = fs::path(rootfs).parent_path() / "config.json";
  write(config, R"({"config": {"Cmd": ["serve"], "User": "app"}})");
  EXPECT_EQ(find("app").value().config.cmd, std::vector<std::string>{"serve"});
  EXPECT_EQ(find("app").value().config.user, "app");
  write(config, R"({"config": {"Cmd": "serve"}})");
  const auto image = find("app");
  ASSERT_FALSE(image);
  EXPECT_TRUE(image.error().message.starts_with(config + ": ")) << image.error().message;
}

TEST_F(ImageStore, AnImagesLinksAreResolvedInsideIt) {
  const std::string rootfs = make_image("first", "app/latest");
  write(directory_ / "secret", "the host's\n");
  fs::create_symlink("../../../../../secret", rootfs + "/etc/passwd");
  fs::create_symlink(directory_ / "secret", rootfs + "/etc/group");
  EXPECT_EQ(find("app").value().passwd, "");
  EXPECT_EQ(find("app").value().group, "");
  write(rootfs + "/secret", "the image's\n");
  EXPECT_EQ(find("app").value().passwd, "the image's\n");
}

TEST_F(ImageStore, AFifoOrDirectoryAsAccountFileCountsAsEmpty) {
  const std::string rootfs = make_image("first", "app/latest");
  ASSERT_EQ(::mkfifo((rootfs + "/etc/passwd").c_str(), 0600), 0);
  fs::create_directory(rootfs + "/etc/group");
  const auto image = find("app");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->passwd + image->group, "");
}

TEST_F(ImageStore, AFifoOfAnImageIsNotOpened) {
  const std::string rootfs = make_image("first", "app/latest");
  const std::string config = fs::path(rootfs).parent_path() / "config.json";
  const std::vector<std::string> paths{rootfs + "/etc/passwd", rootfs + "/etc/group", config};
  const test::OpenedFiles opened;
  for (const std::string& path : paths) {
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    ASSERT_TRUE(opened.watch(path));
  }
  const auto image = find("app");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().message, config + ": it is not a regular file");
  fs::remove(config);
  EXPECT_TRUE(find("app"));
  EXPECT_FALSE(opened.any());
  const Fd fifo(::open(paths[0].c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_TRUE(opened.any()) << "the test would have seen it";
}

TEST_F(RootImageStore, ADeviceOfAnImageIsNotOpened) {
  const std::string rootfs = make_image("first", "app/latest");
  const test::OpenedFiles opened;
  for (const std::string& path : {rootfs + "/etc/passwd", rootfs + "/etc/group"}) {
    ASSERT_EQ(::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)), 0);
    ASSERT_TRUE(opened.watch(path));
  }
  const auto image = find("app");
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ(image->passwd + image->group, "");
  EXPECT_FALSE(opened.any());
}

TEST_F(ImageStore, TheDirectoriesAboveAnImageAreListedWithTheirModes) {
  const std::string rootfs = make_image("first", "app/latest");
  ASSERT_EQ(::chmod(rootfs.c_str(), 0700), 0);
  ASSERT_EQ(::chmod(fs::path(rootfs).parent_path().c_str(), 0751), 0);
  const auto way = image_path_directories(rootfs);
  ASSERT_GE(way.size(), 5U);
  EXPECT_EQ(way.front().path, "/");
  EXPECT_EQ(way.back().path, rootfs);
  EXPECT_EQ(way.back().mode & 07777, 0700U);
  EXPECT_EQ(way[way.size() - 2].path, fs::path(rootfs).parent_path());
  EXPECT_EQ(way[way.size() - 2].mode & 07777, 0751U);
}

TEST_F(ImageStore, AnAccountFileAboveOneMebibyteIsAnError) {
  const std::string rootfs = make_image("first", "app/latest");
  write(rootfs + "/etc/passwd", std::string((1 << 20) + 1, 'x'));
  const auto image = find("app");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().number, EFBIG);
}

}  // namespace
}  // namespace podrun::ns
