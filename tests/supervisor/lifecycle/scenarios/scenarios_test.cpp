// Every scenario of this folder, on the pure lifecycle with a virtual clock. With PODRUN_UPDATE_GOLDEN the lines that
// say what the pod does are written as the run had them: read the difference.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "tests/supervisor/lifecycle/scenarios/machine_driver.hpp"

namespace podrun::supervisor {
namespace {

namespace fs = std::filesystem;

const fs::path folder = PODRUN_SOURCE_DIR "/tests/supervisor/lifecycle/scenarios";

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::vector<fs::path> files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".scenarios") found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

std::vector<Scenario> scenarios_in(const fs::path& file) {
  auto scenarios = parse_scenarios(file.filename(), text_of(file));
  if (scenarios) return std::move(*scenarios);
  ADD_FAILURE() << scenarios.error().message;
  return {};
}

/// Lines as the language has them: a time where it changes.
std::string text_of(const std::vector<ScenarioLine>& lines) {
  std::string text;
  std::optional<std::chrono::nanoseconds> last;
  for (const ScenarioLine& line : lines) {
    const std::string time = line.at == last ? "" : seconds_text(line.at);
    text += fmt::format("{:>8}  {}{}\n", time, line.happens ? "> " : "", line.text);
    last = line.at;
  }
  return text;
}

/// Writes the file again with the lines of the runs in the place of its own.
void rewrite(const fs::path& file, const std::vector<Scenario>& scenarios) {
  std::istringstream old(text_of(file));
  std::string text, line;
  auto scenario = scenarios.begin();
  const auto finish = [&](const Scenario& each) {
    while (text.ends_with("\n\n")) text.pop_back();
    text += text_of(run_on_machine(each).lines) + "\n";
  };
  bool has_one = false;
  while (std::getline(old, line)) {
    if (line.starts_with("scenario: ") && std::exchange(has_one, true)) finish(*scenario++);
    if (!line.starts_with(" ")) text += line + "\n";
  }
  if (has_one) finish(*scenario);
  while (text.ends_with("\n\n")) text.pop_back();
  std::ofstream(file) << text;
}

TEST(Scenarios, EachHoldsOnThePureLifecycle) {
  std::size_t count = 0;
  for (const fs::path& file : files()) {
    const std::vector<Scenario> scenarios = scenarios_in(file);
    if (std::getenv("PODRUN_UPDATE_GOLDEN") != nullptr) rewrite(file, scenarios);
    for (const Scenario& scenario : scenarios) {
      SCOPED_TRACE(fmt::format("{}:{}: {}", scenario.file, scenario.line, scenario.name));
      const ScenarioRun run = run_on_machine(scenario);
      for (const std::string& fault : run.faults) ADD_FAILURE() << fault;
      EXPECT_EQ(text_of(scenario.lines), text_of(run.lines));
    }
    count += scenarios.size();
  }
  EXPECT_GE(count, 150U);
}

TEST(Scenarios, EachHasASentenceOfItsOwnAndASource) {
  std::map<std::string, int> names;
  for (const fs::path& file : files())
    for (const Scenario& scenario : scenarios_in(file)) {
      SCOPED_TRACE(fmt::format("{}:{}", scenario.file, scenario.line));
      EXPECT_FALSE(scenario.source.empty());
      EXPECT_FALSE(scenario.lines.empty());
      EXPECT_EQ(++names[scenario.name], 1) << scenario.name;
    }
}

TEST(Scenarios, ALineThatIsNotUnderstoodIsNamed) {
  for (const auto& [text, place] : {std::pair{"app: web\n", "x:1:"},
                                    {"scenario: a\napp: web, restart Often\n", "x:2:"},
                                    {"scenario: a\npod: Always, grace 5\n", "x:2:"},
                                    {"scenario: a\napp: web\n  5s  > stop\n  4s  web ends 0\n", "x:4:"},
                                    {"scenario: a\nwatch: weather\n", "x:2:"}}) {
    const auto scenarios = parse_scenarios("x", text);
    ASSERT_FALSE(scenarios) << text;
    EXPECT_EQ(scenarios.error().message.substr(0, 4), place) << text;
  }
}

TEST(Scenarios, WhatCannotHappenIsAFault) {
  const auto scenarios = parse_scenarios("x", "scenario: a\napp: web\n  0s  > db exits 1\n");
  ASSERT_TRUE(scenarios);
  EXPECT_EQ(run_on_machine(scenarios->front()).faults.size(), 1U);
}

}  // namespace
}  // namespace podrun::supervisor
