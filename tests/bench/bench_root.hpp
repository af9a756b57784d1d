// The directory of measurements. It is on a disk, and has podrun's --root, in which /run is in memory, and a root file
// system with one program.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/bench/leftovers.hpp"
#include "tests/bench/measured_run.hpp"

namespace podrun::bench {

/// The extent of the measurements.
struct Scale {
  int runs = 30;     ///< of measurements that take milliseconds
  int warm_ups = 1;  ///< before them
  int count_runs = 5;  ///< of page faults and system calls, which vary little
  int pods = 500;
  int pods_for_memory = 50;
  int log_runs = 5;
  int log_lines = 2'000'000;
  std::chrono::milliseconds idle{60'000};
};
/// The least extent, which shows that each measurement can be made.
inline constexpr Scale quick{.runs = 1,
                             .warm_ups = 0,
                             .count_runs = 1,
                             .pods = 3,
                             .pods_for_memory = 2,
                             .log_runs = 1,
                             .log_lines = 20'000,
                             .idle = std::chrono::milliseconds(300)};

/// The pause between two runs that are not back to back.
inline constexpr std::chrono::milliseconds rest_between{100};

/// The differences between the measured pods.
struct PodText {
  std::string name;
  std::vector<std::string> containers{"a", "b"};
  std::string habit = "stay";  ///< the payload's arguments, as elements of a YAML list
  std::string restart_policy = "Always";
  bool has_network = false;  ///< if not, only a loopback interface (podrun.io/network: none)
  int host_port = 0;         ///< a port of the host that leads to port 80 of the first container; 0: none
};

/// The child of a pod's pause that is its supervisor.
Result<pid_t> supervisor_of(pid_t pause);

class BenchRoot {
 public:
  /// PODRUN: the program to measure; TOOLS: the folder with podrun-floor and podrun-payload.
  static Result<BenchRoot> create(std::string podrun, std::string tools, const Scale& scale);
  BenchRoot(BenchRoot&&) = default;
  BenchRoot& operator=(BenchRoot&&) = delete;
  /// Ends all processes and removes everything.
  ~BenchRoot();

  const Scale& scale() const { return scale_; }
  /// The last measured start of the floor's pod, as a multiple of that on the machine for which the targets were set.
  double slowness() const { return slowness_; }
  /// Measures that. It may change within a minute.
  Result<> measure_slowness();
  const std::string& podrun() const { return podrun_; }
  std::string floor() const { return tools_ + "/podrun-floor"; }
  std::string payload() const { return tools_ + "/podrun-payload"; }
  Stage& stage() { return stage_; }
  std::string operator/(const std::string& name) const { return directory_.path + "/" + name; }

  /// Writes a pod's manifest, and returns the command that runs it with OPTIONS.
  Result<std::vector<std::string>> pod(const PodText& text,
                                       const std::vector<std::string>& options = {}) const;
  /// The command of the floor for the same pod. MODE is "pod", "network" or "restart", REST the words after its directories.
  std::vector<std::string> floor_pod(const std::string& mode,
                                     const std::vector<std::string>& rest = {}) const;

  /// Starts a command.
  Result<Running> start(const std::vector<std::string>& command);
  /// Starts a command, and waits until COUNT of its payloads have written a line.
  struct Started {
    Running running;
    std::vector<Mark> marks;
  };
  Result<Started> start(const std::vector<std::string>& command, std::size_t count);
  /// Runs a command to its end, which must have status 0, and returns the time in milliseconds.
  Result<double> run(const std::vector<std::string>& command);

  /// The pause of a pod whose command, with -d, has returned. It is a child of this process then.
  Result<Running> pause_of(const std::string& name) const;

  /// The IPv4 address of a pod that runs.
  Result<std::string> address_of(const std::string& name) const;

  /// The end of the stderr of the commands, for the error message of a measurement.
  std::string errors() const;
  /// Whether podrun has left anything but the logs of a pod that has ended.
  Result<> check_that_nothing_is_left(const std::string& name) const;

 private:
  BenchRoot(std::string podrun, std::string tools, const Scale& scale, Directory directory, Stage stage,
            Fd errors)
      : podrun_(std::move(podrun)),
        tools_(std::move(tools)),
        scale_(scale),
        directory_(std::move(directory)),
        stage_(std::move(stage)),
        errors_(std::move(errors)) {}

  std::string podrun_, tools_;
  Scale scale_;
  double slowness_ = 1;
  Directory directory_;
  Stage stage_;
  Fd errors_;
};

}  // namespace podrun::bench
