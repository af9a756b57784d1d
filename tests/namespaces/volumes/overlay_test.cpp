// Overlays of images of the store on a real kernel: as many layers as an image may have, in each way of telling them.
#include "namespaces/volumes/overlay.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <set>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "tests/namespaces/image_layers.hpp"
#include "tests/namespaces/mount_namespace.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using pod::host::Layer;

constexpr PodMounts no_pod{.pause = -1, .cells = -1};

/// Every path below a directory, with the text of files.
std::map<std::string, std::string> tree_at(const std::string& directory) {
  std::map<std::string, std::string> tree;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const std::string path = entry.path().lexically_relative(directory);
    tree[path] = entry.is_symlink()     ? "-> " + fs::read_symlink(entry.path()).string()
                 : entry.is_directory() ? "/"
                                        : supervisor::contents_of(entry.path());
  }
  return tree;
}

const std::map<std::string, std::string> three_layers_merged{
    {"conf", "-> /etc"},   {"etc", "/"},        {"etc/passwd", "middle"},
    {"opt", "/"},          {"opt/new", "middle"}, {"round", "-> round"},
    {"srv", "/"},          {"srv/low", "low"},  {"srv/middle", "middle"},
    {"srv/same", "low"},   {"srv/top", "top"},  {"srv/up", "-> ../../../../etc/passwd"},
    {"turned", "/"},       {"turned/into", "a file"}};

class RootOverlays : public testing::Test {
 protected:
  RootOverlays() { fs::create_directories(point_); }

  pod::host::OverlayRoot root_of(std::vector<std::string> layers, Layer layer) {
    return {.to = 4,
            .image = "test",
            .layers = std::move(layers),
            .directory = layers_ / "writable",
            .layer = layer,
            .user_xattr = true};
  }
  static pod::host::CloneTree volume_of(std::vector<std::string> layers, std::string sub_path = "") {
    return {.to = 4,
            .source = layers.front(),
            .label = "image test",
            .sub_path = std::move(sub_path),
            .no_exec = true,
            .layers = layers,
            .user_xattr = true};
  }
  std::vector<Layer> kinds() {
    return read_host_facts(layers_ / "").overlay_on_storage ? std::vector{Layer::Disk, Layer::Memory}
                                                            : std::vector{Layer::Memory};
  }
  /// Calls `look` while the mount is at point_.
  void with(const Result<Fd>& mount, const std::function<void()>& look) {
    ASSERT_TRUE(mount) << mount.error().message;
    const Fd target(::open(point_.c_str(), O_PATH | O_CLOEXEC));
    ASSERT_EQ(sys::move_mount(mount->get(), target.get()), 0);
    look();
    ASSERT_EQ(::umount2(point_.c_str(), MNT_DETACH), 0);
  }
  /// Layers with a file each; each hides the file of the one two below it.
  std::vector<std::string> many(int count) {
    std::vector<std::string> paths;
    for (int i = 0; i < count; ++i) {
      const std::string layer = layers_.add(fmt::format("many{}/{}", count, i));
      tests::ImageLayers::write(fmt::format("{}/dir/file{}", layer, i), std::to_string(i));
      if (i >= 2) tests::ImageLayers::hide(fmt::format("{}/dir/file{}", layer, i - 2));
      paths.insert(paths.begin(), layer);
    }
    return paths;
  }
  static std::map<std::string, std::string> merged(int count) {
    std::map<std::string, std::string> tree{{"dir", "/"}};
    for (int i = std::max(0, count - 2); i < count; ++i) tree[fmt::format("dir/file{}", i)] = std::to_string(i);
    return tree;
  }

  tests::ImageLayers layers_;
  std::string point_ = layers_ / "point";
};

TEST_F(RootOverlays, ARootHasFromOneTo128Layers) {
  in_mount_namespace([&] {
    for (const int count : {1, 2, 85, 86, 128})
      for (const Layer kind : kinds()) {
        SCOPED_TRACE(fmt::format("{} layers, {}", count, kind == Layer::Disk ? "disk" : "memory"));
        with(make_overlay(root_of(many(count), kind), 0), [&] { EXPECT_EQ(tree_at(point_), merged(count)); });
      }
  });
}

TEST_F(RootOverlays, MountTakesThemWhereFsconfigDoesNot) {
  in_mount_namespace([&] {
    const std::string place = layers_.add("place");
    OverlayParts parts{.layers = open_layers(many(128)).value(),
                       .upper = std::move(open_layers({layers_.add("upper")}).value().front()),
                       .work = std::move(open_layers({layers_.add("work")}).value().front()),
                       .user_xattr = true};
    with(overlay_by_mount(parts, place), [&] {
      EXPECT_EQ(tree_at(point_), merged(128));
      tests::ImageLayers::write(point_ + "/dir/new", "new");
      struct statvfs status{};
      ASSERT_EQ(::statvfs(point_.c_str(), &status), 0);
      EXPECT_NE(status.f_flag & ST_NODEV, 0U);
    });
    EXPECT_EQ(supervisor::contents_of(layers_ / "upper/dir/new"), "new");
  });
}

