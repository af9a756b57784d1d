// The time to load the program.
#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

Result<double> execute(BenchRoot& place, const std::vector<std::string>& command) {
  Running running = TRY(place.start(command));
  TRY_VOID(running.wait());
  return milliseconds(monotonic_now() - running.began());
}

/// A valid manifest of 2,000 lines.
std::string long_manifest() {
  std::string text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: long\nspec:\n  containers:\n";
  for (int container = 0; container < 60; ++container) {
    text += fmt::format("  - name: c{}\n    image: localhost/busybox\n    imagePullPolicy: IfNotPresent\n    env:\n",
                        container);
    for (int variable = 0; variable < 12; ++variable)
      text += fmt::format("    - name: VARIABLE_{}\n      value: \"a text of some length\"\n", variable);
    text += "    resources:\n      limits:\n        memory: 64Mi\n    securityContext:\n      runAsUser: 1000\n";
  }
  return text;
}

Result<Figure> measure_check(BenchRoot& place) {
  TRY_VOID(place.measure_slowness());
  const std::string path = place / "long.yaml";
  TRY_VOID(ns::write_file(path, long_manifest(), 0644));
  std::vector<double> taken;
  for (int run = 0; run < place.scale().runs; ++run)
    taken.push_back(TRY(execute(place, {place.podrun(), "check", path})));
  return Figure{.name = "check",
                .what = "podrun check of 2,000 lines",
                .unit = "ms",
                .value = median(taken),
                .target = Target{Target::Kind::AtMost, 20, place.slowness()}};
}

}  // namespace

Result<Figures> measure_load(BenchRoot& place) {
  const std::vector<std::string> podrun{place.podrun(), "--version"},
      static_nothing{place.floor(), "nothing"}, dynamic_nothing{"/bin/true"};
  std::vector<double> ours, with_static, with_dynamic;
  for (int run = 0; run < place.scale().runs; ++run) {
    ours.push_back(TRY(execute(place, podrun)));
    with_static.push_back(TRY(execute(place, static_nothing)));
    with_dynamic.push_back(TRY(execute(place, dynamic_nothing)));
  }
  return Figures{{.name = "load",
                  .what = "podrun --version: the program is loaded",
                  .unit = "ms",
                  .value = median(ours),
                  .beside = Beside{"a static nothing", median(with_static)}},
                 {.name = "load.dynamic",
                  .what = "",
                  .unit = "ms",
                  .value = median(ours),
                  .beside = Beside{"/bin/true, dynamic", median(with_dynamic)}},
                 TRY(measure_check(place))};
}

}  // namespace podrun::bench
