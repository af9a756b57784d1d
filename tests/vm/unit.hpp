// A pod as a unit, podrun@NAME.service, in the virtual machine of the tests.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/system/support/support.hpp"

namespace podrun::test {

/// Runs a program, by its path, to its end.
Finished command(const std::vector<std::string>& words);

/// A field for pods whose graceful end is not tested.
inline const std::string at_once = "terminationGracePeriodSeconds: 0";
/// Like two_sleepers(), but without a grace period.
std::string sleepers(const std::string& name);

/// The unit of a pod. The constructor does not start it, the destructor stops it.
class Unit {
 public:
  /// Writes MANIFEST to /etc/podrun/NAME.yaml, and the lines SERVICE to a drop-in for the unit's [Service] section.
  Unit(std::string name, const std::string& manifest, const std::string& service = "");
  /// A unit that exists already.
  explicit Unit(std::string name) : name_(std::move(name)) {}
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;
  ~Unit();

  /// Runs `systemctl VERB podrun@NAME` to its end.
  Finished systemctl(const std::string& verb) const;
  /// Starts it. A failure holds the messages of systemd and podrun.
  testing::AssertionResult start() const;

  /// A property of the unit, such as "MainPID" or "ActiveState".
  std::string property(const std::string& name) const;
  pid_t main_process() const { return std::stoi(property("MainPID")); }
  /// The directory of its control group.
  std::string cgroup() const { return "/sys/fs/cgroup" + property("ControlGroup"); }
  std::string container_cgroup(const std::string& container) const {
    return cgroup() + "/podrun/default_" + name_ + "/" + container;
  }
  /// The processes in a container's control group.
  std::vector<pid_t> processes(const std::string& container) const;

  /// Its journal since the boot, and a wait until that contains WORDS.
  std::string journal() const;
  testing::AssertionResult wait_for_journal(const std::string& words, int times = 1, Deadline deadline = soon());

 private:
  std::string service() const { return "podrun@" + name_ + ".service"; }
  std::string drop_ins() const { return "/run/systemd/system/" + service() + ".d"; }

  std::string name_;
  std::optional<PodRun> journal_;
};

}  // namespace podrun::test
