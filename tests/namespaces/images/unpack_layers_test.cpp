// Several layers at once.
#include "namespaces/images/unpack_layers.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

#include "namespaces/kernel/channel.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {
namespace fs = std::filesystem;

class RootUnpackLayers : public testing::Test {
 protected:
  /// Adds a layer whose blob is in memory, or that of a descriptor.
  void add(int blob) {
    const std::string folder = world_.folder() + "/layer" + std::to_string(layers_.size());
    fs::create_directory(folder);
    folders_.emplace_back(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    layers_.push_back({.name = "layer " + std::to_string(layers_.size() + 1), .blob = blob,
                       .folder = folders_.back().get()});
  }
  void add(const TarArchive& archive) {
    blobs_.push_back(blob_of(archive.finish()));
    add(blobs_.back().get());
  }
  auto unpack(unsigned at_once) { return ns::unpack_layers(world_.program(), layers_, at_once); }
  /// Whether this process has no child that runs.
  static bool nothing_runs() { return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

  UnpackerWorld world_;
  std::vector<Fd> blobs_, folders_;
  std::vector<ns::LayerToUnpack> layers_;
};

}  // namespace

TEST_F(RootUnpackLayers, TheReportsAreInTheLayersOrder) {
  for (int i = 0; i < 20; ++i) {
    TarArchive archive;
    for (int j = 0; j <= i; ++j) archive.file("f" + std::to_string(j));
    add(archive);
  }
  for (const unsigned at_once : {1U, 3U, 0U}) {
    const auto reports = unpack(at_once);
    ASSERT_TRUE(reports) << reports.error().message;
    ASSERT_EQ(reports->size(), 20U);
    for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ((*reports)[i].entries, i + 1);
    for (const Fd& blob : blobs_) ::lseek(blob.get(), 0, SEEK_SET);
  }
  EXPECT_TRUE(nothing_runs());
}

TEST_F(RootUnpackLayers, AnErrorNamesTheLayerAndEndsTheOthers) {
  ns::Channel endless = ns::make_pipe().value();
  add(TarArchive().file("a"));
  add(endless.first.get());
  add(TarArchive().file("../a"));
  add(TarArchive().file("never"));
  const auto reports = unpack(3);
  ASSERT_FALSE(reports);
  EXPECT_EQ(reports.error().message, "layer 3: the entry \"../a\": its name contains \"..\"");
  EXPECT_TRUE(nothing_runs());
}

// Each layer is unpacked by itself: what the others have made leads nowhere.
TEST_F(RootUnpackLayers, ALinkOfALayerBelowIsNotFollowed) {
  const std::string victim = world_.folder() + "/victim", before = UnpackerWorld::tree_of(victim);
  add(TarArchive().folder("folder").file("folder/file", "below"));
  add(TarArchive().file(".wh.folder").symlink("link", victim).symlink("folder", victim));
  add(TarArchive().file("folder/file", "mine").file("link/file", "mine").file("folder/.wh.x"));
  const auto reports = unpack(0);
  ASSERT_TRUE(reports) << reports.error().message;
  EXPECT_EQ(UnpackerWorld::tree_of(victim), before);
  EXPECT_EQ(fs::read_symlink(world_.folder() + "/layer1/folder"), victim);
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(world_.folder() + "/layer2/folder")));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(world_.folder() + "/layer2/link/file")));
}

TEST_F(RootUnpackLayers, AFullDiskIsAnErrorOfItsEntry) {
  std::string message;
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNS | CLONE_FS), 0);
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    const std::string small = world_.folder() + "/small";
    fs::create_directory(small);
    ASSERT_EQ(::mount("small", small.c_str(), "tmpfs", 0, "size=1m"), 0);
    const Fd folder(::open(small.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    blobs_.push_back(blob_of(TarArchive().file("fits").file("large", std::string(2 << 20, 'x')).finish()));
    layers_.push_back({.name = "layer 1", .blob = blobs_.back().get(), .folder = folder.get()});
    message = unpack(0).error().message;
  }).join();
  EXPECT_EQ(message, "layer 1: the entry \"large\": write: No space left on device");
}

TEST_F(RootUnpackLayers, NoLayersAreNoWork) {
  const auto reports = unpack(0);
  ASSERT_TRUE(reports);
  EXPECT_TRUE(reports->empty());
}

TEST_F(RootUnpackLayers, AStarterWithAWrongFolderIsToldSo) {
  add(TarArchive().file("a"));
  layers_[0].folder = blobs_[0].get();
  const auto reports = unpack(0);
  ASSERT_FALSE(reports);
  EXPECT_NE(reports.error().message.find("podrun-unpacker"), std::string::npos) << reports.error().message;
}

}  // namespace podrun::tests
