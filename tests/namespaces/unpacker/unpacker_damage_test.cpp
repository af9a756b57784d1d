// Blobs that are damaged, wrong or too large.
#include <gtest/gtest.h>

#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {

class RootUnpackerDamage : public testing::Test {
 protected:
  void expect_error(std::string_view blob, const std::string& reason, const ns::LayerToUnpack& expected = {}) {
    const std::string refusal = world_.refusal(blob, expected);
    EXPECT_NE(refusal.find(reason), refusal.npos) << "\"" << refusal << "\" instead of " << reason;
    EXPECT_TRUE(refusal.starts_with("a layer: ")) << refusal;
  }

  UnpackerWorld world_;
};

std::string layer_of(std::size_t bytes) { return TarArchive().file("a", std::string(bytes, 'a')).finish(); }

}  // namespace

TEST_F(RootUnpackerDamage, ATruncatedBlob) {
  std::string content;
  for (unsigned i = 0, x = 1; i < 500'000; ++i) content += static_cast<char>((x = x * 1'664'525 + 1'013'904'223) >> 24);
  const std::string archive = TarArchive().file("a", content).finish();
  for (const std::string& blob : {gzip(archive), zstd(archive)})
    for (const std::size_t cut : {blob.size() - 1, blob.size() - 5, blob.size() / 2, std::size_t{5}})
      expect_error(blob.substr(0, cut), "the blob ends in the middle of its compressed data");
  expect_error(archive.substr(0, 1000), "the layer's archive: Truncated tar archive");
  expect_error(archive.substr(0, 300), "the layer's archive: Unrecognized archive format");
}

TEST_F(RootUnpackerDamage, ChangedBytes) {
  std::string gz = gzip(layer_of(100'000)), zst = zstd(layer_of(100'000)), tar = layer_of(10);
  gz[gz.size() - 6] = static_cast<char>(gz[gz.size() - 6] ^ 1);
  expect_error(gz, "the blob's gzip checksum is wrong");
  gz = gzip(layer_of(100'000)) + std::string(100, 'g');
  expect_error(gz, "the blob has something else where a gzip member should begin");
  zst[7] = static_cast<char>(zst[7] ^ 0xff);
  expect_error(zst, "the blob's zstd data");
  tar[3] = 'x';
  expect_error(tar, "the layer's archive: ");
  expect_error("no archive at all, but a text that is longer than a header of tar" + std::string(600, '!'),
               "the layer's archive: ");
  expect_error("BZh91AY&SY", "compressed with bzip2 or xz");
}

TEST_F(RootUnpackerDamage, AnotherBlobOrArchiveThanWasExpected) {
  const std::string archive = layer_of(10), blob = gzip(archive), other = sha256_of("other");
  EXPECT_EQ(world_.refusal(blob, {.diff_id = sha256_of(archive), .blob_digest = sha256_of(blob),
                                  .blob_bytes = blob.size()}), "");
  expect_error(blob, "the layer's archive is " + sha256_of(archive) + " instead of " + other, {.diff_id = other});
  expect_error(blob, "the blob is " + sha256_of(blob) + " instead of " + other, {.blob_digest = other});
  expect_error(blob, "bytes instead of 100000", {.blob_bytes = 100'000});
  expect_error(blob, "the blob is longer than the 100 bytes that it should have", {.blob_bytes = 100});
  expect_error(archive + std::string(1 << 20, '\0'), "the blob is longer than the 2048 bytes", {.blob_bytes = 2048});
}

TEST_F(RootUnpackerDamage, MoreBytesThanALayerMayHave) {
  expect_error(gzip(std::string(20 << 20, '\0')), "the layer's archive is longer than the 1000000 bytes",
               {.most_bytes = 1'000'000});
  expect_error(gzip(TarArchive().file("zeros", std::string(20 << 20, '\0')).finish()),
               "the entry \"zeros\": with it the layer's files have more than the 1000000 bytes",
               {.most_bytes = 1'000'000});
  // Without a byte of content.
  const TarMeta sparse{.pax = {{"GNU.sparse.name", "sparse"}, {"GNU.sparse.size", "800000"},
                               {"GNU.sparse.numblocks", "1"}, {"GNU.sparse.map", "800000,0"}}};
  expect_error(TarArchive().file("sparse", "", sparse).file("again", "", sparse).finish(),
               "with it the layer's files have more than the 1000000 bytes", {.most_bytes = 1'000'000});
}

TEST_F(RootUnpackerDamage, MoreEntriesThanALayerMayHave) {
  TarArchive archive;
  for (int i = 0; i < 20; ++i) archive.file("same");
  expect_error(archive.finish(), "the layer has more than 10 entries", {.most_entries = 10});
  const std::string deep = "a/b/c/d/e/f/g/h/i/j/k/l";
  expect_error(TarArchive().file(deep).file("x").finish(), "the layer has more than 10 entries", {.most_entries = 10});
  EXPECT_EQ(world_.refusal(TarArchive().file(deep).file("x").finish(), {.most_entries = 13}), "");
}

TEST_F(RootUnpackerDamage, AWindowOfZstdThatNeedsTooMuchMemory) {
  const std::string frame("\x28\xb5\x2f\xfd\x00\xa0\x01\x00\x00", 9);  // one of 1 GiB
  expect_error(frame, "the blob's zstd data: Frame requires too much memory");
}

TEST_F(RootUnpackerDamage, AHeaderThatIsTooLarge) {
  expect_error(TarArchive().file("a", "x", {.pax = {{"comment", std::string(3 << 20, 'c')}}}).finish(),
               "the layer's archive: ");
  expect_error(TarArchive().gnu_long('L', std::string(3 << 20, 'n')).file("a").finish(), "the layer's archive: ");
}

TEST_F(RootUnpackerDamage, TooManyAttributesOrTooLargeOnes) {
  TarMeta many;
  for (int i = 0; i < 300; ++i) many.pax.emplace_back("SCHILY.xattr.user." + std::to_string(i), "x");
  expect_error(TarArchive().file("a", "x", many).finish(), "the entry \"a\": it has too many extended attributes");
  const TarMeta large{.pax = {{"SCHILY.xattr.user.large", std::string(100'000, 'x')}}};
  expect_error(TarArchive().file("a", "x", large).finish(), "the entry \"a\": its extended attribute \"user.large\"");
}

}  // namespace podrun::tests
