// The most that a layer may have, in bounded memory.
#include <gtest/gtest.h>

#include <sys/resource.h>

#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {

TEST(RootSlowUnpacker, AMillionEntriesNeedBoundedMemory) {
  constexpr int folders = 1000, files = 1000;
  UnpackerWorld world;
  TarArchive archive;
  // One after another in each folder: the worst order.
  for (int file = 0; file < files; ++file)
    for (int folder = 0; folder < folders; ++folder)
      archive.file("d" + std::to_string(folder) + "/" + std::to_string(file), "");
  const std::string blob = gzip(archive.finish());
  const auto report = world.unpack(blob);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->entries, folders * files + folders + 0U);
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  EXPECT_LT(usage.ru_maxrss, 200 * 1024);
}

}  // namespace podrun::tests
