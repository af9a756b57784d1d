// Absolute paths as text.
#include <gtest/gtest.h>

#include "pod/text/paths.hpp"

namespace podrun::pod {
namespace {

TEST(Paths, ACleanPathHasNoDoubledOrTrailingSlashesAndNoDots) {
  EXPECT_EQ(clean_path("/"), "/");
  EXPECT_EQ(clean_path("///"), "/");
  EXPECT_EQ(clean_path("/a//b/"), "/a/b");
  EXPECT_EQ(clean_path("/./a/./b/."), "/a/b");
  EXPECT_EQ(clean_path("/...a/b.."), "/...a/b..");
}

TEST(Paths, DotDotTakesTheNameBeforeItAndStopsAtTheRoot) {
  EXPECT_EQ(clean_path("/a/b/../c"), "/a/c");
  EXPECT_EQ(clean_path("/a/.."), "/");
  EXPECT_EQ(clean_path("/../../a"), "/a");
}

TEST(Paths, ARelativePathHasNoCleanForm) {
  EXPECT_EQ(clean_path(""), "");
  EXPECT_EQ(clean_path("a/b"), "");
  EXPECT_EQ(clean_path("./a"), "");
}

TEST(Paths, BelowComparesWholeNames) {
  EXPECT_TRUE(is_at_or_below("/dev", "/dev"));
  EXPECT_TRUE(is_at_or_below("/dev/shm", "/dev"));
  EXPECT_TRUE(is_at_or_below("/dev/shm", "/"));
  EXPECT_FALSE(is_at_or_below("/device", "/dev"));
  EXPECT_FALSE(is_at_or_below("/dev", "/dev/shm"));
}

TEST(Paths, DepthCountsNames) {
  EXPECT_EQ(depth("/"), 0U);
  EXPECT_EQ(depth("/a"), 1U);
  EXPECT_EQ(depth("/a/b/c"), 3U);
}

}  // namespace
}  // namespace podrun::pod
