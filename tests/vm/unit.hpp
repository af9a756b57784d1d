// In the test machine: a pod as a unit, podrun@NAME.service, seen as its administrator and systemd see it.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/system/support/support.hpp"

namespace podrun::test {

/// Runs a program of the machine's, by its path, to its end.
Finished command(const std::vector<std::string>& words);

/// For pods whose end is not the matter.
inline const std::string at_once = "terminationGracePeriodSeconds: 0";
/// As two_sleepers, killed at once when they are to stop.
std::string sleepers(const std::string& name);

/// A pod's unit. It is not started; destroying it stops it.
class Unit {
 public:
  /// /etc/podrun/NAME.yaml is MANIFEST; SERVICE are lines for this unit's [Service] section alone.
  Unit(std::string name, const std::string& manifest, const std::string& service = "");
  /// One that is there already.
  explicit Unit(std::string name) : name_(std::move(name)) {}
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;
  ~Unit();

  /// `systemctl VERB podrun@NAME`, to its end.
  Finished systemctl(const std::string& verb) const;
  /// Starts it; a failure of the test, with what systemd and podrun said, if that fails.
  testing::AssertionResult start() const;

  /// "MainPID", "ActiveState", …: systemd's word for it.
  std::string property(const std::string& name) const;
  pid_t main_process() const { return std::stoi(property("MainPID")); }
  /// Its control group's directory.
  std::string cgroup() const { return "/sys/fs/cgroup" + property("ControlGroup"); }
  std::string container_cgroup(const std::string& container) const {
    return cgroup() + "/podrun/default_" + name_ + "/" + container;
  }
  /// A container's processes, by its control group.
  std::vector<pid_t> processes(const std::string& container) const;

  /// Its journal since the machine's start; whether WORDS come up in it, sooner or later.
  std::string journal() const;
  testing::AssertionResult wait_for_journal(const std::string& words, int times = 1, Deadline deadline = soon());

 private:
  std::string service() const { return "podrun@" + name_ + ".service"; }
  std::string drop_ins() const { return "/run/systemd/system/" + service() + ".d"; }

  std::string name_;
  std::optional<PodRun> journal_;
};

}  // namespace podrun::test
