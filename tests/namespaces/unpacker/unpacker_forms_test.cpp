// The forms that layers have: compressions, extensions of tar, long names, sparse files, extended attributes.
#include <gtest/gtest.h>

#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {

class RootUnpackerForms : public testing::Test {
 protected:
  UnpackerWorld world_;
};

using Paths = std::vector<std::string>;

/// An archive that does not fit in a buffer, with content that gzip must look at.
std::string large_archive() {
  std::string content;
  for (unsigned i = 0, x = 1; i < 3'000'000; ++i) {
    x = x * 1'664'525 + 1'013'904'223;
    content += static_cast<char>(x >> 28);
  }
  return TarArchive().file("large", content).file("small").finish();
}

}  // namespace

TEST_F(RootUnpackerForms, GzipZstdAndPlainAreTheSameLayer) {
  const std::string plain = large_archive();
  for (const std::string& blob : {plain, gzip(plain), zstd(plain)}) {
    const auto report = world_.unpack(blob);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->diff_id, sha256_of(plain));
    EXPECT_EQ(report->blob_digest, sha256_of(blob));
    EXPECT_EQ(report->blob_bytes, blob.size());
    EXPECT_EQ(report->archive_bytes, plain.size());
    EXPECT_EQ(world_.content("large").size(), 3'000'000U);
    EXPECT_EQ(world_.paths(), (Paths{"large", "small"}));
  }
}

TEST_F(RootUnpackerForms, MembersAndFramesFollowEachOther) {
  const std::string archive = TarArchive().file("a", std::string(5000, 'a')).file("b").finish();
  const std::string_view text = archive;
  const std::string members = gzip(text.substr(0, 700)) + gzip("") + gzip(text.substr(700, 1)) + gzip(text.substr(701));
  const std::string skipped("\x5e\x2a\x4d\x18\x04\0\0\0note", 12);
  const std::string frames = skipped + zstd(text.substr(0, 700)) + skipped + zstd(text.substr(700));
  for (const std::string& blob : {members, frames}) {
    const auto report = world_.unpack(blob);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->diff_id, sha256_of(archive));
    EXPECT_EQ(world_.content("a"), std::string(5000, 'a'));
  }
}

TEST_F(RootUnpackerForms, AnEmptyLayerIsALayer) {
  for (const std::string& blob : {std::string(), std::string(1024, '\0'), gzip(std::string(1024, '\0')), gzip("")}) {
    const auto report = world_.unpack(blob);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->entries, 0U);
    EXPECT_EQ(world_.paths(), Paths{});
  }
}

TEST_F(RootUnpackerForms, WhatFollowsTheEndOfTheArchiveCountsForItsDigestAlone) {
  const std::string archive = TarArchive().file("a").finish() + std::string(9000, '\0') + "garbage" +
                              TarArchive().file("b").finish();
  const auto report = world_.unpack(gzip(archive));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->diff_id, sha256_of(archive));
  EXPECT_EQ(world_.paths(), Paths{"a"});
}

TEST_F(RootUnpackerForms, AnArchiveNeedsNoEnd) {
  const auto report = world_.unpack(TarArchive().file("a").bytes());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(world_.paths(), Paths{"a"});
}

TEST_F(RootUnpackerForms, NamesAreBytes) {
  const std::string latin = "caf\xe9", utf8 = "caf\u00e9", decomposed = "cafe\u0301", wild = "\x01\xff \n\\\"*";
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file(latin)
                                .file(utf8)
                                .file(decomposed)
                                .file(wild)
                                .file("pax-1", "1", {.pax = {{"path", latin + "-pax"}}})
                                .file("pax-2", "2", {.pax = {{"path", utf8 + "-pax"}}})
                                .file("pax-3", "3", {.pax = {{"hdrcharset", "BINARY"}, {"path", wild + "-pax"}}})
                                .symlink("link", "x", {.pax = {{"linkpath", latin}}})
                                .hard_link("hard", "x", {.pax = {{"linkpath", utf8}}})));
  EXPECT_EQ(world_.paths(), (Paths{wild, wild + "-pax", decomposed, utf8, utf8 + "-pax", latin, latin + "-pax", "hard",
                                   "link"}));
  EXPECT_EQ(world_.target("link"), latin);
  EXPECT_EQ(world_.look("hard").st_ino, world_.look(utf8).st_ino);
}

