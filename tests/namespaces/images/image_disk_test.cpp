// The image store on a disk that is full, and on one that loses power.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "tests/namespaces/btrfs_disk.hpp"
#include "tests/namespaces/images/stopped_child.hpp"
#include "tests/namespaces/images/store_on_disk.hpp"
#include "tests/namespaces/mount_namespace.hpp"

namespace podrun::ns {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

/// Leaves so many pages of a disk free.
void fill(const std::string& disk, std::size_t pages) {
  const std::string path = disk + "/filler";
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const std::string page(4096, 'x');
  off_t size = 0;
  while (::write(file.get(), page.data(), page.size()) == static_cast<ssize_t>(page.size()))
    size += static_cast<off_t>(page.size());
  ASSERT_EQ(::ftruncate(file.get(), std::max<off_t>(0, size - static_cast<off_t>(pages * page.size()))), 0);
}

TEST(RootImagesDisk, AFullDiskIsAnErrorAndLeavesNothing) {
  in_mount_namespace([] {
    supervisor::TemporaryDirectory directory;
    mount_memory(directory / "disk", "size=1m");
    const ImageStore store(directory / "disk/.store");
    ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "old"}));
    std::size_t failures = 0;
    for (std::size_t pages = 0;; ++pages) {
      ASSERT_LT(pages, 100U) << "it never succeeds";
      bool stored = false;
      {
        const Staging staging = *store.stage();
        const NewLayer layers[]{make_layer(staging, "new")};
        const auto base = store.hold_layer(diff_id_of("base"));
        fill(directory / "disk", pages);
        const auto held = store.commit_layers(staging, layers);
        const NewName names[]{{.canonical = "localhost/app:1"}};
        const auto image =
            held ? store.commit_image(staging, make_record({"base", "new"}), names) : std::unexpected(held.error());
        stored = image.has_value();
        if (!stored) {
          EXPECT_EQ(image.error().number, ENOSPC) << image.error().message;
          EXPECT_TRUE(image.error().message.contains("No space left on device")) << image.error().message;
        }
      }
      std::filesystem::remove(directory / "disk/filler");
      const std::string damage = damage_of(store);
      ASSERT_EQ(damage, "") << pages;
      EXPECT_EQ(entries_in(store, "staging"), 0U) << pages;
      EXPECT_EQ(layers_of(store, "localhost/app:1"), (stored ? Texts{"new", "base"} : Texts{"old", "base"})) << pages;
      if (stored) break;
      ++failures;
      ASSERT_TRUE(store.prune(PruneScope::Unnamed));
    }
    EXPECT_GT(failures, 2U);
  });
}

TEST(RootImagesDisk, AFullDiskIsNoObstacleToARemoval) {
  in_mount_namespace([] {
    supervisor::TemporaryDirectory directory;
    mount_memory(directory / "disk", "size=1m");
    const ImageStore store(directory / "disk/.store");
    ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "old"}));
    fill(directory / "disk", 1);
    const auto removed = store.remove_name("localhost/app:1");
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(removed->layers, 2U);
    EXPECT_EQ(entries_in(store, "layers") + entries_in(store, "staging"), 0U);
  });
}

/// A small ext4 file system in a file. What was not written out can be lost, as when the power fails.
class Ext4Disk {
 public:
  Ext4Disk() { std::filesystem::create_directories(place()); }
  ~Ext4Disk() { unmount(); }

  std::string place() const { return directory_ / "disk"; }
  /// What this machine lacks for it; "" if nothing.
  static std::string lacks() {
    if (::access("/dev/loop-control", R_OK | W_OK) < 0) return "there are no loop devices";
    if (::access("/sbin/mkfs.ext4", X_OK) < 0) return "e2fsprogs is not installed";
    return "";
  }
  void make() const {
    std::ofstream(image()).close();
    std::filesystem::resize_file(image(), 16 << 20);
    ASSERT_EQ(run_program({"/sbin/mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=4", image()}), 0);
  }
  /// Keeps the file system as it is, and has it again.
  void keep() const { std::filesystem::copy_file(image(), image() + ".kept"); }
  void restore() const {
    std::filesystem::copy_file(image() + ".kept", image(), std::filesystem::copy_options::overwrite_existing);
  }
  void mount() const { ASSERT_EQ(run_program({"/bin/mount", "-o", "loop", image(), place()}), 0); }
  void unmount() const { ::umount2(place().c_str(), 0); }
  /// From now on nothing reaches the disk, not even what is in the journal's memory: EXT4_IOC_SHUTDOWN without a flush.
  void lose_power() const {
    const Fd top(::open(place().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::uint32_t without_flush = 2;
    ASSERT_EQ(::ioctl(top.get(), _IOR('X', 125, std::uint32_t), &without_flush), 0);
  }

 private:
  std::string image() const { return directory_ / "image"; }

  supervisor::TemporaryDirectory directory_;
};

TEST(RootSlowImagesDisk, PowerThatFailsAtEachCallOfACommitDamagesNothing) {
  if (const std::string lacks = Ext4Disk::lacks(); !lacks.empty()) GTEST_SKIP() << lacks;
  in_mount_namespace([] {
    const Ext4Disk disk;
    const ImageStore store(disk.place() + "/.store");
    disk.make();
    disk.mount();
    ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "old"}));
    disk.unmount();
    disk.keep();
    for (int nth = 1;; ++nth) {
      disk.restore();
      disk.mount();
      int status = -1;
      const bool stopped = stopped_before(
          nth,
          [&] {
            const bool made = store_image(store, "localhost/app:1", {"base", "new"}).has_value();
            return made && store.prune(PruneScope::Unnamed) ? 0 : 1;
          },
          [&] { disk.lose_power(); }, status);
      if (!stopped) disk.lose_power();
      disk.unmount();
      disk.mount();
      const std::string damage = damage_of(store);
      ASSERT_EQ(damage, "") << "lost before call " << nth;
      const Texts layers = layers_of(store, "localhost/app:1");
      ASSERT_TRUE(layers == (Texts{"new", "base"}) || (stopped && layers == (Texts{"old", "base"}))) << nth;
      ASSERT_TRUE(store_image(store, "localhost/app:1", {"base", "new"})) << nth;
      disk.unmount();
      if (stopped) continue;
      EXPECT_EQ(status, 0);
      EXPECT_GT(nth, 150);
      break;
    }
  });
}

}  // namespace
}  // namespace podrun::ns
