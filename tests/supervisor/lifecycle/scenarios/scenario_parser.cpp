// The text of scenarios → data.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "tests/supervisor/lifecycle/scenarios/scenario.hpp"

namespace podrun::supervisor {
namespace {

using Words = std::vector<std::string>;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    parts.emplace_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return parts;
}

template <typename Value>
std::optional<Value> named(std::string_view name, std::initializer_list<std::pair<std::string_view, Value>> names) {
  for (const auto& [each, value] : names)
    if (each == name) return value;
  return std::nullopt;
}

std::optional<pod::RestartPolicy> policy_named(std::string_view name) {
  using enum pod::RestartPolicy;
  return named<pod::RestartPolicy>(name, {{"Always", Always}, {"OnFailure", OnFailure}, {"Never", Never}});
}

std::optional<pod::ProbeKind> probe_named(std::string_view name) {
  using enum pod::ProbeKind;
  return named<pod::ProbeKind>(name, {{"startup", Startup}, {"liveness", Liveness}, {"readiness", Readiness}});
}

std::optional<pod::HookKind> hook_named(std::string_view name) {
  using enum pod::HookKind;
  return named<pod::HookKind>(name, {{"postStart", PostStart}, {"preStop", PreStop}});
}

/// "rule In 42 43 RestartAllContainers".
bool add_rule(ScenarioContainer& container, const Words& words) {
  if (words.size() < 4) return false;
  using Rule = pod::RestartRule;
  const auto its_operator =
      named<Rule::Operator>(words[1], {{"In", Rule::Operator::In}, {"NotIn", Rule::Operator::NotIn}});
  const auto action = named<Rule::Action>(
      words.back(), {{"Restart", Rule::Action::Restart}, {"RestartAllContainers", Rule::Action::RestartAllContainers}});
  if (!its_operator || !action) return false;
  Rule rule{.exit_codes = *its_operator, .values = {}, .action = *action};
  for (std::size_t i = 2; i + 1 < words.size(); ++i) rule.values.push_back(std::stoi(words[i]));
  container.rules.push_back(std::move(rule));
  return true;
}

bool add_hook(ScenarioContainer& container, pod::HookKind kind, const Words& words) {
  if (words.size() == 2 && words[1] == "exec") return bool(container.hooks[kind] = HookPolicy{});
  if (words.size() != 3 || words[1] != "sleep") return false;
  const auto time = parse_seconds(words[2]);
  if (time) container.hooks[kind] = HookPolicy{.sleep = time};
  return time.has_value();
}

/// "liveness", "liveness grace 5s".
bool add_probe(ScenarioContainer& container, pod::ProbeKind kind, const Words& words) {
  container.probes[kind].emplace();
  if (words.size() == 1) return true;
  if (words.size() != 3 || words[1] != "grace") return false;
  container.probes[kind]->grace = parse_seconds(words[2]);
  return container.probes[kind]->grace.has_value();
}

/// "ends never", "ends after 5s", "ends with 0", "ends after 5s with 0".
bool set_end(ScenarioContainer& container, const Words& words) {
  if (words.size() == 2 && words[1] == "never") {
    container.ends_after.reset();
    return true;
  }
  std::size_t next = 1;
  if (next + 1 < words.size() && words[next] == "after") {
    container.ends_after = parse_seconds(words[next + 1]);
    if (!container.ends_after) return false;
    next += 2;
  }
  if (next + 1 < words.size() && words[next] == "with") {
    container.ends_with = std::stoi(words[next + 1]);
    next += 2;
  }
  return next == words.size() && next > 1;
}

bool add_option(ScenarioContainer& container, const std::string& option) {
  const Words words = words_of(option);
  if (words.empty()) return false;
  if (const auto kind = hook_named(words[0])) return add_hook(container, *kind, words);
  if (const auto kind = probe_named(words[0])) return add_probe(container, *kind, words);
  if (words[0] == "rule") return add_rule(container, words);
  if (words[0] == "ends") return set_end(container, words);
  if (words.size() == 3 && words[0] == "killed" && words[1] == "after") {
    container.killed_after = parse_seconds(words[2]).value_or(std::chrono::nanoseconds{0});
    return container.killed_after > std::chrono::nanoseconds{0};
  }
  if (option == "slow") return container.is_slow = true;
  if (option == "image awaited") return container.awaits_image = true;
  if (words.size() != 2) return false;
  if (words[0] == "joins") return !(container.joins = words[1]).empty();
  if (words[0] == "restart") return bool(container.restart = policy_named(words[1]));
  return false;
}

bool add_pod_option(Scenario& scenario, const std::string& option) {
  const Words words = words_of(option);
  if (words.size() == 1) {
    const auto policy = policy_named(words[0]);
    scenario.restart = policy.value_or(scenario.restart);
    return policy.has_value();
  }
  if (words.size() != 2) return false;
  const auto time = parse_seconds(words[1]);
  if (words[0] == "grace" && time) scenario.grace = *time;
  else if (words[0] == "deadline" && time) scenario.deadline = time;
  else return false;
  return true;
}

/// A line of the form "key: value".
bool add_heading(Scenario& scenario, const std::string& key, const std::string& value) {
  const std::vector<std::string> parts = split(value, ',');
  if (key == "from") return !(scenario.source = value).empty();
  if (key == "machine only") return !(scenario.machine_only = value).empty();
  if (key == "pod") return std::ranges::all_of(parts, [&](const auto& each) { return add_pod_option(scenario, each); });
  if (key == "watch") {
    const std::set<std::string> kinds{"phase", "conditions", "started", "ready", "probes", "told", "causes"};
    scenario.watched = {parts.begin(), parts.end()};
    return std::ranges::all_of(parts, [&](const auto& each) { return kinds.contains(each); });
  }
  const auto role = named<pod::ContainerRole>(
      key,
      {{"init", pod::ContainerRole::Init}, {"sidecar", pod::ContainerRole::Sidecar}, {"app", pod::ContainerRole::App}});
  if (!role) return false;
  ScenarioContainer container{.name = parts[0], .role = *role};
  for (std::size_t i = 1; i < parts.size(); ++i)
    if (!add_option(container, parts[i])) return false;
  scenario.containers.push_back(std::move(container));
  return true;
}

/// An indented line. The first word may be a time; without one it is that of the line before.
bool add_line(Scenario& scenario, int number, std::string_view text) {
  ScenarioLine line{.number = number};
  if (!scenario.lines.empty()) line.at = scenario.lines.back().at;
  std::string_view rest = trimmed(text);
  const std::string first(rest.substr(0, rest.find(' ')));
  if (const auto time = parse_seconds(first)) {
    if (*time < line.at) return false;
    line.at = *time;
    rest = trimmed(rest.substr(first.size()));
  }
  line.happens = rest.starts_with('>');
  line.text = trimmed(line.happens ? rest.substr(1) : rest);
  if (line.text.empty()) return false;
  scenario.lines.push_back(std::move(line));
  return true;
}

}  // namespace