TEST_F(RootUnpackerForms, RecordsThatSayNothingOfAFileAreIgnored) {
  const TarMeta meta{.pax = {{"uname", "jos\u00e9"},
                             {"gname", "\xff"},
                             {"comment", "x"},
                             {"atime", "1.5"},
                             {"ctime", "2"},
                             {"RHT.security.selinux", "system_u:object_r:etc_t:s0"},
                             {"LIBARCHIVE.creationtime", "3"},
                             {"SCHILY.fflags", "nodump"},
                             {"SCHILY.dev", "5"},
                             {"SCHILY.acl.default", "what is this"},
                             {"MSWINDOWS.rawsd", "x"},
                             {"VENDOR.unknown", "x"}}};
  const std::string global = pax_record("comment", "of all entries");
  const auto report = world_.unpack(
      TarArchive().entry('g', "pax_global_header", "", global, {}, global.size()).file("a", "x", meta));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(world_.content("a"), "x");
  EXPECT_EQ(world_.paths(), Paths{"a"});
}

TEST_F(RootUnpackerForms, LongNamesAreWhole) {
  std::string path;
  for (char c = 'a'; c < 'p'; ++c) path += std::string(250, c) + "/";
  const std::string longest = path + std::string(255, 'z');  // 4020 bytes
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file(longest, "in pax")
                                .gnu_long('L', "gnu/" + std::string(240, 'g'))
                                .file("cut", "in gnu")
                                .gnu_long('K', std::string(300, 't'))
                                .symlink("link", "cut")));
  EXPECT_EQ(world_.look(longest).st_size, 6);
  EXPECT_EQ(world_.content("gnu/" + std::string(240, 'g')), "in gnu");
  EXPECT_EQ(world_.target("link"), std::string(300, 't'));
}

TEST_F(RootUnpackerForms, TimesHaveNanosecondsAndMayBeBeforeTheEpoch) {
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file("exact", "x", {.pax = {{"mtime", "1700000000.123456789"}}})
                                .file("before", "x", {.pax = {{"mtime", "-5"}}})));
  EXPECT_EQ(world_.look("exact").st_mtim.tv_nsec, 123'456'789);
  EXPECT_EQ(world_.look("before").st_mtim.tv_sec, -5);
}

TEST_F(RootUnpackerForms, SparseFilesStaySparse) {
  constexpr std::int64_t size = 64LL << 20;
  // GNU's format 0.1 in PAX: pairs of offset and length; the content is the pieces in turn.
  const std::string map = "1048576,512," + std::to_string(size) + ",0";
  const auto report = world_.unpack(
      TarArchive().file("sparse", std::string(512, 's'),
                        {.pax = {{"GNU.sparse.name", "sparse"},
                                 {"GNU.sparse.size", std::to_string(size)},
                                 {"GNU.sparse.numblocks", "2"},
                                 {"GNU.sparse.map", map}}}));
  ASSERT_TRUE(report) << report.error().message;
  const struct stat status = world_.look("sparse");
  EXPECT_EQ(status.st_size, size);
  EXPECT_LT(status.st_blocks, 64);
  EXPECT_EQ(world_.content("sparse").substr(1048576, 514), std::string(512, 's') + std::string(2, '\0'));
}

TEST_F(RootUnpackerForms, AttributesOfUsersAndFileCapabilitiesAreKept) {
  const std::string capability("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);  // cap_net_raw=ep
  const auto report = world_.unpack(
      TarArchive()
          .file("ping", "x", {.mode = 0755, .uid = 3, .pax = {{"SCHILY.xattr.security.capability", capability}}})
          .file("noted", "x", {.pax = {{"SCHILY.xattr.user.note", "a\nb"}, {"SCHILY.xattr.user.empty", ""}}})
          .folder("folder", {.mode = 01777, .pax = {{"SCHILY.xattr.user.note", "of a folder"}}}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(world_.attribute("ping", "security.capability"), capability);
  EXPECT_EQ(world_.attribute("noted", "user.note"), "a\nb");
  EXPECT_EQ(world_.attribute("noted", "user.empty"), "");
  EXPECT_EQ(world_.attribute("folder", "user.note"), "of a folder");
  EXPECT_EQ(report->left_out.size(), 0U);
}

TEST_F(RootUnpackerForms, OtherAttributesAreLeftOutAndSaid) {
  const auto report = world_.unpack(
      TarArchive()
          .file("a", "x", {.pax = {{"SCHILY.xattr.security.selinux", "system_u"}, {"SCHILY.acl.access", "user::rw-"}}})
          .file("b", "x", {.pax = {{"SCHILY.xattr.security.selinux", "system_u"}}})
          .file("c", "x", {.pax = {{"SCHILY.xattr.system.posix_acl_access", "x"}}})
          .symlink("link", "a", {.pax = {{"SCHILY.xattr.user.note", "x"}}}));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(world_.attribute("a", "security.selinux"), "none");
  using Left = unpacker::LeftOut;
  EXPECT_EQ(report->left_out,
            (std::vector<Left>{Left{"extended attributes \"security.selinux\"", 2, {"\"a\"", "\"b\""}},
                               Left{"extended attributes \"system.posix_acl_access\"", 1, {"\"c\""}},
                               Left{"extended attributes of links and FIFOs", 1, {"\"link\""}}}));
}

}  // namespace podrun::tests
