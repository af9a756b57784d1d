// Runs a scenario with real containers.
#include "tests/system/lifecycle/scenarios/scenario_pod.hpp"

#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "tests/system/lifecycle/scenarios/actors.hpp"
#include "tests/system/lifecycle/scenarios/expected_lines.hpp"
#include "tests/system/lifecycle/scenarios/scenario_manifest.hpp"
#include "tests/system/support/pod_run.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;
using supervisor::Scenario;
using supervisor::ScenarioLine;
using supervisor::WallTime;

WallTime now() {
  return std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
}

/// A longer pause of this process than this makes times mean nothing.
constexpr std::chrono::milliseconds longest_pause{400};

class ScenarioPod {
 public:
  ScenarioPod(const TemporaryRoot& root, const Scenario& scenario, const std::string& image, const std::string& name)
      : root_(root),
        scenario_(scenario),
        name_(name),
        folder_(root / "s/" + name),
        actors_((fs::create_directories(folder_), folder_)),
        changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    fs::create_directories(root / "var/log/pods");
    ::inotify_add_watch(changes_.get(), (root / "var/log/pods").c_str(), IN_CREATE);
    const std::string manifest = root.write(name + ".yaml", manifest_of(scenario, name, image, folder_));
    run_ = std::make_unique<PodRun>(root, std::vector<std::string>{manifest});
    if (auto process = ns::open_process(run_->pid())) process_ = std::move(*process);
  }

  ScenarioOutcome run() && {
    for (const ScenarioLine& line : scenario_.lines) {
      if (!line.happens) {
        expect(line);
        continue;
      }
      if (!await_expected()) break;
      await([] { return false; }, time_of(line.at));
      shift_ += std::max(now() - time_of(line.at), nanoseconds{0});
      is_new_group_ = true;
      if (!make_happen(line.text, line.at)) outcome_.faults.push_back("could not make happen: " + line.text);
      if (!outcome_.faults.empty()) break;
    }
    if (outcome_.faults.empty()) await_expected();
    const WallTime end = now();
    finish();
    std::vector<SaidLine> seen = seen_lines(scenario_, said_);
    std::erase_if(seen, [&](const SaidLine& line) { return line.time > end; });
    for (std::string& fault : differences(groups_, seen)) outcome_.faults.push_back(std::move(fault));
    if (!outcome_.faults.empty()) outcome_.faults.push_back("podrun says:\n" + run_->err());
    return std::move(outcome_);
  }

 private:
  // ---- what is expected ----

  void expect(const ScenarioLine& line) {
    apply_to_status(status_, line.text);
    const std::string visible = visible_line(scenario_, line.text);
    if (visible.empty()) return;
    const nanoseconds at = line.at + shift_;
    if (is_new_group_ || groups_.back().at != at) groups_.push_back({.at = at, .lines = {}});
    is_new_group_ = false;
    groups_.back().lines.push_back(visible);
  }

  /// Waits until all expected lines have been seen, and `podrun status` says the same.
  bool await_expected() {
    const WallTime deadline =
        (groups_.empty() || first_ == WallTime{} ? now() : first_ + groups_.back().at) + 2 * test_timeout;
    if (!await([&] { return first_missing().empty(); }, std::max(deadline, now() + std::chrono::seconds(1)))) {
      outcome_.faults.push_back("never came: " + first_missing());
      return false;
    }
    return await_status(now() + test_timeout);
  }
  std::string first_missing() {
    const std::vector<SaidLine> seen = seen_lines(scenario_, said_);
    if (first_ == WallTime{} && !seen.empty()) first_ = seen.front().time;
    std::vector<std::string> texts;
    for (const SaidLine& line : seen) texts.push_back(line.text);
    for (const LineGroup& group : groups_)
      for (const std::string& line : group.lines) {
        const auto found = std::ranges::find(texts, line);
        if (found == texts.end()) return line;
        texts.erase(found);
      }
    for (const auto& container : scenario_.containers)  // it may be sent TERM when it has said that it runs
      if (count(container.name + " runs") < count(container.name + " starts")) return container.name + " runs";
    return "";
  }
  long count(const std::string& beginning) const {
    return std::ranges::count_if(
        said_, [&](const SaidLine& line) { return line.text == beginning || line.text.starts_with(beginning + ","); });
  }
  bool await_status(WallTime deadline) {
    if (status_.empty()) return true;
    for (;;) {
      const auto status = status_in(test::run(root_, {"status", name_, "-o", "json"}).out);
      const auto differs = [&](const auto& wanted) {
        const auto found = status.find(wanted.first);
        return found == status.end() ? wanted.second != "False" : found->second != wanted.second;
      };
      const auto wrong = std::ranges::find_if(status_, differs);
      if (wrong == status_.end()) return true;
      if (now() > deadline) {
        outcome_.faults.push_back(fmt::format("status: \"{}\" is not {}", wrong->first, wrong->second));
        return false;
      }
      await([] { return false; }, now() + std::chrono::milliseconds(50));
    }
  }

  // ---- what comes ----

  WallTime time_of(nanoseconds at) const { return first_ + at + shift_; }

  /// Takes all that comes until `is_done`. False when it is `until` before.
  template <typename IsDone>
  bool await(IsDone is_done, WallTime until) {
    for (;;) {
      take();
      if (is_done()) return true;
      if (resume_ && now() >= *resume_) {
        run_->signal(SIGCONT);
        resume_.reset();
      }
      const WallTime next = std::min(until, resume_.value_or(until));
      if (now() >= until) return false;
      std::vector<pollfd> watched{{changes_.get(), POLLIN, 0}};
      if (!exit_) watched.push_back({process_.pidfd.get(), POLLIN, 0});
      actors_.add_to(watched);
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now());
      ::poll(watched.data(), watched.size(), static_cast<int>(std::max<long>(left.count(), 0)));
      if (now() > next + longest_pause) outcome_.was_disturbed = true;
    }
  }
  void take() {
    char changes[4096];
    while (::read(changes_.get(), changes, sizeof changes) > 0) {
    }
    const auto add = [&](std::vector<SaidLine> lines) { said_.insert(said_.end(), lines.begin(), lines.end()); };
    add(actors_.hear());
    pollfd ended{process_.pidfd.get(), POLLIN, 0};
    const bool has_ended = !exit_ && ::poll(&ended, 1, 0) > 0;
    add(read_events());
    if (!has_ended) return;
    exit_ = run_->wait_exit();
    said_.push_back({now(), fmt::format("the pod ends with {}", *exit_)});
  }
  std::vector<SaidLine> read_events() {
    if (log_.empty()) {
      for (const auto& entry : fs::directory_iterator(root_ / "var/log/pods"))
        if (entry.path().filename().string().starts_with("default_" + name_ + "_")) log_ = entry.path();
      if (log_.empty()) return {};
      ::inotify_add_watch(changes_.get(), log_.c_str(), IN_CREATE | IN_MODIFY);
    }
    std::vector<SaidLine> lines;
    std::ifstream file(log_ + "/events.jsonl", std::ios::binary);
    file.seekg(read_);
    for (std::string line; std::getline(file, line) && !file.eof();) {
      read_ += static_cast<std::streamoff>(line.size()) + 1;
      const auto event = supervisor::parse_event_line(line);
      std::string text = event ? line_for(scenario_, *event) : "";
      if (!text.empty()) lines.push_back({event->time, std::move(text)});
    }
    return lines;
  }

  // ---- what a scenario makes happen ----

  bool make_happen(const std::string& text, nanoseconds at) {
    const std::size_t colon = text.find(": ");
    const std::string message = colon == std::string::npos ? "" : text.substr(colon + 2);
    const std::vector<std::string> words = supervisor::words_of(text.substr(0, colon));
    if (text == "nothing happens") return true;
    if (words[0] == "stop") return stop(words);
    if (words[0] == "supervisor") return kill_supervisor(words, at);
    if (words.size() == 4 && words[1] == "of")
      return tell(words[0] + " of " + words[2], (words[3] == "succeeds" ? "0 " : "1 ") + message);
    return words.size() == 3 && words[1] == "exits" && tell(words[0], words[2]);
  }
  /// A probe may be between two tries: then its next one is told.
  bool tell(const std::string& who, const std::string& order) {
    if (!await([&] { return actors_.tell(who, order); }, now() + test_timeout)) return false;
    if (who.contains(" of ")) said_.push_back({now(), who + " answered"});
    return true;
  }
  bool stop(const std::vector<std::string>& words) {
    if (words.size() == 3)
      stops_.push_back(
          std::make_unique<PodRun>(root_, std::vector<std::string>{"stop", "--grace-period", words[2], name_}));
    else
      run_->signal(SIGTERM);
    return true;
  }
  /// While the pause is stopped nobody starts another supervisor.
  bool kill_supervisor(const std::vector<std::string>& words, nanoseconds at) {
    if (words.size() == 4) {
      run_->signal(SIGSTOP);
      resume_ = time_of(at) + supervisor::parse_seconds(words[3]).value_or(nanoseconds{0});
    }
    if (!killer_) killer_ = std::make_unique<SupervisorKiller>(run_->pid());
    return killer_->kill_next();
  }

  void finish() {
    if (resume_) run_->signal(SIGCONT);
    if (exit_) return;
    (void)test::run(root_, {"stop", "--grace-period", "0", name_});
    run_->wait_exit();
  }

  const TemporaryRoot& root_;
  const Scenario& scenario_;
  std::string name_, folder_;
  Actors actors_;
  Fd changes_;
  std::unique_ptr<PodRun> run_;
  ns::Process process_;
  std::unique_ptr<SupervisorKiller> killer_;
  std::vector<std::unique_ptr<PodRun>> stops_;
  std::optional<int> exit_;
  std::optional<WallTime> resume_;  ///< when the pause goes on
  std::string log_;                 ///< the folder of events.jsonl
  std::streamoff read_ = 0;         ///< so much of events.jsonl
  std::vector<SaidLine> said_;
  WallTime first_{};      ///< the first line
  nanoseconds shift_{0};  ///< how late what happens is
  std::vector<LineGroup> groups_;
  bool is_new_group_ = true;
  std::map<std::string, std::string> status_;
  ScenarioOutcome outcome_;
};

}  // namespace

ScenarioOutcome run_with_containers(const TemporaryRoot& root, const Scenario& scenario, const std::string& image,
                                    const std::string& name) {
  return ScenarioPod(root, scenario, image, name).run();
}

}  // namespace podrun::test
