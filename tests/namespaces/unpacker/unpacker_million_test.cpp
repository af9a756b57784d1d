// The most that a layer may have, in the memory that an unpacker has.
#include <gtest/gtest.h>

#include "tests/namespaces/mount_namespace.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {

// Its limit of memory, RLIMIT_AS, ends an unpacker that keeps more than a little of each entry.
TEST(RootSlowUnpacker, AMillionEntriesNeedBoundedMemory) {
  constexpr unsigned folders = 1000, files = 1000;
  TarArchive archive;
  // One after another in each folder: the worst order.
  for (unsigned file = 0; file < files; ++file)
    for (unsigned folder = 0; folder < folders; ++folder)
      archive.file("d" + std::to_string(folder) + "/" + std::to_string(file), "");
  const std::string blob = gzip(archive.finish());
  UnpackerWorld world;
  ns::in_mount_namespace([&] {
    ASSERT_EQ(::mount("none", world.folder().c_str(), "tmpfs", 0, "nr_inodes=2m"), 0);
    const auto report = world.unpack(blob);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->entries, folders * files + folders);
  });
}

}  // namespace podrun::tests
