// The seeds of the fuzzer of images, and what it has found.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "tests/fuzz/image_promises.hpp"

namespace podrun::pod {
namespace {

TEST(ImageCorpus, NoTextOfTheCorpusBreaksAPromise) {
  std::size_t texts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PODRUN_SOURCE_DIR "/tests/fuzz/corpus-images")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(test::broken_promise(text), "") << entry.path();
    ++texts;
  }
  EXPECT_GE(texts, 13U);
}

}  // namespace
}  // namespace podrun::pod
