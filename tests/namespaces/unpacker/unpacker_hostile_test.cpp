// Layers that somebody has made to do harm: each is refused with the entry named, and nothing outside of the layer
// changes.
#include <gtest/gtest.h>

#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {

class RootUnpackerHostile : public testing::Test {
 protected:
  /// Expects that the archive is refused, and the error has the entry's name in quotes and the reason.
  void expect_refused(const TarArchive& archive, const std::string& name, const std::string& reason) {
    expect_error(archive.finish(), "the entry \"" + name + "\": " + reason);
  }
  void expect_error(std::string_view blob, const std::string& reason, const ns::LayerToUnpack& expected = {}) {
    const std::string refusal = world_.refusal(blob, expected);
    EXPECT_NE(refusal.find(reason), refusal.npos) << "\"" << refusal << "\" instead of " << reason;
    EXPECT_TRUE(refusal.starts_with("a layer: ")) << refusal;
  }

  UnpackerWorld world_;
};

}  // namespace

TEST_F(RootUnpackerHostile, NamesThatLeadUp) {
  for (const auto name : {"../victim/file", "a/../../victim/file", "/../victim/file", "a/..", "victim/.."})
    expect_refused(TarArchive().folder("a").file(name, "mine"), name, "its name contains \"..\"");
  expect_refused(TarArchive().file(".wh.x").file("../.wh.victim"), "../.wh.victim", "its name contains \"..\"");
  expect_refused(TarArchive().symlink("../link", "x"), "../link", "its name contains \"..\"");
  expect_refused(TarArchive().folder("../folder"), "../folder", "its name contains \"..\"");
  expect_refused(TarArchive().file("x", "mine", {.pax = {{"path", "../victim/file"}}}), "../victim/file", "its name");
  expect_refused(TarArchive().gnu_long('L', "../victim/file").file("x"), "../victim/file", "its name contains \"..\"");
}

TEST_F(RootUnpackerHostile, WritingThroughALink) {
  const std::string victim = world_.folder() + "/victim";
  for (const std::string& target : {victim, std::string("../victim"), std::string("/"), std::string("."),
                                    std::string("/proc/self/fd/3"), std::string("real")}) {
    const TarArchive archive = TarArchive().folder("real").symlink("link", target);
    const std::string reason = "it would be in \"link\", which is a link in this layer";
    expect_refused(TarArchive(archive).file("link/file", "mine"), "link/file", reason);
    expect_refused(TarArchive(archive).folder("link/folder"), "link/folder", reason);
    expect_refused(TarArchive(archive).symlink("link/link", "x"), "link/link", reason);
    expect_refused(TarArchive(archive).fifo("link/fifo"), "link/fifo", reason);
    expect_refused(TarArchive(archive).file("link/.wh.file"), "link/.wh.file", reason);
    expect_refused(TarArchive(archive).file("link/.wh..wh..opq"), "link/.wh..wh..opq", reason);
    expect_refused(TarArchive(archive).file("link/deep/file"), "link/deep/file", reason);
    expect_refused(TarArchive(archive).file("a").hard_link("link/hard", "a"), "link/hard", reason);
  }
}

TEST_F(RootUnpackerHostile, AFolderThatBecomesALink) {
  const std::string victim = world_.folder() + "/victim";
  expect_refused(TarArchive().folder("a").symlink("a", victim).file("a/file", "mine"), "a/file",
                 "it would be in \"a\", which is a link");
  expect_refused(TarArchive().file("a/file").symlink("a", victim).file("a/file", "mine"), "a",
                 "it would replace a folder of this layer that is not empty");
  expect_refused(TarArchive().file("a/b/file").file("a"), "a", "it would replace a folder of this layer");
  // A link that was the folder of the entry before.
  expect_refused(TarArchive().folder("a/b").file("c").symlink("a/b", victim).file("a/b/file"), "a/b/file",
                 "it would be in \"a/b\", which is a link");
}

TEST_F(RootUnpackerHostile, AFileThatLiesAtTheEndOfALink) {
  ASSERT_EQ(world_.refusal(TarArchive().symlink("link", world_.folder() + "/victim/file").file("link", "mine")), "");
  EXPECT_EQ(world_.content("link"), "mine") << "it has replaced the link";
}

