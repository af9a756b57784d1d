// The corpus of the fuzzer of layers keeps its promises.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "tests/fuzz/layer_promises.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {

std::map<std::string, std::string> corpus() {
  std::map<std::string, std::string> blobs;
  for (const auto& entry : std::filesystem::directory_iterator(PODRUN_SOURCE_DIR "/tests/fuzz/corpus-layers")) {
    std::ifstream in(entry.path(), std::ios::binary);
    blobs[entry.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return blobs;
}

}  // namespace

TEST(LayerCorpus, EachFileKeepsThePromises) {
  const auto blobs = corpus();
  EXPECT_GE(blobs.size(), 20U);
  for (const auto& [name, blob] : blobs) EXPECT_EQ(unpacker::fuzz::broken_layer_promise(blob), "") << name;
}

TEST(RootLayerCorpus, EachFileIsUnpackedOrRefusedAndChangesNothingOutside) {
  UnpackerWorld world;
  for (const auto& [name, blob] : corpus())
    EXPECT_EQ(world.refusal(blob).find("podrun-unpacker ended"), std::string::npos) << name;
}

}  // namespace podrun::tests