std::size_t Scenario::index_of(std::string_view container) const {
  const auto found = std::ranges::find(containers, container, &ScenarioContainer::name);
  return static_cast<std::size_t>(found - containers.begin());
}

std::optional<std::chrono::nanoseconds> parse_seconds(std::string_view text) {
  if (!text.ends_with('s')) return std::nullopt;
  double number = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || number < 0) return std::nullopt;
  return std::chrono::milliseconds(std::lround(number * 1000));
}

std::string seconds_text(std::chrono::nanoseconds time) {
  return fmt::format("{}s", std::chrono::duration<double>(time).count());
}

Words words_of(std::string_view text) {
  Words words = split(text, ' ');
  std::erase(words, "");
  return words;
}

Result<std::vector<Scenario>> parse_scenarios(const std::string& file, std::string_view text) {
  std::vector<Scenario> scenarios;
  int number = 0;
  for (const std::string_view whole : [&] {
         std::vector<std::string_view> lines;
         for (std::size_t begin = 0; begin < text.size();) {
           const std::size_t end = std::min(text.find('\n', begin), text.size());
           lines.push_back(text.substr(begin, end - begin));
           begin = end + 1;
         }
         return lines;
       }()) {
    ++number;
    const std::string_view line = trimmed(whole);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t colon = line.find(": ");
    if (line.starts_with("scenario: ")) {
      scenarios.push_back({.name = std::string(trimmed(line.substr(colon + 2))), .file = file, .line = number});
      continue;
    }
    const bool is_heading = whole.front() != ' ';
    const bool understood =
        !scenarios.empty() &&
        (is_heading ? colon != std::string_view::npos &&
                          add_heading(scenarios.back(), std::string(line.substr(0, colon)),
                                      std::string(trimmed(line.substr(colon + 2))))
                    : add_line(scenarios.back(), number, whole));
    if (!understood) return fail(fmt::format("{}:{}: not understood: {}", file, number, line));
  }
  return scenarios;
}

}  // namespace podrun::supervisor
