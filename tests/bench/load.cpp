// What loading the program costs.
#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

Result<double> execute(Workplace& place, const std::vector<std::string>& command) {
  Running running = TRY(place.start(command));
  TRY_VOID(running.wait());
  return milliseconds(monotonic_now() - running.began());
}

}  // namespace

Result<Figures> measure_load(Workplace& place) {
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
                  .beside = Beside{"/bin/true, dynamic", median(with_dynamic)}}};
}

}  // namespace podrun::bench
