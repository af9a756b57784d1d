// podrun-bench compares podrun with the floor, the least that the kernel needs. As root, on an otherwise idle machine:
//
//   podrun-bench [--podrun PROGRAM] [--only NAME]… [--quick] [--json FILE] [--clean]
//
// measures build/release/podrun. The exit status says whether everything could be measured (0) or not (1),
// never whether a target was met.
#include <getopt.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "namespaces/kernel/files.hpp"
#include "tests/bench/leftovers.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

struct Options {
  std::string podrun = PODRUN_BUILD_DIR "/../release/podrun";
  std::set<std::string> only;  // all if it is empty
  Scale scale;
  bool quick = false;
  std::string json;
  std::optional<int> clean;  // the signal that ended the measurements, 0 if none

  bool selects(const std::string& name) const { return only.empty() || only.contains(name); }
};

struct Measurement {
  const char* name;
  Result<Figures> (*measure)(BenchRoot&);
};
constexpr Measurement measurements[] = {
    {"load", measure_load},        {"start", measure_starts},      {"command", measure_commands},
    {"restart", measure_restarts}, {"teardown", measure_teardown}, {"exec", measure_execs},
    {"counts", measure_counts},    {"pods", measure_pods},         {"network", measure_networks},
    {"connections", measure_connections},
    {"probes", measure_probes},
    {"log", measure_logs},  // the last one, because the disk is busy afterwards
};
constexpr char idle_name[] = "idle";

constexpr char usage[] =
    "podrun-bench [--podrun PROGRAM] [--only NAME]... [--quick] [--json FILE] [--clean]\n"
    "  --podrun PROGRAM  measure this one, not build/release/podrun\n"
    "  --only NAME       load, start, command, restart, teardown, exec, counts, pods, network, connections, probes, log\n"
    "                    or idle\n"
    "  --quick           just enough to show that everything can be measured\n"
    "  --json FILE       write the figures there, too\n"
    "  --clean           measure nothing, but remove what killed ones have left\n";

bool is_measurement(const std::string& name) {
  return name == idle_name ||
         std::ranges::find(measurements, name, &Measurement::name) != std::end(measurements);
}

std::optional<Options> parse(int argc, char** argv) {
  constexpr option known[] = {{"podrun", required_argument, nullptr, 'p'},
                              {"only", required_argument, nullptr, 'o'},
                              {"quick", no_argument, nullptr, 'q'},
                              {"json", required_argument, nullptr, 'j'},
                              {"clean", optional_argument, nullptr, 'c'},
                              {}};
  Options options;
  for (int word; (word = ::getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    if (word == 'p')
      options.podrun = optarg;
    else if (word == 'o' && is_measurement(optarg))
      options.only.insert(optarg);
    else if (word == 'q')
      options.quick = true;
    else if (word == 'j')
      options.json = optarg;
    else if (word == 'c')
      options.clean = optarg != nullptr ? std::atoi(optarg) : 0;
    else
      return std::nullopt;
  }
  if (optind < argc) return std::nullopt;
  if (options.quick) options.scale = quick;
  return options;
}

/// The figures so far.
struct Report {
  Figures figures;
  std::vector<std::string> failures;

  void add(const std::string& name, Result<Figures> measured, const BenchRoot& place) {
    if (!measured) {
      failures.push_back(name + ": " + measured.error().message);
      fmt::print(stderr, "podrun-bench: {}\n{}", failures.back(), place.errors());
      return;
    }
    for (Figure& figure : *measured) {
      print(figure);
      figures.push_back(std::move(figure));
    }
  }

  void print_summary() const {
    const auto with_verdict =
        std::ranges::count_if(figures, [](const Figure& f) { return f.met().has_value(); });
    const auto met = std::ranges::count_if(figures, [](const Figure& f) { return f.met().value_or(false); });
    fmt::print("{} of {} targets met\n", met, with_verdict);
  }
};

nlohmann::json to_json(const Report& report, const Options& options) {
  utsname system{};
  ::uname(&system);
  nlohmann::json json{{"podrun", options.podrun},
                      {"quick", options.quick},
                      {"kernel", system.release},
                      {"cpus", ::sysconf(_SC_NPROCESSORS_ONLN)},
                      {"failures", report.failures},
                      {"figures", nlohmann::json::array()}};
  for (const Figure& figure : report.figures) json["figures"].push_back(to_json(figure));
  return json;
}

void measure(const Options& options, BenchRoot& place, Report& report) {
  // It is watched for a minute, during the other measurements.
  std::optional<Result<IdlePod>> idle;
  if (options.selects(idle_name)) idle.emplace(IdlePod::start(place));
  for (const auto& [name, measure_it] : measurements) {
    if (!options.selects(name)) continue;
    report.add(name, measure_it(place), place);
  }
  if (idle) report.add(idle_name, *idle ? (*idle)->finish() : std::unexpected(idle->error()), place);
}

int run(const Options& options) {
  auto place = BenchRoot::create(options.podrun, PODRUN_BUILD_DIR, options.scale);
  if (!place) {
    fmt::print(stderr, "podrun-bench: {}\n", place.error().message);
    return 1;
  }
  Report report;
  fmt::print("Targets in ms are scaled by how much longer the floor's start takes than where they were set.\n");
  print_heading();
  measure(options, *place, report);
  report.print_summary();
  if (!options.json.empty()) {
    const auto written =
        ns::write_file(options.json, to_json(report, options).dump(2) + "\n", 0644);
    if (!written) report.failures.push_back(written.error().message);
  }
  return report.failures.empty() ? 0 : 1;
}

}  // namespace
}  // namespace podrun::bench

int main(int argc, char** argv) {
  const auto options = podrun::bench::parse(argc, argv);
  if (!options) {
    fmt::print(stderr, "{}", podrun::bench::usage);
    return 2;
  }
  if (::geteuid() != 0 || ::access(options->podrun.c_str(), X_OK) < 0) {
    fmt::print(stderr, "podrun-bench: this needs root, and {} (cmake --build --preset release)\n",
               options->podrun);
    return 1;
  }
  podrun::bench::remove_leftovers(options->podrun);
  if (options->clean.value_or(0) > 0) podrun::bench::die_of(*options->clean);
  if (options->clean) return 0;
  podrun::bench::clean_up_when_signalled(argv);
  return podrun::bench::run(*options);
}
