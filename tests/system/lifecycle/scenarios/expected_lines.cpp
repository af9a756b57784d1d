// What a scenario says that its pod does, compared with what it did.
#include "tests/system/lifecycle/scenarios/expected_lines.hpp"

#include <algorithm>
#include <regex>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace podrun::test {
namespace {

using supervisor::LoggedEvent;
using supervisor::Scenario;
using supervisor::words_of;

constexpr std::chrono::seconds most_early{1}, most_late{8};

/// The container that a line is about; "the" for the pod.
std::string subject_of(const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  const auto of = std::ranges::find(words, "of");
  return of - words.begin() == 1 || line.starts_with("the ") ? (of == words.end() ? "the" : *(of + 1)) : words.at(0);
}
bool is_end(const std::string& line) {
  return words_of(line).at(1) == "ends" && !line.starts_with("the ");
}
bool is_beginning(const std::string& line) {
  return line.starts_with("the ") && line.ends_with(" begins");
}

/// Whether `first` must be seen before `second`, which comes later in a group.
bool is_ordered(const std::string& first, const std::string& second) {
  if (is_beginning(first) && is_beginning(second)) return false;
  if (subject_of(first) == subject_of(second)) return true;
  return is_end(first) && !is_end(second);
}

std::string captured(const std::string& text, const char* pattern) {
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : "";
}

/// "liveness probe failed: HTTP 503" of "killed by its liveness probe (command exited with 1: HTTP 503), exit code 1".
std::string cause_in(const std::string& message) {
  std::smatch found;
  static const std::regex failed(
      "killed (?:by its|because its) (\\w+ (?:probe|hook))(?: failed)?(?: \\((?:command exited with 1(?:: "
      ")?)?(.*)\\))?, "
      "exit code");
  if (std::regex_search(message, found, failed))
    return found[1].str() + " failed" + (found[2].str().empty() ? "" : ": " + found[2].str());
  return captured(message, ", because (.*)$");
}

std::string text_of(const std::vector<SaidLine>& seen) {
  std::string text;
  for (const SaidLine& line : seen)
    text += fmt::format("  {:>8.3f}  {}\n", std::chrono::duration<double>(line.time - seen.front().time).count(),
                        line.text);
  return text;
}

void check_order(const LineGroup& group, const std::vector<std::string>& seen, std::vector<std::string>& faults) {
  for (auto first = group.lines.begin(); first != group.lines.end(); ++first)
    for (auto second = first + 1; second != group.lines.end(); ++second)
      if (is_ordered(*first, *second) && std::ranges::find(seen, *first) > std::ranges::find(seen, *second))
        faults.push_back(fmt::format("\"{}\" came before \"{}\"", *second, *first));
}

}  // namespace

std::string visible_line(const Scenario& scenario, const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (line == "the pod has started" || line == "the pod is ready" || line.starts_with("the phase ")) return "";
  if (line.starts_with("the ") && (words.at(2) == "probe") && words.back() == "ends") return "";
  if (words.at(1) == "is") return "";
  if (words.at(1) == "of") {
    const auto& hooks = scenario.containers[scenario.index_of(words.at(2))].hooks;
    const auto& hook = hooks[words[0] == "preStop" ? pod::HookKind::PreStop : pod::HookKind::PostStart];
    if (hook && hook->sleep) return "";
  }
  const std::size_t of_pod = line.find(" (the pod ");  // an event says that the pod is stopped, and once
  return line.substr(0, of_pod);
}

std::string line_for(const Scenario& scenario, const LoggedEvent& event) {
  if (event.reason == "Created")
    return event.instance == 0 ? event.container + " starts"
                               : fmt::format("{} starts, restart {}", event.container, event.instance);
  if (event.reason == "Failed") return fmt::format("{} ends 128 StartError", event.container);
  if (event.reason != "ContainerDied") return "";
  const std::string cause = cause_in(event.message);
  const std::string code = captured(event.message, "exit code (\\d+)");
  std::string line =
      fmt::format("{} ends {}", event.container, code.empty() ? captured(event.message, "exited with (\\d+)") : code);
  if (cause == "all containers of the pod are restarted") line += " RestartingAllContainers";
  if (scenario.watched.contains("causes") && !cause.empty()) line += " (" + cause + ")";
  return line;
}

