// The corpus of the fuzzer and the examples, read as the fuzzer reads them, so that an error that it found once cannot
// return.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz_invariants.hpp"

namespace podrun::pod {
namespace {

namespace fs = std::filesystem;

void expect_fuzz_invariants(const fs::path& folder, std::size_t at_least) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    EXPECT_EQ(fuzz::broken_promise({std::istreambuf_iterator<char>(file), {}}), "") << entry.path();
    ++count;
  }
  EXPECT_GE(count, at_least) << folder;
}

TEST(FuzzCorpus, EveryTextHoldsTheInvariants) {
  expect_fuzz_invariants(PODRUN_SOURCE_DIR "/tests/fuzz/corpus", 30);
}

TEST(FuzzCorpus, EveryExampleHoldsTheInvariants) {
  expect_fuzz_invariants(PODRUN_SOURCE_DIR "/examples/pods", 7);
}

TEST(FuzzInvariants, ALocationOutsideTheTextIsDetected) {
  const std::string_view text = "a\n\xC3\xA9z\n";
  for (const Location inside :
       {Location{0, 0}, Location{1, 1}, Location{1, 2}, Location{2, 3}, Location{3, 1}})
    EXPECT_TRUE(fuzz::is_inside(text, inside)) << inside.line << ":" << inside.column;
  for (const Location outside :
       {Location{0, 1}, Location{1, 0}, Location{1, 3}, Location{2, 4}, Location{3, 2}, Location{4, 1}})
    EXPECT_FALSE(fuzz::is_inside(text, outside)) << outside.line << ":" << outside.column;
}

}  // namespace
}  // namespace podrun::pod
