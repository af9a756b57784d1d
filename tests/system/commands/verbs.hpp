// A fixture for the tests of verbs: a temporary root, and a pod in it.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {

class Verbs : public testing::Test {
 protected:
  /// Starts a pod in the background, from the text of its manifest.
  void start(const std::string& text) {
    const Finished started = run(root_, {"-d", root_.write("pod.yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  /// What a verb prints with -o json.
  nlohmann::json json(std::vector<std::string> words) {
    words.insert(words.end(), {"-o", "json"});
    const Finished ended = run(root_, words);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return nlohmann::json::parse(ended.out, nullptr, false);
  }

  TemporaryRoot root_;
};

}  // namespace podrun::test