std::vector<SaidLine> seen_lines(const Scenario& scenario, std::vector<SaidLine> said) {
  std::ranges::stable_sort(said, {}, &SaidLine::time);
  std::vector<SaidLine> seen;
  std::set<std::string> continued;  // probes whose last try of this instance was answered
  for (SaidLine& line : said) {
    const std::vector<std::string> words = words_of(line.text);
    if (words.at(1) == "runs") continue;
    if (words.at(1).starts_with("starts"))
      for (const char* kind : {"startup", "liveness", "readiness"})
        continued.erase(fmt::format("{} of {}", kind, subject_of(line.text)));
    const bool is_answer = words.back() == "answered";
    if (!is_answer && words.back() != "tries") {
      seen.push_back(std::move(line));
      continue;
    }
    const std::string who = fmt::format("{} of {}", words[0], words.at(2));
    if (is_answer)
      continued.insert(who);
    else if (continued.erase(who) == 0 && scenario.watched.contains("probes"))
      seen.push_back({line.time, fmt::format("the {} probe of {} begins", words[0], words[2])});
  }
  return seen;
}

std::vector<std::string> differences(const std::vector<LineGroup>& groups, const std::vector<SaidLine>& seen) {
  std::vector<std::string> faults;
  std::size_t next = 0;
  for (const LineGroup& group : groups) {
    std::vector<std::string> lines;
    for (; lines.size() < group.lines.size() && next < seen.size(); ++next) {
      const auto after = seen[next].time - seen.front().time - group.at;
      if (after < -most_early || after > most_late)
        faults.push_back(fmt::format("\"{}\" came {}s after its time", seen[next].text,
                                     std::chrono::duration<double>(after).count()));
      lines.push_back(seen[next].text);
    }
    if (!std::ranges::is_permutation(lines, group.lines)) {
      faults.push_back(
          fmt::format("expected:\n  {}\nseen:\n  {}", fmt::join(group.lines, "\n  "), fmt::join(lines, "\n  ")));
      break;
    }
    check_order(group, lines, faults);
  }
  if (faults.empty())
    for (; next < seen.size(); ++next) faults.push_back("not expected: " + seen[next].text);
  if (!faults.empty()) faults.push_back("the whole run:\n" + text_of(seen));
  return faults;
}

void apply_to_status(std::map<std::string, std::string>& status, const std::string& line) {
  const std::vector<std::string> words = words_of(line);
  if (line.starts_with("the phase is "))
    status["phase"] = words.at(3);
  else if (line.ends_with(" is True") || line.ends_with(" is False"))
    status[words[0]] = words.at(2);
  else if (line.ends_with(" is started"))
    status[line] = "true";
  else if (line.ends_with(" is ready") && words[0] != "the")
    status[line] = "true";
  else if (line.ends_with(" is not ready"))
    status[words[0] + " is ready"] = "false";
  else if (words.at(1) == "ends")
    status.erase(words[0] + " is started");
}

std::map<std::string, std::string> status_in(const std::string& json) {
  std::map<std::string, std::string> found;
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object() || !object.contains("status")) return found;
  const auto& status = object["status"];
  found["phase"] = status.value("phase", "");
  for (const auto& each : status.value("conditions", nlohmann::json::array()))
    found[each.value("type", "")] = each.value("status", "");
  for (const char* list : {"initContainerStatuses", "containerStatuses"})
    for (const auto& each : status.value(list, nlohmann::json::array())) {
      const std::string name = each.value("name", "");
      found[name + " is started"] = each.value("started", false) ? "true" : "false";
      found[name + " is ready"] = each.value("ready", false) ? "true" : "false";
    }
  return found;
}

}  // namespace podrun::test
