// The plan of every example, as text, JSON and shell script, word for word. After a wanted change, look at the
// difference and then run
//
//   PODRUN_UPDATE_GOLDEN=1 build/dev/podrun-test-pod --gtest_filter='*Golden*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/pod/compile/fixtures.hpp"
#include "pod/manifest/manifests.hpp"
#include "pod/plan/describe.hpp"
#include "pod/plan/verify.hpp"
#include "pod/script/script.hpp"

namespace podrun::pod {
namespace {

namespace fs = std::filesystem;

const fs::path examples = PODRUN_SOURCE_DIR "/examples/pods";
const fs::path goldens = PODRUN_SOURCE_DIR "/tests/golden";

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> example_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(examples))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

/// Every image an example may name, as its own root: what a host has is not the plan's matter.
Images images_of(const Pod& pod) {
  Images images;
  for (const std::string& reference : image_references(pod)) {
    Image image = fixtures::image();
    image.reference = reference;
    images.emplace(reference, image);
  }
  return images;
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  static void expect_same(const std::string& actual, const fs::path& golden) {
    if (std::getenv("PODRUN_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << actual;
    EXPECT_EQ(actual, read(golden)) << golden;
  }
};

TEST_P(Golden, AnExamplesPlanEqualsTheRecordedOne) {
  const Manifests found = read_manifests({{GetParam(), read(examples / (GetParam() + ".yaml"))}}, {});
  ASSERT_TRUE(has_no_errors(found));
  ASSERT_EQ(found.pods.size(), 1U);
  const Pod& pod = found.pods.front().pod;
  const auto plan = compile(pod, images_of(pod), fixtures::facts(), fixtures::run_parameters());
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_TRUE(verify(*plan));
  expect_same(to_text(*plan), goldens / (GetParam() + ".txt"));
  expect_same(to_json(*plan), goldens / (GetParam() + ".json"));
  expect_same(to_script(*plan), goldens / (GetParam() + ".sh"));
}

INSTANTIATE_TEST_SUITE_P(Examples, Golden, testing::ValuesIn(example_names()),
                         [](const auto& example) {
                           std::string name = example.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(GoldenFiles, EachGoldenFileBelongsToAnExample) {
  const std::vector<std::string> names = example_names();
  for (const auto& entry : fs::directory_iterator(goldens))
    EXPECT_EQ(std::ranges::count(names, entry.path().stem().string()), 1) << entry.path();
}

}  // namespace
}  // namespace podrun::pod
