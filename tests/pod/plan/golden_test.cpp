// The plan of every example, as text, JSON and shell script, word for word. After an intended change, look at the
// difference and then run
//
//   PODRUN_UPDATE_GOLDEN=1 build/dev/podrun-test-pod --gtest_filter='*Golden*'
//
// All scripts share a preamble, the shell functions. tests/golden/preamble.sh holds it once, and each script's golden
// file has one line, preamble_mark, in its place.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

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

Manifests read_example(const std::string& name) {
  return read_manifests({{name, read(examples / (name + ".yaml"))}}, {});
}

/// The pods of all examples: the name of the file, and if it has several pods "FILE.POD".
std::vector<std::string> example_names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(examples)) {
    if (entry.path().extension() != ".yaml") continue;
    const std::string file = entry.path().stem();
    const Manifests found = read_example(file);
    for (const ParsedPod& each : found.pods)
      names.push_back(found.pods.size() == 1 ? file : file + "." + each.pod.metadata.name);
  }
  std::ranges::sort(names);
  return names;
}

/// An image for each reference in a pod, so that the plan does not depend on the images of the host.
Images images_of(const Pod& pod) {
  Images images;
  for (const std::string& reference : image_references(pod)) {
    Image image = fixtures::image();
    image.reference = reference;
    images.emplace(reference, image);
  }
  return images;
}

PodPlan plan_of_example(const std::string& name) {
  const std::size_t dot = name.find('.');
  const Manifests found = read_example(name.substr(0, dot));
  EXPECT_TRUE(has_no_errors(found)) << name;
  const auto its = std::ranges::find_if(found.pods, [&](const ParsedPod& each) {
    return dot == name.npos || each.pod.metadata.name == name.substr(dot + 1);
  });
  EXPECT_NE(its, found.pods.end()) << name;
  const Pod& pod = its->pod;
  auto plan = compile(pod, images_of(pod), fixtures::facts(), fixtures::run_parameters());
  EXPECT_TRUE(plan) << plan.error().message;
  return std::move(plan).value();
}

constexpr std::string_view preamble_mark = "\n# @preamble.sh@\n";

/// The three parts of a script, in their order.
struct Script {
  std::string head;      ///< up to the pod's variables
  std::string preamble;  ///< the shell functions, the same in every script
  std::string steps;     ///< from the pod's control group on
};

Script split(const std::string& text) {
  // The lines at which it is split are commands, so that a change of a comment in a script moves nothing.
  const auto start = text.find('\n', text.find("\ngrace=") + 1) + 1;
  const auto end = text.find("\nexport cgroup=", start) + 1;
  return {.head = text.substr(0, start), .preamble = text.substr(start, end - start), .steps = text.substr(end)};
}

bool updates_golden_files() {
  return std::getenv("PODRUN_UPDATE_GOLDEN") != nullptr;
}

class Golden : public testing::TestWithParam<std::string> {
 protected:
  static void expect_same(const std::string& actual, const fs::path& golden) {
    if (updates_golden_files()) std::ofstream(golden) << actual;
    EXPECT_EQ(actual, read(golden)) << golden;
  }

  static void expect_same_script(const std::string& actual, const fs::path& golden) {
    if (updates_golden_files()) {
      const Script script = split(actual);
      std::ofstream(goldens / "preamble.sh") << script.preamble;
      std::ofstream(golden) << script.head << preamble_mark << script.steps;
    }
    std::string expected = read(golden);
    const auto mark = expected.find(preamble_mark);
    ASSERT_NE(mark, std::string::npos) << golden;
    expected.replace(mark, preamble_mark.size(), read(goldens / "preamble.sh"));
    EXPECT_EQ(actual, expected) << golden;
  }
};

TEST_P(Golden, AnExamplesPlanEqualsTheRecordedOne) {
  const PodPlan plan = plan_of_example(GetParam());
  ASSERT_TRUE(verify(plan));
  expect_same(to_text(plan), goldens / (GetParam() + ".txt"));
  expect_same(to_json(plan), goldens / (GetParam() + ".json"));
  expect_same_script(to_script(plan), goldens / (GetParam() + ".sh"));
}

INSTANTIATE_TEST_SUITE_P(Examples, Golden, testing::ValuesIn(example_names()),
                         [](const auto& example) {
                           std::string name = example.param;
                           std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

TEST(GoldenPreamble, EachScriptHasThePreamble) {
  const std::vector<std::string> names = example_names();
  ASSERT_FALSE(names.empty());
  if (updates_golden_files())
    std::ofstream(goldens / "preamble.sh") << split(to_script(plan_of_example(names.front()))).preamble;
  const std::string preamble = read(goldens / "preamble.sh");
  EXPECT_NE(preamble.find("\nend() {\n"), std::string::npos);
  for (const std::string& name : names) EXPECT_EQ(split(to_script(plan_of_example(name))).preamble, preamble) << name;
}

TEST(GoldenFiles, EachGoldenFileBelongsToAnExample) {
  std::vector<std::string> names = example_names();
  names.emplace_back("preamble");
  for (const auto& entry : fs::directory_iterator(goldens))
    EXPECT_EQ(std::ranges::count(names, entry.path().stem().string()), 1) << entry.path();
}

}  // namespace
}  // namespace podrun::pod
