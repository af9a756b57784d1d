// Which scenarios run with real containers.
#include "tests/system/lifecycle/scenarios/left_out.hpp"

#include <algorithm>
#include <chrono>

namespace podrun::test {
namespace {

/// Times are real, and all scenarios run at the same time: the longest one is what the test takes.
constexpr std::chrono::seconds longest{16};

}  // namespace

std::string reason_left_out(const supervisor::Scenario& scenario) {
  using Container = supervisor::ScenarioContainer;
  const auto some = [&](auto is_so) { return std::ranges::any_of(scenario.containers, is_so); };
  const auto happens = [&](std::string_view words) {
    return std::ranges::any_of(scenario.lines, [&](const auto& line) { return line.text.contains(words); });
  };
  if (!scenario.machine_only.empty()) return scenario.machine_only;
  if (scenario.lines.back().at > longest) return "it takes too long";
  if (some(&Container::is_slow)) return "nobody can delay an exec";
  if (some([](const Container& each) { return each.killed_after.count() > 0; })) return "a killed process ends at once";
  if (some(&Container::awaits_image)) return "images are fetched from registries, in tests of their own";
  if (happens("is OOM-killed")) return "memory is short in tests of their own";
  if (happens("the result of ")) return "no test can make a supervisor lose a result";
  if (some([&](const Container& each) {
        const auto& hook = each.hooks[pod::HookKind::PreStop];
        return hook && hook->sleep && *hook->sleep > scenario.grace;
      }))
    return "the manifest is refused: a sleep is longer than the grace period";
  return "";
}

}  // namespace podrun::test
