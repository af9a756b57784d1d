// A running pod: its state file and its processes.
#include "tests/system/support/running_pod.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>

#include "namespaces/kernel/process.hpp"
#include "supervisor/state/state_file.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::test {

supervisor::PodRecord wait_for_state(const TemporaryRoot& root, const std::string& id,
                                     const std::function<bool(const supervisor::PodRecord&)>& wanted,
                                     Deadline deadline) {
  const Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  const std::string directory = root.layout().run_of(id);
  if (::inotify_add_watch(changes.get(), directory.c_str(), IN_MOVED_TO) < 0)
    ADD_FAILURE() << directory << " is not there: the pod does not run";
  for (;;) {
    const auto record = supervisor::read_state(root.layout(), id);
    if (record && wanted(*record)) return *record;
    pollfd changed{changes.get(), POLLIN, 0};
    if (::poll(&changed, 1, milliseconds_left(deadline)) <= 0) {
      ADD_FAILURE() << "the state file never said what was waited for:\n"
                    << contents_of(root.layout().state(id));
      return {};
    }
    char events[4096];
    while (::read(changes.get(), events, sizeof events) > 0) {
    }
  }
}

Processes processes_of(const TemporaryRoot& root, const std::string& id) {
  const auto record = wait_for_state(root, id, [](const supervisor::PodRecord& state) {
    for (std::size_t i = 0; i < state.containers.size(); ++i) {
      const bool is_init = state.containers[i].role == pod::ContainerRole::Init;
      const auto wanted = is_init ? supervisor::ContainerState::Completed : supervisor::ContainerState::Running;
      if (state.status.containers[i].state != wanted) return false;
    }
    return true;
  });
  Processes processes{.pause = record.pause};
  for (const auto& container : record.containers)
    if (container.role != pod::ContainerRole::Init) processes.containers[container.name] = container.pid;
  // A container has the name of the supervisor until its exec.
  for (const pid_t child : children_of(record.pause))
    if (comm_of(child) == "podrun" && state_of(child) != 'Z' &&
        std::ranges::count(record.containers, child, &supervisor::ContainerRecord::pid) == 0)
      processes.supervisor = child;
  return processes;
}

testing::AssertionResult wait_until_dead(pid_t pid) {
  const auto process = ns::open_process(pid);
  if (!process) return testing::AssertionSuccess();
  pollfd dead{process->pidfd.get(), POLLIN, 0};
  if (::poll(&dead, 1, milliseconds_left(soon())) > 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "process " << pid << " (" << comm_of(pid) << ") still lives";
}

}  // namespace podrun::test
