// The corpus of the fuzzer of layers keeps its promises.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/layer_promises.hpp"

namespace podrun::tests {

TEST(LayerCorpus, EachFileKeepsThePromises) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PODRUN_SOURCE_DIR "/tests/fuzz/corpus-layers")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string blob{std::istreambuf_iterator<char>(in), {}};
    EXPECT_EQ(unpacker::fuzz::broken_layer_promise(blob), "") << entry;
    ++files;
  }
  EXPECT_GE(files, 20U);
}

}  // namespace podrun::tests
