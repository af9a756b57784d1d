// A pod whose supervisors are killed.
#include "tests/system/supervision/supervisor_kill.hpp"

#include <signal.h>
#include <sys/stat.h>

#include <filesystem>

#include <fmt/format.h>

#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {

namespace fs = std::filesystem;

std::string SupervisorKill::write(const std::vector<ContainerText>& containers, const std::string& policy) {
  ::mkfifo((root_ / "go").c_str(), 0600);
  return root_.write("pod.yaml",
                     manifest("pod", containers,
                              "restartPolicy: " + policy +
                                  "\nterminationGracePeriodSeconds: 2\nvolumes: [{name: go, hostPath: {path: " +
                                  root_ / "go" + "}}]"));
}

Processes SupervisorKill::running(PodRun& pod, int count) {
  EXPECT_TRUE(pod.wait_for_err(": started (pid", count));
  return processes_of(root_, "default_pod");
}

std::vector<std::string> SupervisorKill::logs_of(const std::string& container) const {
  std::vector<std::string> logs;
  for (const auto& run : fs::directory_iterator(root_.layout().logs()))
    for (int instance = 0; fs::exists(run.path() / container / fmt::format("{}.log", instance)); ++instance) {
      std::string& log = logs.emplace_back();
      for (const std::string& line : lines_of(contents_of(run.path() / container / fmt::format("{}.log", instance))))
        log += line.substr(line.find(' ') + 1) + "\n";
    }
  return logs;
}

void SupervisorKill::replace_supervisor(PodRun& pod, const Processes& processes) {
  const auto supervisor = ns::open_process(SupervisorKiller(processes.pause).supervisor());
  ASSERT_TRUE(supervisor);
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGKILL));
  ASSERT_TRUE(pod.wait_for_err("took over", ++replaced_));
}

bool is_in(const supervisor::PodRecord& record, std::size_t container, supervisor::ContainerState state) {
  return record.status.containers.at(container).state == state;
}

}  // namespace podrun::test
