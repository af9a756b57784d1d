// What an unpacker makes of honest layers, entry by entry.
#include <gtest/gtest.h>

#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {

class RootUnpacker : public testing::Test {
 protected:
  UnpackerWorld world_;
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_F(RootUnpacker, AFileHasItsContentModeOwnerAndTime) {
  const auto report = world_.unpack(TarArchive().folder("etc").file(
      "etc/passwd", "root:x:0:0\n", {.mode = 0640, .uid = 12, .gid = 34, .modified = 1'234'567'890}));
  ASSERT_TRUE(report) << report.error().message;
  const struct stat status = world_.look("etc/passwd");
  EXPECT_EQ(status.st_mode, S_IFREG | 0640U);
  EXPECT_EQ(status.st_uid, 12U);
  EXPECT_EQ(status.st_gid, 34U);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'234'567'890);
  EXPECT_EQ(world_.content("etc/passwd"), "root:x:0:0\n");
  EXPECT_EQ(report->entries, 2U);
  EXPECT_EQ(report->bytes, 11U);
}

}  // namespace podrun::tests
