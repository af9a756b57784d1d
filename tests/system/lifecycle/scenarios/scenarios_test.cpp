// The scenarios of tests/supervisor/lifecycle/scenarios with real containers, in real time, all at the same time.
//
// PODRUN_SCENARIO=WORDS runs only those with these words in their name.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"
#include "tests/system/lifecycle/scenarios/expected_lines.hpp"
#include "tests/system/lifecycle/scenarios/left_out.hpp"
#include "tests/system/lifecycle/scenarios/scenario_pod.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::Scenario;

/// So many pods at a time. Each waits most of the time.
constexpr std::size_t most_at_a_time = 64;

std::vector<Scenario> all_scenarios() {
  std::vector<Scenario> all;
  for (const auto& entry : fs::directory_iterator(PODRUN_SOURCE_DIR "/tests/supervisor/lifecycle/scenarios")) {
    if (entry.path().extension() != ".scenarios") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto scenarios = supervisor::parse_scenarios(entry.path().filename(), text);
    if (!scenarios)
      ADD_FAILURE() << scenarios.error().message;
    else
      std::ranges::move(*scenarios, std::back_inserter(all));
  }
  return all;
}

/// The longest first, so that none of them is alone at the end.
std::vector<Scenario> chosen_scenarios() {
  std::vector<Scenario> chosen = all_scenarios();
  const char* const words = std::getenv("PODRUN_SCENARIO");
  std::erase_if(chosen, [&](const Scenario& each) {
    return !reason_left_out(each).empty() || (words != nullptr && !each.name.contains(words));
  });
  std::ranges::stable_sort(chosen, std::greater{}, [](const Scenario& each) { return each.lines.back().at; });
  return chosen;
}

/// "hooks-12": a name for the pod. A scenario that is repeated has another one.
std::string pod_name(const Scenario& scenario, int attempt) {
  const std::string file = scenario.file.substr(2, scenario.file.find('.') - 2);
  return fmt::format("{}-{}-{}", file, scenario.line, attempt);
}

/// A run whose times mean nothing, because the machine stood still, is repeated.
ScenarioOutcome run_undisturbed(const TemporaryRoot& root, const Scenario& scenario, const std::string& image) {
  constexpr int most = 3;
  ScenarioOutcome outcome;
  for (int attempt = 1; attempt <= most; ++attempt) {
    outcome = run_with_containers(root, scenario, image, pod_name(scenario, attempt));
    if (outcome.faults.empty() || !outcome.was_disturbed) break;
  }
  return outcome;
}

TEST(RootScenarios, EachChosenHoldsWithContainers) {
  const TemporaryRoot root;
  const std::string image = root.make_rootfs("image");
  const std::vector<Scenario> scenarios = chosen_scenarios();
  std::vector<ScenarioOutcome> outcomes(scenarios.size());
  std::atomic<std::size_t> next = 0;
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < std::min(most_at_a_time, scenarios.size()); ++i)
      workers.emplace_back([&] {
        for (std::size_t mine = next++; mine < scenarios.size(); mine = next++)
          outcomes[mine] = run_undisturbed(root, scenarios[mine], image);
      });
  }
  for (std::size_t i = 0; i < scenarios.size(); ++i)
    EXPECT_TRUE(outcomes[i].faults.empty()) << fmt::format("{}:{}: {}\n{}", scenarios[i].file, scenarios[i].line,
                                                           scenarios[i].name, fmt::join(outcomes[i].faults, "\n"))
                                            << (outcomes[i].was_disturbed ? "\nthe machine stood still meanwhile" : "");
}

TEST(RootScenarios, MostAreChosen) {
  std::map<std::string, int> reasons;
  for (const Scenario& each : all_scenarios()) ++reasons[reason_left_out(each)];
  EXPECT_GE(reasons[""], 150) << fmt::format("{}", reasons);
}

TEST(RootScenarios, ADifferenceIsAFault) {
  const auto at = [](int seconds) { return supervisor::WallTime(std::chrono::seconds(seconds)); };
  const std::vector<LineGroup> groups{{std::chrono::seconds(0), {"a starts", "b starts"}},
                                      {std::chrono::seconds(5), {"a ends 0", "b gets TERM"}}};
  EXPECT_TRUE(
      differences(groups, {{at(9), "b starts"}, {at(9), "a starts"}, {at(14), "a ends 0"}, {at(14), "b gets TERM"}})
          .empty());
  using Seen = std::vector<SaidLine>;
  for (const Seen& seen :
       {Seen{{at(9), "b starts"},
             {at(9), "a starts"},
             {at(14), "b gets TERM"},
             {at(14), "a ends 0"}},  // its cause first
        Seen{{at(9), "b starts"}, {at(9), "a starts"}, {at(12), "a ends 0"}, {at(12), "b gets TERM"}},  // too early
        Seen{{at(9), "b starts"}, {at(9), "a starts"}, {at(24), "a ends 0"}, {at(24), "b gets TERM"}},  // too late
        Seen{{at(9), "b starts"}, {at(9), "a starts"}, {at(14), "a ends 0"}},
        Seen{{at(9), "b starts"}, {at(9), "a starts"}, {at(14), "a ends 1"}, {at(14), "b gets TERM"}},
        Seen{{at(9), "a starts"}, {at(9), "a ends 0"}, {at(14), "b starts"}, {at(14), "b gets TERM"}},
        Seen{{at(9), "b starts"},
             {at(9), "a starts"},
             {at(14), "a ends 0"},
             {at(14), "b gets TERM"},
             {at(14), "b ends 0"}}})
    EXPECT_FALSE(differences(groups, seen).empty());
}

}  // namespace
}  // namespace podrun::test
