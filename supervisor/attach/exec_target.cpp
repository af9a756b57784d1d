// Finds a container of a running pod.
#include "supervisor/attach/exec_target.hpp"

#include <fcntl.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "namespaces/launch/enter.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/status_messages.hpp"
#include "supervisor/state/stored_pod.hpp"

namespace podrun::supervisor {
namespace {

/// The index of the container of that name, or of the first app container.
CommandResult<std::size_t> choose(const PodRecord& record, const std::string& name) {
  std::vector<std::string> names;
  for (const ContainerRecord& container : record.containers) names.push_back(container.name);
  if (name.empty()) {
    const auto app = std::ranges::find(record.containers, pod::ContainerRole::App, &ContainerRecord::role);
    const auto first = static_cast<std::size_t>(app - record.containers.begin());
    if (names.size() > 1)
      note(fmt::format("Defaulted container \"{}\" out of: {}", names[first], pod::joined(names, ", ")));
    return first;
  }
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  return fail_command(ExitStatus::CannotEnter,
                      fmt::format("pod {} has no container {}; it has {}", pod::pod_name(record.id),
                                  pod::in_quotes(name), pod::joined(names, ", ")));
}

/// A container's first process and its root.
struct Opened {
  ns::Process process;
  Fd root;
};

/// ESRCH and the like: the container's process is ending or gone.
Result<Opened> open_container(const ContainerRecord& container) {
  Opened opened{.process = TRY(ns::open_process(container.pid)), .root = {}};
  const std::string path = fmt::format("/proc/{}/root", container.pid);
  opened.root = Fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!opened.root) return fail_system(path);
  // Checked last: the pid was of this process all the time.
  if (TRY(ns::start_ticks(container.pid)) != container.pid_started) return fail(path, ESRCH);
  return opened;
}

}  // namespace

std::unexpected<CommandError> container_ending_error(const std::string& pod, const std::string& container) {
  return fail_command(ExitStatus::CannotEnter,
                      fmt::format("container {} of pod {} is ending", container, pod::pod_name(pod)));
}

CommandResult<ExecTarget> find_target(const Layout& layout, const std::string& id, const std::string& container) {
  const std::string pod = pod::pod_name(id);
  if (!is_running(layout, id)) return fail_command(ExitStatus::CannotEnter, fmt::format("pod {} does not run", pod));
  const auto record = read_state(layout, id);
  if (!record) return fail_command(ExitStatus::CannotEnter, record.error().message);
  const auto index = choose(*record, container);
  if (!index) return std::unexpected(index.error());
  const std::string& name = record->containers[*index].name;
  // A process before its first exec may still have the host's root.
  if (const ContainerStatus& status = record->status.containers[*index]; status.state != ContainerState::Running) {
    const std::string why = reason_not_running(status);
    return fail_command(ExitStatus::CannotEnter, fmt::format("container {} of pod {} does not run: it {}", name, pod,
                                                             why.empty() ? "is being stopped" : why));
  }
  auto opened = open_container(record->containers[*index]);
  if (!opened && ns::is_of_ending_container(opened.error().number)) return container_ending_error(id, name);
  if (!opened) return fail_command(ExitStatus::CannotEnter, opened.error().message);

  auto plan = read_stored_plan(layout, *record, *index);
  if (!plan) return std::unexpected(std::move(plan.error()));
  pod::HostFacts facts = ns::read_facts_for_entering();
  auto cgroups = ns::PodCgroup::open(facts, record->cgroup_base, id);
  if (!cgroups && ns::is_of_ending_container(cgroups.error().number)) return container_ending_error(id, name);
  if (!cgroups) return fail_command(ExitStatus::CannotEnter, cgroups.error().message);
  return ExecTarget{.record = *record,
                    .index = *index,
                    .plan = std::move(*plan),
                    .facts = std::move(facts),
                    .process = std::move(opened->process),
                    .root = std::move(opened->root),
                    .cgroups = std::move(*cgroups)};
}

}  // namespace podrun::supervisor
