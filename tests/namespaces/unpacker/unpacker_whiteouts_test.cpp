// Whiteouts and opaque folders, in overlayfs' form.
#include <gtest/gtest.h>

#include <sys/sysmacros.h>

#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {

class RootUnpackerWhiteouts : public testing::Test {
 protected:
  bool is_whiteout(const std::string& path) const {
    const struct stat status = world_.look(path);
    return S_ISCHR(status.st_mode) && status.st_rdev == ::makedev(0, 0) && status.st_uid == 0;
  }
  bool is_opaque(const std::string& path) const { return world_.attribute(path, "user.overlay.opaque") == "y"; }

  UnpackerWorld world_;
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_F(RootUnpackerWhiteouts, AreDevicesAndMissingFoldersAreMade) {
  ASSERT_TRUE(world_.unpack(TarArchive().file(".wh.top").file("not/there/.wh.file", "")));
  EXPECT_TRUE(is_whiteout("top"));
  EXPECT_TRUE(is_whiteout("not/there/file"));
  EXPECT_EQ(world_.look("not/there").st_mode, S_IFDIR | 0755U);
  EXPECT_EQ(world_.paths(), (Paths{"not", "not/there", "not/there/file", "top"}));
}

TEST_F(RootUnpackerWhiteouts, AnOpaqueFolderHasTheAttribute) {
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .folder("a", {.mode = 0700, .modified = 5})
                                .file("a/.wh..wh..opq", "")
                                .file("a/new")
                                .file("b/.wh..wh..opq", "")));
  EXPECT_TRUE(is_opaque("a"));
  EXPECT_TRUE(is_opaque("b"));
  EXPECT_EQ(world_.look("a").st_mtim.tv_sec, 5);
  EXPECT_EQ(world_.paths(), (Paths{"a", "a/new", "b"}));
}

TEST_F(RootUnpackerWhiteouts, TheEntryOfAnOpaqueFolderMayFollow) {
  ASSERT_TRUE(world_.unpack(TarArchive().file("a/.wh..wh..opq").folder("a", {.mode = 0711})));
  EXPECT_TRUE(is_opaque("a"));
  EXPECT_EQ(world_.look("a").st_mode, S_IFDIR | 0711U);
}

// overlayfs does not look for the attribute there, so the report says it.
TEST_F(RootUnpackerWhiteouts, AnOpaqueRootHidesAllLayersBelow) {
  EXPECT_TRUE(world_.unpack(TarArchive().file(".wh..wh..opq").file("a"))->hides_all_below);
  EXPECT_FALSE(world_.unpack(TarArchive().file("a/.wh..wh..opq"))->hides_all_below);
}

// A whiteout is about the layers below, whatever its place in the archive.
TEST_F(RootUnpackerWhiteouts, WhatTheLayerHasItselfStays) {
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file("file")
                                .file(".wh.file")
                                .file(".wh.later")
                                .file("later")
                                .file("folder/inside")
                                .file(".wh.folder")
                                .file(".wh.later-folder")
                                .folder("later-folder")
                                .file(".wh.implied")
                                .file("implied/deep/file")));
  EXPECT_EQ(world_.content("file"), "x");
  EXPECT_EQ(world_.content("later"), "x");
  EXPECT_TRUE(is_opaque("folder"));
  EXPECT_TRUE(is_opaque("later-folder"));
  EXPECT_TRUE(is_opaque("implied"));
  EXPECT_FALSE(is_opaque("implied/deep"));
  EXPECT_EQ(world_.content("folder/inside"), "x");
  EXPECT_EQ(world_.content("implied/deep/file"), "x");
}

TEST_F(RootUnpackerWhiteouts, TwoOfOneNameAreOne) {
  ASSERT_TRUE(world_.unpack(TarArchive().file(".wh.a").file(".wh.a")));
  EXPECT_TRUE(is_whiteout("a"));
}

TEST_F(RootUnpackerWhiteouts, NotesOfAufsAreIgnored) {
  ASSERT_TRUE(world_.unpack(
      TarArchive().file(".wh..wh.aufs").folder(".wh..wh.plnk").file(".wh..wh.plnk/1.2").file("a")));
  EXPECT_EQ(world_.paths(), Paths{"a"});
}

TEST_F(RootUnpackerWhiteouts, OfNothingOrOfTheFolderItselfAreRefused) {
  for (const auto name : {"a/.wh.", "a/.wh..", "a/.wh...", ".wh..."}) {
    const std::string refusal = world_.refusal(TarArchive().folder("a").file(name));
    EXPECT_NE(refusal.find("the entry \"" + std::string(name) + "\": it is a whiteout"), refusal.npos) << refusal;
  }
}

}  // namespace podrun::tests
