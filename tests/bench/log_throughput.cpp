// The throughput of logs: podrun's, that of a plain copy, and conmon's.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "supervisor/core/layout.hpp"
#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

constexpr char pod_name[] = "log";  // also the container's
constexpr int line_size = 100;      // of the payload

/// Runs a command until it and its orphans have ended. Returns the throughput of the lines in MB/s.
Result<double> rate(BenchRoot& place, const std::vector<std::string>& command) {
  const auto before = TRY(ns::children_of(::getpid()));
  Running running = TRY(place.start(command));
  TRY_VOID(running.wait());
  for (const pid_t child : TRY(ns::children_of(::getpid())))
    if (std::ranges::find(before, child) == before.end()) {
      const ns::Process left = TRY(ns::open_process(child));
      TRY_VOID(wait_for_end(left));
    }
  const double bytes = 1.0 * line_size * place.scale().log_lines;
  return bytes / 1000 / milliseconds(monotonic_now() - running.began());
}

/// conmon with a script as its runtime, which only starts the payload and writes its pid.
Result<std::vector<std::string>> conmon_command(BenchRoot& place) {
  const std::string directory = place / "conmon";
  TRY_VOID(ns::make_directories(directory, 0755));
  TRY_VOID(
      ns::write_file(directory + "/runtime",
                     fmt::format("#!/bin/sh\n"
                                 "while [ $# -gt 0 ]; do [ \"$1\" = --pid-file ] && file=$2; shift; done\n"
                                 "{} {} lines {} &\necho $! >\"$file\"\n",
                                 place.payload(), pod_name, place.scale().log_lines),
                     0755));
  const std::string id = "podrun-bench";
  return std::vector<std::string>{"conmon",
                                  "--cid",
                                  id,
                                  "--cuuid",
                                  id,
                                  "--name",
                                  id,
                                  "--runtime",
                                  directory + "/runtime",
                                  "--bundle",
                                  directory,
                                  "--container-pidfile",
                                  directory + "/pid",
                                  "--exit-dir",
                                  directory,
                                  "--socket-dir-path",
                                  directory,
                                  "--log-path",
                                  "k8s-file:" + directory + "/log"};
}

/// The number at the beginning of a record's line: "<time> stdout F 000000000042….".
std::optional<std::size_t> number_in(const std::string& record) {
  constexpr std::string_view before = " stdout F ";
  const std::size_t found = record.find(before);
  if (found == std::string::npos) return std::nullopt;
  return std::strtoul(record.c_str() + found + before.size(), nullptr, 10);
}

/// The number of lines that are missing or doubled in the files, from the oldest line that was kept to the last one
/// that was printed.
Result<std::size_t> count_faults(const BenchRoot& place) {
  const auto lines = static_cast<std::size_t>(place.scale().log_lines);
  std::vector<bool> seen(lines);
  std::size_t oldest = lines, faults = 0;
  const supervisor::Layout layout(place / "root");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(layout.logs())) {
    if (entry.path().parent_path().filename() != pod_name) continue;
    std::ifstream file(entry.path());
    for (std::string record; std::getline(file, record);) {
      const auto number = number_in(record);
      if (!number || *number >= lines) continue;
      faults += seen[*number];
      seen[*number] = true;
      oldest = std::min(oldest, *number);
    }
  }
  if (oldest == lines) return fail("no line is in the log");
  for (std::size_t number = oldest; number < lines; ++number) faults += !seen[number];
  return faults;
}

Result<> forget_logs(const BenchRoot& place) {
  return ns::remove_tree(supervisor::Layout(place / "root").logs());
}

/// The throughput in MB/s.
struct Rates {
  std::vector<double> detached, shown, floor, conmon;
  std::size_t faults = 0;
};

Result<Rates> measure(BenchRoot& place) {
  const PodText text{.name = pod_name,
                     .containers = {pod_name},
                     .habit = fmt::format("lines, \"{}\"", place.scale().log_lines),
                     .restart_policy = "Never"};
  const auto shown = TRY(place.pod(text)), detached = TRY(place.pod(text, {"-d"}));
  const std::vector<std::string> floor{place.floor(),
                                       "copy",
                                       place / "copy",
                                       place.payload(),
                                       pod_name,
                                       "lines",
                                       std::to_string(place.scale().log_lines)};
  const auto conmon = TRY(conmon_command(place));
  Rates rates;
  for (int run = 0; run < place.scale().log_runs; ++run) {
    rates.floor.push_back(TRY(rate(place, floor)));
    rates.shown.push_back(TRY(rate(place, shown)));
    TRY_VOID(forget_logs(place));
    rates.detached.push_back(TRY(rate(place, detached)));
    rates.faults += TRY(count_faults(place));
    TRY_VOID(forget_logs(place));
    if (const auto its = rate(place, conmon))
      rates.conmon.push_back(*its);
    else if (its.error().number != ENOENT)
      return std::unexpected(its.error());
  }
  return rates;
}

}  // namespace

Result<Figures> measure_logs(BenchRoot& place) {
  const Rates rates = TRY(measure(place));
  const Beside floor{"floor: a plain copy", median(rates.floor)};
  const Beside conmon{rates.conmon.empty() ? "conmon is not installed" : "conmon", median(rates.conmon)};
  const auto figure = [](std::string name, std::string what, const std::vector<double>& values,
                         const Beside& beside, std::optional<Target> target = {}) {
    return Figure{.name = std::move(name),
                  .what = std::move(what),
                  .unit = "MB/s",
                  .value = median(values),
                  .beside = beside,
                  .target = target};
  };
  return Figures{
      figure("log", fmt::format("{} MB of 100-byte lines to a CRI log", place.scale().log_lines / 10'000),
             rates.detached, floor),
      figure("log.conmon", "", rates.detached, conmon, Target{Target::Kind::AtLeastTimes, 2}),
      figure("log.shown", "  and to stdout", rates.shown, floor),
      {.name = "log.faults",
       .what = "  lines lost or doubled",
       .unit = "",
       .value = static_cast<double>(rates.faults),
       .target = Target{Target::Kind::AtMost, 0}}};
}

}  // namespace podrun::bench