TEST_F(RootUnpackerHostile, AnEntryInAFile) {
  expect_refused(TarArchive().file("a").file("a/b"), "a/b", "it would be in \"a\", which is no folder in this layer");
  expect_refused(TarArchive().fifo("a").file("a/b"), "a/b", "it would be in \"a\", which is no folder in this layer");
}

TEST_F(RootUnpackerHostile, HardLinksThatLeadOut) {
  const std::string victim = world_.folder() + "/victim/file";
  const auto is_none = [](const std::string& target) {
    return "it is a hard link to \"" + target + "\", which is not in this layer";
  };
  expect_refused(TarArchive().hard_link("a", "../victim/file"), "a", "the target of the hard link: its name contains");
  expect_refused(TarArchive().hard_link("a", "/etc/passwd"), "a", is_none("/etc/passwd"));
  expect_refused(TarArchive().symlink("link", "/etc").hard_link("a", "link/passwd"), "a", is_none("link/passwd"));
  expect_refused(TarArchive().symlink("link", "../victim").hard_link("a", "link/file"), "a", is_none("link/file"));
  expect_refused(TarArchive().symlink("link", "real").file("real/file").hard_link("a", "link/file"), "a",
                 is_none("link/file"));
  expect_refused(TarArchive().hard_link("a", "nothing"), "a", is_none("nothing"));
  expect_refused(TarArchive().hard_link("a", "a"), "a", is_none("a"));
  expect_refused(TarArchive().folder("d").hard_link("a", "d"), "a", "it is a hard link to \"d\", which is a folder");
  expect_refused(TarArchive().file(".wh.gone").hard_link("a", "gone"), "a", is_none("gone"));
  expect_error(TarArchive().hard_link("a", victim).finish(), "which is not in this layer");
}

TEST_F(RootUnpackerHostile, AttributesOfOverlayfs) {
  for (const auto name : {"user.overlay.opaque", "user.overlay.redirect", "user.overlay.metacopy",
                          "trusted.overlay.opaque", "trusted.overlay.redirect", "trusted.anything"}) {
    const TarMeta meta{.pax = {{"SCHILY.xattr." + std::string(name), "y"}}};
    const std::string reason = "its extended attribute \"" + std::string(name) + "\" would change";
    expect_refused(TarArchive().folder("a", meta), "a", reason);
    expect_refused(TarArchive().file("a", "x", meta), "a", reason);
    expect_refused(TarArchive().symlink("a", "x", meta), "a", reason);
    expect_refused(TarArchive().folder("./", meta), "./", reason);
  }
}

TEST_F(RootUnpackerHostile, NamesThatTheKernelDoesNotTake) {
  expect_error(TarArchive().file(std::string(256, 'n')).finish(), "has a part that is longer than 255 bytes");
  std::string deep;
  while (deep.size() < 4096) deep += "n/";
  expect_error(TarArchive().file(deep).finish(), "its name is longer than 4095 bytes");
  expect_error(TarArchive().symlink("a", std::string(4096, 't')).finish(), "its target is longer than 4095 bytes");
  expect_refused(TarArchive().symlink("a", ""), "a", "it is a link to nothing");
  expect_refused(TarArchive().file(".", "x"), ".", "it is the layer's root, and no folder");
  expect_refused(TarArchive().symlink("/", "x"), "/", "it is the layer's root, and no folder");
}

TEST_F(RootUnpackerHostile, OwnersAndSizesThatAreNone) {
  expect_refused(TarArchive().file("a", "x", {.uid = 4'294'967'295}), "a", "its owner 4294967295:0 is none");
  expect_refused(TarArchive().file("a", "x", {.pax = {{"gid", "99999999999"}}}), "a",
                 "its owner 0:99999999999 is none");
  expect_error(TarArchive().entry('0', "a", "", "x", {}, 1ULL << 62).finish(), "the entry \"a\": ");
  expect_error(TarArchive().file("a", "x", {.pax = {{"size", "-1"}}}).finish(), "");
}

TEST_F(RootUnpackerHostile, TheNameOfAnEntryDoesNotReachTheTerminalAsItIs) {
  const std::string refusal = world_.refusal(TarArchive().file("\x1b[2J\n../evil\xff/.."));
  EXPECT_NE(refusal.find(R"("\x1b[2J\n../evil\xff/..")"), refusal.npos) << refusal;
  const auto report = world_.unpack(TarArchive().device("\x1b]0;x\x07", '3', 1, 3));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->left_out.at(0).examples.at(0), R"("\x1b]0;x\x07")");
}

}  // namespace podrun::tests
