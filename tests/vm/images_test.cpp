// The image store after a loss of power: in its former boot the machine stored images until it was killed
// (tests/vm/first-boot). Pages that it had not written out are gone.
#include <charconv>
#include <filesystem>

#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

/// The number of the image that was said to be stored last.
int last_stored() {
  const std::string words = contents_of("/proc/cmdline"), name = "podrun.stored=";
  const auto at = words.find(name);
  int number = 0;
  if (at != words.npos) std::from_chars(words.data() + at + name.size(), words.data() + words.size(), number);
  return number;
}

TEST(KilledImageStore, IsWhole) {
  const Finished verified = command({"/usr/bin/podrun", "image", "verify"});
  EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
  const Finished listed = command({"/usr/bin/podrun", "image", "ls"});
  EXPECT_EQ(listed.status, 0) << listed.err;
  EXPECT_FALSE(holds(listed.out, "damaged")) << listed.out;
}

TEST(KilledImageStore, HasEachImageThatWasSaidToBeStored) {
  ASSERT_GE(last_stored(), 8);
  for (int number = 1; number <= last_stored(); ++number) {
    // Of four the first was removed when the fourth was stored.
    if (number % 4 == 1 && number + 3 <= last_stored()) continue;
    const std::string name = "localhost/stored:" + std::to_string(number);
    const Finished inspected = command({"/usr/bin/podrun", "image", "inspect", name});
    EXPECT_EQ(inspected.status, 0) << name << inspected.err;
  }
}

TEST(KilledImageStore, KeepsNothingOfWhatWasNotComplete) {
  const Finished pruned = command({"/usr/bin/podrun", "image", "prune", "--all"});
  EXPECT_EQ(pruned.status, 0) << pruned.err;
  for (const char* folder : {"staging", "layers", "images", "names"})
    EXPECT_TRUE(std::filesystem::is_empty("/var/lib/podrun/images/.store/" + std::string(folder))) << folder;
}

}  // namespace
}  // namespace podrun::test
