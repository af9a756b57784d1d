// What is printed: a figure of podrun's, what stands beside it, and the target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/measured_run.hpp"

namespace podrun::bench {

/// The same thing done by something else: the floor, a peer. A value of 0: it could not be asked, and the
/// name says why.
struct Beside {
  std::string name;
  double value = 0;
};

/// What a figure should be.
struct Target {
  enum class Kind {
    AtMost,       ///< of the figure's unit
    AtMostTimes,  ///< what stands beside it
    AtLeastTimes,
  };
  Kind kind;
  double limit;
  /// AtMost, for times: how much slower this machine is than the one that the target was set on.
  double slowness = 1;
};

/// One thing measured, the median of several runs if it is a time or a rate.
struct Figure {
  std::string name;  ///< for programs, and never changed: "start.spaced"
  std::string what;
  std::string unit;
  double value = 0;
  std::optional<Beside> beside{};
  std::optional<Target> target{};

  /// value / beside.
  std::optional<double> ratio() const;
  /// Whether it is what it should be; none without a target, or without what it is measured by.
  std::optional<bool> met() const;
};
using Figures = std::vector<Figure>;

double milliseconds(Nanoseconds duration);
/// 0 if there are none.
double median(std::vector<double> values);

/// The line above the figures, and a figure's own, on stdout.
void print_heading();
void print(const Figure& figure);

nlohmann::json to_json(const Figure& figure);

}  // namespace podrun::bench
