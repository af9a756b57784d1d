// What the names of a layer's entries mean, and which are refused.
#include "pod/image/layer_entry.hpp"

#include <gtest/gtest.h>

#include <string>

namespace podrun::pod {
namespace {

/// "MEANING FOLDER NAME", or the error.
std::string read(std::string_view name) {
  static constexpr const char* words[] = {"root", "content", "whiteout", "opaque", "ignored"};
  const auto place = place_of_entry(name);
  if (!place) return place.error().message;
  return std::string(words[static_cast<std::size_t>(place->meaning)]) + " " + place->folder + " " + place->name;
}

}  // namespace

TEST(LayerEntry, NamesHaveOneMeaningHoweverTheyAreWritten) {
  for (const auto name : {"usr/bin/env", "./usr/bin/env", "usr//bin/./env", "/usr/bin/env", "usr/bin/env/",
                          "//usr/bin/env"})
    EXPECT_EQ(read(name), "content usr/bin env") << name;
  EXPECT_EQ(read("file"), "content  file");
  EXPECT_EQ(read("..."), "content  ...");
  EXPECT_EQ(read("a..b/..c"), "content a..b ..c");
  EXPECT_EQ(read("\xff\xfe/\x01"), "content \xff\xfe \x01");
}

TEST(LayerEntry, TheRootHasManyNames) {
  for (const auto name : {".", "./", "/", "./.", "//"}) EXPECT_EQ(read(name), "root  ") << name;
}

TEST(LayerEntry, APathThatLeadsUpIsRefused) {
  for (const auto name : {"..", "../etc", "a/../b", "a/..", "/..", "./../x", "a/b/../../..", ".wh.x/..", "../.wh.x"})
    EXPECT_EQ(read(name), "its name contains \"..\"") << name;
}

TEST(LayerEntry, WhiteoutsHideOneNameOrAFolder) {
  EXPECT_EQ(read(".wh.a"), "whiteout  a");
  EXPECT_EQ(read("usr/.wh.a b"), "whiteout usr a b");
  EXPECT_EQ(read("usr/.wh.."), "it is a whiteout of \".\"");
  EXPECT_EQ(read("usr/.wh..."), "it is a whiteout of \"..\"");
  EXPECT_EQ(read("usr/.wh."), "it is a whiteout without a name");
  EXPECT_EQ(read("usr/.wh..a"), "whiteout usr .a");
  EXPECT_EQ(read("usr/.wh...a"), "whiteout usr ..a");
  EXPECT_EQ(read("usr/.wh..wh..opq"), "opaque usr ");
  EXPECT_EQ(read(".wh..wh..opq"), "opaque  ");
}

TEST(LayerEntry, NotesOfAufsAreIgnored) {
  EXPECT_EQ(read(".wh..wh.aufs"), "ignored  ");
  EXPECT_EQ(read(".wh..wh.plnk/12.34"), "ignored  ");
  EXPECT_EQ(read("usr/.wh..wh.orph"), "ignored usr ");
}

TEST(LayerEntry, AFolderIsNoWhiteout) {
  EXPECT_EQ(read("a/.wh.b/c"), "it is in a folder with the name of a whiteout");
}

TEST(LayerEntry, WhatTheKernelDoesNotTakeIsRefused) {
  EXPECT_EQ(read(""), "it has no name");
  EXPECT_EQ(read("a/" + std::string(255, 'n')), "content a " + std::string(255, 'n'));
  EXPECT_EQ(read(std::string(256, 'n')), "its name has a part that is longer than 255 bytes");
  std::string longest;
  while (longest.size() < 4094) longest += "n/";
  EXPECT_TRUE(place_of_entry(longest));
  EXPECT_EQ(read(longest + "nn"), "its name is longer than 4095 bytes");
  EXPECT_EQ(read(std::string("a\0b", 3)), "its name contains a zero byte");
}

TEST(LayerEntry, AHardLinkLeadsToAnEntry) {
  const auto target = target_of_hard_link("./usr/bin/perl");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path(), "usr/bin/perl");
  EXPECT_EQ(target_of_hard_link("../x").error().message, "the target of the hard link: its name contains \"..\"");
  for (const auto name : {".", "a/.wh.b", ".wh..wh..opq", ".wh..wh.x"})
    EXPECT_EQ(target_of_hard_link(name).error().message, "the target of the hard link is no file") << name;
}

TEST(LayerEntry, AttributesOfOverlayfsAreRefusedAndThoseOfAHostLeftOut) {
  EXPECT_EQ(use_of_attribute("user.comment"), AttributeUse::Keep);
  EXPECT_EQ(use_of_attribute("user.overlayx"), AttributeUse::Keep);
  EXPECT_EQ(use_of_attribute("security.capability"), AttributeUse::Keep);
  for (const auto name : {"user.overlay.opaque", "user.overlay.redirect", "trusted.overlay.opaque", "trusted.x"})
    EXPECT_EQ(use_of_attribute(name), AttributeUse::Refuse) << name;
  for (const auto name : {"security.selinux", "security.ima", "system.posix_acl_access", "user.", "user", "", "other"})
    EXPECT_EQ(use_of_attribute(name), AttributeUse::LeaveOut) << name;
}

}  // namespace podrun::pod
