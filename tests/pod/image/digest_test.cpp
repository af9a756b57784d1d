// SHA-256 and digests.
#include "pod/image/digest.hpp"

#include <string>

#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

// The examples of FIPS 180-4, and what sha256sum(1) says.
TEST(Digest, KnownTextsHaveTheirDigests) {
  EXPECT_EQ(digest_of(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of("abc"), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest_of(std::string(1'000'000, 'a')),
            "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// 55, 56, 63 and 64 bytes are where the padding changes.
TEST(Digest, TheDigestDoesNotDependOnTheParts) {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string text(length, 'x');
    for (const std::size_t first : {std::size_t{0}, length / 3, length / 2, length}) {
      Sha256 sum;
      sum.update(std::string_view(text).substr(0, first));
      sum.update(std::string_view(text).substr(first));
      EXPECT_EQ(to_digest(sum.finish()), digest_of(text)) << length;
    }
  }
}

TEST(Digest, OnlySha256With64LowercaseDigitsIsADigest) {
  const std::string good = "sha256:" + std::string(64, '0');
  EXPECT_TRUE(is_digest(good));
  EXPECT_EQ(hex_of(good), std::string(64, '0'));
  for (const std::string& bad :
       {std::string(), std::string("sha256:"), good + "0", good.substr(0, 70), "sha256:" + std::string(64, 'A'),
        "sha512:" + std::string(64, '0'), "sha256:" + std::string(63, '0') + "/", std::string(64, '0')})
    EXPECT_FALSE(is_digest(bad)) << bad;
}

}  // namespace
}  // namespace podrun::pod
