// Detached mounts on a real kernel: overlays of many layers, and clones of trees, which add no mount to the host.
#include "namespaces/volumes/mounts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/volumes/overlay.hpp"
#include "tests/namespaces/mount_namespace.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using pod::host::Layer;

constexpr PodMounts no_pod{.pause = -1, .cells = -1};

/// The lines of the calling thread's mountinfo that name a mount point.
std::vector<std::string> mounts_at(const std::string& point) {
  std::vector<std::string> found;
  std::ifstream mounts("/proc/thread-self/mountinfo");
  for (std::string line; std::getline(mounts, line);)
    if (line.find(" " + point + " ") != std::string::npos) found.push_back(line);
  return found;
}

class RootMounts : public testing::Test {
 protected:
  RootMounts() { fs::create_directories(point_); }

  std::string make_layer(const std::string& name) {
    fs::create_directories(directory_ / name);
    return directory_ / name;
  }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  static std::string read(const std::string& path) { return supervisor::contents_of(path); }

  pod::host::OverlayRoot root_of(std::vector<std::string> layers, Layer layer) {
    return {.to = 4,
            .image = "test",
            .layers = std::move(layers),
            .directory = directory_ / "writable",
            .layer = layer};
  }
  /// Both kinds of writable layer, or only the one that this machine supports.
  std::vector<Layer> kinds() {
    return read_host_facts(directory_ / "").overlay_on_storage ? std::vector{Layer::Disk, Layer::Memory}
                                                               : std::vector{Layer::Memory};
  }
  void attach(const Result<Fd>& mount) {
    ASSERT_TRUE(mount) << mount.error().message;
    const Fd target(::open(point_.c_str(), O_PATH | O_CLOEXEC));
    ASSERT_EQ(sys::move_mount(mount->get(), target.get()), 0);
  }
  void detach() { ASSERT_EQ(::umount2(point_.c_str(), MNT_DETACH), 0); }

  supervisor::TemporaryDirectory directory_;
  std::string point_ = directory_ / "point";
};

TEST_F(RootMounts, SeventyLayersWithAwkwardNamesMakeOneRoot) {
  std::vector<std::string> layers;
  for (int i = 0; i < 70; ++i) {
    layers.push_back(make_layer(fmt::format("layer,with:a name=\\x {} {:03}", std::string(200, 'y'), i)));
    write(fmt::format("{}/file{}", layers.back(), i), "");
  }
  in_mount_namespace([&] {
    int instance = 0;
    for (const Layer kind : kinds()) {
      attach(make_overlay(root_of(layers, kind), instance++));
      EXPECT_EQ(std::distance(fs::directory_iterator(point_), {}), 70);
      detach();
    }
  });
}

