// Counts the results of a probe: a verdict needs so many equal ones in a row. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace podrun::pod {

/// The result of one attempt.
enum class ProbeOutcome : std::uint8_t {
  Success,
  Failure,
  Unknown,  ///< podrun could not find out: it changes nothing
};

/// As the kubelet's worker: `successThreshold` or `failureThreshold` equal results in a row make a verdict.
class ProbeCounter {
 public:
  constexpr ProbeCounter(std::int64_t successes, std::int64_t failures) : successes_(successes), failures_(failures) {}

  /// Counts a result. The verdict, if it is another one than the last: whether the probe succeeds.
  constexpr std::optional<bool> count(ProbeOutcome outcome) {
    if (outcome == ProbeOutcome::Unknown) return std::nullopt;
    const bool succeeded = outcome == ProbeOutcome::Success;
    run_ = last_ == succeeded ? run_ + 1 : 1;
    last_ = succeeded;
    if (run_ < (succeeded ? successes_ : failures_) || verdict_ == succeeded) return std::nullopt;
    return verdict_ = succeeded;
  }
  /// How many equal results there were in a row.
  constexpr std::int64_t run() const { return run_; }

 private:
  std::int64_t successes_;
  std::int64_t failures_;
  std::int64_t run_ = 0;
  std::optional<bool> last_;
  std::optional<bool> verdict_;
};

}  // namespace podrun::pod
