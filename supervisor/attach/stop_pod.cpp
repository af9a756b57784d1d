// Stops a pod from another process; see stop_pod.hpp.
#include "supervisor/attach/stop_pod.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "namespaces/network/network_steps.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/attach/control_socket.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/stop_wait.hpp"

namespace podrun::supervisor {
namespace {

/// Whether a pod has ended, and removes what is left of it: first its control socket, then its state.
bool is_leaving(const Layout& layout, const std::string& id) {
  const auto record = read_state(layout, id);
  return record ? ended(record->status) : final_status_of_leaving(layout, id).has_value();
}

/// A pod that was asked to stop.
struct StoppingPod {
  std::string id;
  Fd pause;                       ///< empty: the pod ended before
  std::optional<BootTime> asked;  ///< when it was asked; empty: somebody else did that before
  std::vector<std::string> interfaces;  ///< on the host; the kernel removes them a little after the last process
};

/// In an idle kernel this takes 20 ms.
constexpr std::chrono::seconds interface_timeout{10};

CommandResult<StoppingPod> ask(const Layout& layout, const std::string& id, std::optional<std::chrono::seconds> grace) {
  if (!is_running(layout, id))
    return fail_command(ExitStatus::NameConflict, fmt::format("pod {} does not run", pod::pod_name(id)));
  // The pause is opened before the request, because the state file is removed first.
  StoppingPod stopping{.id = id, .pause = open_pause(layout, id), .asked = {}, .interfaces = {}};
  if (const auto before = read_state(layout, id)) {
    if (!before->status.stopping) stopping.asked = boot_now();
    for (const NetworkRecord& network : before->networks) stopping.interfaces.push_back(network.interface);
  }
  const auto asked = request_stop(layout, id, {grace});
  const bool is_gone = !asked && asked.error().number == ENOENT && is_leaving(layout, id);
  if (!asked && !is_gone && is_running(layout, id))
    return fail_command(ExitStatus::Failed, fmt::format("pod {}: {}", pod::pod_name(id), asked.error().message));
  return stopping;
}

CommandResult<void> wait_for(const Layout& layout, const StoppingPod& pod, const std::string& prefix) {
  const auto report = [&](const std::string& line) { note(prefix + line); };
  if (const auto gone = wait_for_end(layout, pod.id, pod.pause, pod.asked, report); !gone)
    return fail_command(ExitStatus::Failed, gone.error().message);
  for (const std::string& interface : pod.interfaces)
    if (const auto gone = ns::wait_for_link_end(interface, interface_timeout); !gone)
      note(fmt::format("{}the interface {} is still there: another process keeps the pod's network namespace", prefix,
                       interface));
  return {};
}

}  // namespace

std::vector<CommandError> stop_pods(const Layout& layout, const std::vector<std::string>& ids,
                                    std::optional<std::chrono::seconds> grace) {
  std::vector<StoppingPod> stopping;
  std::vector<CommandError> errors;
  for (const std::string& id : ids) {
    auto asked = ask(layout, id, grace);
    if (asked)
      stopping.push_back(std::move(*asked));
    else
      errors.push_back(std::move(asked.error()));
  }
  for (const StoppingPod& pod : stopping) {
    const std::string prefix = ids.size() == 1 ? "" : fmt::format("pod {}: ", pod::pod_name(pod.id));
    if (auto gone = wait_for(layout, pod, prefix); !gone) errors.push_back(std::move(gone.error()));
  }
  return errors;
}

}  // namespace podrun::supervisor