TEST_F(RootMounts, ARootKeepsItsImagesModeUnlessOthersCannotEnterIt) {
  for (const auto& [image, root] : {std::pair{0755, 0755}, {0711, 0711}, {01777, 01777}, {0700, 0755}}) {
    const std::string layer = make_layer(fmt::format("layer{:o}", image));
    ASSERT_EQ(::chmod(layer.c_str(), static_cast<mode_t>(image)), 0);
    in_mount_namespace([&] {
      int instance = 0;
      for (const Layer kind : kinds()) {
        attach(make_overlay(root_of({layer}, kind), instance++));
        struct stat status{};
        ASSERT_EQ(::stat(point_.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 07777, static_cast<mode_t>(root)) << fmt::format("{:o}", image);
        detach();
      }
    });
  }
}

TEST_F(RootMounts, ALinkInPlaceOfALayerIsAnError) {
  make_layer("elsewhere");
  fs::create_symlink("elsewhere", directory_ / "layer");
  for (const Layer kind : kinds()) {
    const auto mount = make_overlay(root_of({directory_ / "layer"}, kind), 0);
    ASSERT_FALSE(mount);
    EXPECT_EQ(mount.error().message, directory_ / "layer" + ": a link has taken its place since the pod's start");
  }
}

TEST_F(RootMounts, TheFirstLayerIsTheUppermost) {
  const std::vector<std::string> layers{make_layer("top"), make_layer("bottom")};
  write(layers[0] + "/file", "top");
  write(layers[1] + "/file", "bottom");
  in_mount_namespace([&] {
    attach(make_overlay(root_of(layers, kinds().front()), 0));
    EXPECT_EQ(read(point_ + "/file"), "top");
  });
}

TEST_F(RootMounts, ARootsMountOptionsNameNoPathOfTheHost) {
  const std::vector<std::string> layers{make_layer("image")};
  in_mount_namespace([&] {
    for (const Layer kind : kinds()) {
      attach(make_overlay(root_of(layers, kind), static_cast<int>(kind)));
      const auto lines = mounts_at(point_);
      ASSERT_EQ(lines.size(), 1U);
      const std::string options = lines[0].substr(lines[0].find(" - "));
      EXPECT_EQ(options.find('/'), std::string::npos) << options;
      EXPECT_NE(options.find("volatile"), std::string::npos) << options;
      detach();
    }
  });
}

TEST_F(RootMounts, ARootHasTheOwnerAndModeOfItsImage) {
  const std::vector<std::string> layers{make_layer("image")};
  ASSERT_EQ(::chown(layers[0].c_str(), 1000, 2000), 0);
  ASSERT_EQ(::chmod(layers[0].c_str(), 01751), 0);
  in_mount_namespace([&] {
    for (const Layer kind : kinds()) {
      attach(make_overlay(root_of(layers, kind), static_cast<int>(kind)));
      struct stat status {};
      ASSERT_EQ(::stat(point_.c_str(), &status), 0);
      EXPECT_EQ(status.st_uid, 1000U);
      EXPECT_EQ(status.st_gid, 2000U);
      EXPECT_EQ(status.st_mode & 07777, 01751U);
      detach();
    }
  });
}

TEST_F(RootMounts, EachInstanceWritesToALayerOfItsOwn) {
  const std::vector<std::string> layers{make_layer("image")};
  write(layers[0] + "/file", "image");
  in_mount_namespace([&] {
    for (const Layer kind : kinds()) {
      for (int instance = 0; instance < 2; ++instance) {
        attach(make_overlay(root_of(layers, kind), static_cast<int>(kind) * 2 + instance));
        EXPECT_EQ(read(point_ + "/file"), "image");
        write(point_ + "/file", "changed");
        EXPECT_EQ(read(point_ + "/file"), "changed");
        detach();
      }
    }
  });
  EXPECT_EQ(read(layers[0] + "/file"), "image");
}

TEST_F(RootMounts, AnInstanceLaunchedAgainHasAnEmptyWritableLayer) {
  const std::vector<std::string> layers{make_layer("image")};
  in_mount_namespace([&] {
    for (const Layer kind : kinds()) {
      attach(make_overlay(root_of(layers, kind), 0));
      write(point_ + "/file", "of the first launch");
      attach(make_overlay(root_of(layers, kind), 0));  // while the first is still mounted, as in a restart
      EXPECT_FALSE(fs::exists(point_ + "/file"));
      detach();
      detach();
    }
  });
}

TEST_F(RootMounts, ALayerInMemoryNeverReachesTheDisk) {
  const std::vector<std::string> layers{make_layer("image")};
  in_mount_namespace([&] {
    attach(make_overlay(root_of(layers, Layer::Memory), 7));
    write(point_ + "/file", "text");
    EXPECT_EQ(read(point_ + "/file"), "text");
    EXPECT_TRUE(mounts_at(directory_ / "writable/7").empty());
  });
  EXPECT_TRUE(fs::is_empty(directory_ / "writable/7"));
}

TEST_F(RootMounts, ADeviceNodeInARootCannotBeOpened) {
  const std::vector<std::string> layers{make_layer("image")};
  ASSERT_EQ(::mknod((layers[0] + "/null").c_str(), S_IFCHR | 0666, ::makedev(1, 3)), 0);
  in_mount_namespace([&] {
    for (const Layer kind : kinds()) {
      attach(make_overlay(root_of(layers, kind), static_cast<int>(kind)));
      EXPECT_LT(::open((point_ + "/null").c_str(), O_RDONLY | O_CLOEXEC), 0);
      EXPECT_EQ(errno, EACCES);
      detach();
    }
  });
}

TEST_F(RootMounts, AMissingLayerIsNamed) {
  for (const Layer kind : kinds()) {
    const auto root = make_overlay(root_of({"/no/such/layer"}, kind), 0);
    ASSERT_FALSE(root);
    EXPECT_EQ(root.error().message, "/no/such/layer: No such file or directory");
  }
  const auto tree = clone_tree({.to = 4, .source = "/no/such/volume", .label = "volume"}, no_pod);
  ASSERT_FALSE(tree);
  EXPECT_EQ(tree.error().message, "/no/such/volume: No such file or directory");
}

TEST_F(RootMounts, MakingAMountAttachesNothing) {
  const std::vector<std::string> layers{make_layer("image")};
  in_mount_namespace([&] {
    const std::string before = read("/proc/thread-self/mountinfo");
    for (const Layer kind : kinds()) EXPECT_TRUE(make_overlay(root_of(layers, kind), static_cast<int>(kind)));
    EXPECT_TRUE(clone_tree({.to = 4, .source = directory_ / "", .label = "volume"}, no_pod));
    EXPECT_EQ(read("/proc/thread-self/mountinfo"), before);
  });
}

TEST_F(RootMounts, ACloneIncludesTheMountsBelowItsSource) {
  make_layer("volume/inner");
  in_mount_namespace([&] {
    ASSERT_EQ(::mount("inner", (directory_ / "volume/inner").c_str(), "tmpfs", 0, nullptr), 0);
    write(directory_ / "volume/inner/file", "inner");
    attach(clone_tree({.to = 4, .source = directory_ / "volume", .label = "volume"}, no_pod));
    EXPECT_EQ(read(point_ + "/inner/file"), "inner");
  });
}

TEST_F(RootMounts, AFileCanBeCloned) {
  write(directory_ / "file", "text");
  write(directory_ / "target", "");
  point_ = directory_ / "target";
  in_mount_namespace([&] {
    attach(clone_tree({.to = 4, .source = directory_ / "file", .label = "hosts"}, no_pod));
    EXPECT_EQ(read(point_), "text");
  });
}

TEST_F(RootMounts, AMountInACloneDoesNotPropagateToASharedHost) {
  make_layer("volume/inner");
  const auto host = [&] {
    const Result<Fd> volume = clone_tree({.to = 4, .source = directory_ / "volume", .label = "volume"}, no_pod);
    const std::string hosts_mounts = fmt::format("/proc/self/task/{}/mountinfo", ::gettid());
    const std::string before = read(hosts_mounts);
    in_mount_namespace([&] {
      attach(volume);
      ASSERT_EQ(::mount("inner", (point_ + "/inner").c_str(), "tmpfs", 0, nullptr), 0);
      EXPECT_EQ(mounts_at(point_ + "/inner").size(), 1U);
      EXPECT_EQ(read(hosts_mounts), before);
    });
  };
  in_mount_namespace(host, Propagation::Shared);
}

}  // namespace
}  // namespace podrun::ns
