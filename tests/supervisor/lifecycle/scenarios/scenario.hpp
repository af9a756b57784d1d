// Scenarios: a pod, what happens to it, and what it does, as text. README.md in this folder describes the language. This
// is the text as data; who makes it happen, on the pure lifecycle or with containers, is a driver.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/policies.hpp"
#include "pod/text/result.hpp"
#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// A container of a scenario, and how it behaves.
struct ScenarioContainer {
  std::string name;
  pod::ContainerRole role = pod::ContainerRole::App;
  std::optional<pod::RestartPolicy> restart;
  std::vector<pod::RestartRule> rules;
  ByKind<pod::ProbeKind, std::optional<ProbePolicy>, pod::probe_kinds> probes{};
  ByKind<pod::HookKind, std::optional<HookPolicy>, hook_kinds> hooks{};
  std::optional<std::chrono::nanoseconds> ends_after{std::chrono::nanoseconds{0}};  ///< TERM; empty: it ignores it
  int ends_with = 143;
  std::chrono::nanoseconds killed_after{0};  ///< how long its end takes after KILL
  bool is_slow = false;        ///< the scenario says when its program runs
  bool awaits_image = false;   ///< the scenario says when its image comes
  std::string joins = "";      ///< the container whose PID namespace it uses
};

/// One line below the pod: what happens, or what the pod does.
struct ScenarioLine {
  int number = 0;  ///< in the file
  std::chrono::nanoseconds at{0};  ///< since the pod's start
  bool happens = false;
  std::string text;
};

/// One scenario.
struct Scenario {
  std::string name;    ///< a sentence
  std::string source;  ///< of the rule
  std::string machine_only;  ///< why it cannot be run with containers; "": it can
  std::string file;
  int line = 0;
  pod::RestartPolicy restart = pod::RestartPolicy::Always;
  std::chrono::nanoseconds grace = std::chrono::seconds(30);
  std::optional<std::chrono::nanoseconds> deadline;
  std::vector<ScenarioContainer> containers;
  std::set<std::string> watched;  ///< kinds of events that are compared besides those always compared
  std::vector<ScenarioLine> lines;

  std::size_t index_of(std::string_view container) const;
};

/// Reads the scenarios of a file. Errors name file and line.
Result<std::vector<Scenario>> parse_scenarios(const std::string& file, std::string_view text);

/// "5s", "2.5s".
std::optional<std::chrono::nanoseconds> parse_seconds(std::string_view text);
std::string seconds_text(std::chrono::nanoseconds time);

/// The words of a line.
std::vector<std::string> words_of(std::string_view text);

}  // namespace podrun::supervisor
