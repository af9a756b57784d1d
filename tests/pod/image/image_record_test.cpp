// Records of images and layers: what is written is read, and what is cut off or changed is recognized.
#include "pod/image/image_record.hpp"

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "pod/image/digest.hpp"

namespace podrun::pod {
namespace {

ImageRecord record() {
  ImageRecord made{.summary = {}, .manifest = "{\"manifest\": \"\xff\n\"}\n", .config = std::string("{\0}", 3)};
  made.summary = {.manifest_digest = digest_of(made.manifest),
                  .index_digest = digest_of("index"),
                  .id = digest_of(made.config),
                  .platform = {"linux", "arm", "v7"},
                  .created = "2026-01-02T03:04:05Z",
                  .stored = "2026-02-03T04:05:06Z",
                  .layers = {{digest_of("d1"), digest_of("b1"), "a/b+gzip", 1, 2},
                             {digest_of("d2"), digest_of("b2"), "c/d", 3, UINT64_MAX}}};
  return made;
}

LayerMeta meta() {
  return {.diff_id = digest_of("d"),
          .blob = digest_of("b"),
          .media_type = "a/b",
          .blob_size = 1,
          .size = 2,
          .entries = 3,
          .tree = digest_of("t")};
}

TEST(ImageRecord, WhatIsWrittenIsReadByteByByte) {
  const auto read = parse_image_record(to_text(record()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, record());
  EXPECT_TRUE(check_digests(*read));
}

TEST(ImageRecord, EmptyValuesStayEmpty) {
  ImageRecord bare = record();
  bare.summary.index_digest = bare.summary.created = "";
  bare.summary.platform = {};
  EXPECT_EQ(*parse_image_record(to_text(bare)), bare);
}

// A record is made of what a registry sends: a value that holds a space or a newline must not become another line.
TEST(ImageRecord, ValuesThatAreNoWordsAreLeftOut) {
  ImageRecord hostile = record();
  hostile.summary.created = "now\nid sha256:" + std::string(64, 'f');
  hostile.summary.platform = {"linux extra", "arm\n", "\x7f"};
  hostile.summary.layers[0].media_type = "a b";
  const auto read = parse_image_record(to_text(hostile));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->summary.id, record().summary.id);
  EXPECT_EQ(read->summary.created, "");
  EXPECT_TRUE(read->summary.platform.empty());
  EXPECT_EQ(read->summary.layers[0].media_type, "");
}

TEST(ImageRecord, TheLinesAreEnoughForAList) {
  const std::string text = to_text(record());
  const std::size_t lines = text.find("texts ");
  const std::size_t end = text.find('\n', lines) + 1;
  EXPECT_EQ(*parse_image_summary(std::string_view(text).substr(0, end)), record().summary);
  for (std::size_t length = 0; length < end; ++length) {
    const auto cut = parse_image_summary(std::string_view(text).substr(0, length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().number, ENODATA) << length;
  }
}

TEST(ImageRecord, NoPartOfARecordIsTakenForIt) {
  const std::string text = to_text(record());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse_image_record(std::string_view(text).substr(0, length))) << length;
  EXPECT_FALSE(parse_image_record(text + "x"));
}

TEST(ImageRecord, AChangedTextDoesNotHaveItsDigest) {
  ImageRecord changed = record();
  changed.manifest[0] = '[';
  EXPECT_EQ(check_digests(changed).error().message, "image record: its manifest does not have its digest");
  changed = record();
  changed.config.pop_back();
  EXPECT_EQ(check_digests(changed).error().message, "image record: its config does not have its digest");
}

// A record that lost a layer would have that layer pruned.
TEST(ImageRecord, ALineThatIsNotKnownIsNotSkipped) {
  for (const auto& [from, to] :
       {std::pair("layer", "laxer"), std::pair("a/b+gzip", "a/b gzip"), std::pair("\nid", "\nid x"),
        std::pair("stored 2", "stored \1"), std::pair("platform linux", "platform  linux linux")}) {
    std::string text = to_text(record());
    text.replace(text.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(parse_image_record(text)) << text;
  }
}

TEST(ImageRecord, AnotherVersionIsRefused) {
  std::string text = to_text(record());
  text.replace(0, 14, "podrun-image 2");
  EXPECT_EQ(parse_image_record(text).error().message, "image record: it is of another version of podrun");
}

TEST(ImageRecord, MetaJsonLeadsBackToTheLayer) {
  const auto read = parse_layer_meta(to_json(meta()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, meta());
}

TEST(ImageRecord, NoPartOfMetaJsonIsTakenForIt) {
  const std::string text = to_json(meta());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse_layer_meta(std::string_view(text).substr(0, length))) << length;
  std::string other = text;
  other.replace(other.find(":1"), 2, ":2");
  EXPECT_FALSE(parse_layer_meta(other)) << other;
}

}  // namespace
}  // namespace podrun::pod
