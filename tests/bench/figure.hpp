// A figure of podrun, the figure with which it is compared, and its target.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/bench/measured_run.hpp"

namespace podrun::bench {

/// The same figure of something else: the floor or another program. The value is 0 if it could not be measured; the
/// name then says why.
struct Beside {
  std::string name;
  double value = 0;
};

/// The target of a figure.
struct Target {
  enum class Kind {
    AtMost,       ///< a value in the unit of the figure
    AtMostTimes,  ///< a multiple of the figure that it is compared with
    AtLeastTimes,
  };
  Kind kind;
  double limit;
  /// For times with AtMost: how much slower this machine is than the one for which the target was set.
  double slowness = 1;
};

/// A measured figure. Times and rates are the median of several runs.
struct Figure {
  std::string name;  ///< a stable name for programs: "start.spaced"
  std::string what;
  std::string unit;
  double value = 0;
  std::optional<Beside> beside{};
  std::optional<Target> target{};

  /// value / beside.
  std::optional<double> ratio() const;
  /// Whether the target is met. None if there is no target, or nothing to compare with.
  std::optional<bool> met() const;
};
using Figures = std::vector<Figure>;

double milliseconds(Nanoseconds duration);
/// The median, 0 if there are no values.
double median(std::vector<double> values);

/// Print the header of the table and the line of a figure on stdout.
void print_heading();
void print(const Figure& figure);

nlohmann::json to_json(const Figure& figure);

}  // namespace podrun::bench