TEST_F(RootOverlays, WhiteoutsAndOpaqueDirectoriesHideWhatIsBelow) {
  in_mount_namespace([&] {
    const auto layers = tests::three_layers(layers_);
    for (const Layer kind : kinds())
      with(make_overlay(root_of(layers, kind), 0), [&] { EXPECT_EQ(tree_at(point_), three_layers_merged); });
  });
}

TEST_F(RootOverlays, AWhiteoutInTheOnlyLayerIsNotSeen) {
  in_mount_namespace([&] {
    const std::string layer = layers_.add("one");
    tests::ImageLayers::hide(layer + "/gone");
    tests::ImageLayers::write(layer + "/file", "one");
    const std::map<std::string, std::string> expected{{"file", "one"}};
    for (const Layer kind : kinds())
      with(make_overlay(root_of({layer}, kind), 0), [&] { EXPECT_EQ(tree_at(point_), expected); });
    with(clone_tree(volume_of({layer}), no_pod), [&] { EXPECT_EQ(tree_at(point_), expected); });
  });
}

TEST_F(RootOverlays, ADirectoryThatWasRemovedAndMadeAgainIsEmpty) {
  in_mount_namespace([&] {
    with(make_overlay(root_of(tests::three_layers(layers_), kinds().front()), 0), [&] {
      fs::remove_all(point_ + "/srv");
      ASSERT_EQ(::mkdir((point_ + "/srv").c_str(), 0755), 0);
      EXPECT_TRUE(fs::is_empty(point_ + "/srv"));
    });
  });
}

TEST_F(RootOverlays, AnImageVolumeIsTheWholeImageReadOnly) {
  in_mount_namespace([&] {
    with(clone_tree(volume_of(tests::three_layers(layers_)), no_pod), [&] {
      EXPECT_EQ(tree_at(point_), three_layers_merged);
      EXPECT_LT(::mkdir((point_ + "/new").c_str(), 0755), 0);
      EXPECT_EQ(errno, EROFS);
      struct statvfs status{};
      ASSERT_EQ(::statvfs(point_.c_str(), &status), 0);
      constexpr unsigned long hardened = ST_NODEV | ST_NOSUID | ST_NOEXEC;
      EXPECT_EQ(status.f_flag & hardened, hardened);
    });
    for (const int count : {1, 86, 128})
      with(clone_tree(volume_of(many(count)), no_pod), [&] { EXPECT_EQ(tree_at(point_), merged(count)); });
  });
}

TEST_F(RootOverlays, APartOfAnImageVolumeIsFoundThroughItsLayers) {
  in_mount_namespace([&] {
    const auto layers = tests::three_layers(layers_);
    with(clone_tree(volume_of(layers, "srv"), no_pod), [&] {
      EXPECT_EQ(supervisor::contents_of(point_ + "/top"), "top");
      EXPECT_EQ(supervisor::contents_of(point_ + "/low"), "low");
    });
    with(clone_tree(volume_of(layers, "conf"), no_pod),
         [&] { EXPECT_EQ(supervisor::contents_of(point_ + "/passwd"), "middle"); });
    const auto missing = clone_tree(volume_of(layers, "gone"), no_pod);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "image test: its gone: No such file or directory");
  });
}

TEST_F(RootOverlays, NothingIsLeftOnTheHost) {
  in_mount_namespace([&] {
    const auto layers = tests::three_layers(layers_);
    const std::string before = supervisor::contents_of("/proc/thread-self/mountinfo");
    EXPECT_TRUE(clone_tree(volume_of(layers, "srv"), no_pod));
    EXPECT_TRUE(make_overlay(root_of(many(128), Layer::Memory), 1));
    EXPECT_EQ(supervisor::contents_of("/proc/thread-self/mountinfo"), before);
    EXPECT_FALSE(fs::exists(layers[0] + "/at"));
  });
}

TEST_F(RootOverlays, AMissingLayerOfAVolumeIsNamed) {
  const auto volume = clone_tree(volume_of({layers_.add("top"), "/no/such/layer"}), no_pod);
  ASSERT_FALSE(volume);
  EXPECT_EQ(volume.error().message, "/no/such/layer: No such file or directory");
}

}  // namespace
}  // namespace podrun::ns
