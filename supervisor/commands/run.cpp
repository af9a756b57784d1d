// podrun [run] FILE...: runs pods, in the foreground or detached (-d).
#include <unistd.h>

#include <cstdlib>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/pause_start.hpp"
#include "supervisor/attach/stop_pod.hpp"
#include "supervisor/cli/load_pods.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/engine/detached_start.hpp"
#include "supervisor/engine/multiple_pods.hpp"
#include "supervisor/engine/start_pod.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor::commands {
namespace {

/// A random UUID from the kernel, for a pod without metadata.uid.
std::string random_uid() { return ns::read_file("/proc/sys/kernel/random/uuid").value_or("").substr(0, 36); }

CommandResult<RunRequest> request_for(LoadedPod loaded, const Invocation& invocation) {
  if (!loaded.facts.kernel_is_new_enough)
    return fail_command(ExitStatus::CannotStart,
                  fmt::format("this needs Linux 6.1 or newer, and the kernel is {}", loaded.facts.kernel));
  return RunRequest{.layout = invocation.layout,
                    .loaded = std::move(loaded),
                    .program = invocation.program,
                    .wait = invocation.options.wait.value_or(Awaited::Started),
                    .raw = invocation.options.raw};
}

/// Stops the pods of the same names that run. False: one could not be stopped, and a message says why.
bool replace_running(const Layout& layout, const std::vector<LoadedPod>& pods) {
  std::vector<std::string> running;
  for (const LoadedPod& pod : pods)
    if (is_running(layout, pod.plan.id)) running.push_back(pod.plan.id);
  std::vector<CommandError> errors = stop_pods(layout, running, std::nullopt);
  std::erase_if(errors, [](const CommandError& error) { return error.status == ExitStatus::NameConflict; });
  return report_errors(errors) == ExitStatus::Succeeded;
}

/// `claims_numbers`: of their networks, for the start.
CommandResult<LoadedPods> load(const Invocation& invocation, const std::vector<pod::ManifestSource>& sources,
                               bool claims_numbers) {
  LoadRequest common = load_request(invocation.layout, folder_of(invocation.program));
  common.claims_numbers = claims_numbers;
  common.fetching = Fetching::Yes;
  common.pull_policy = invocation.options.pull;
  return load_pods(sources, {.selection = selection_of(invocation.options),
                             .common = std::move(common),
                             .uid = [](const pod::Pod&) { return random_uid(); }});
}

/// Runs what the sources describe, in the foreground or, with a pipe to the process that waits, detached.
ExitStatus run_pods(const Invocation& invocation, const std::vector<pod::ManifestSource>& sources, Fd result) {
  // A pod that is replaced has its number until it has ended. It ends only if the manifests have no mistake.
  if (invocation.options.replace) {
    const auto checked = load(invocation, sources, false);
    if (!checked) return report_error(checked.error());
    if (!replace_running(invocation.layout, checked->pods)) return ExitStatus::Failed;
  }
  auto loaded = load(invocation, sources, true);
  if (!loaded) return report_error(loaded.error());
  warn(loaded->warnings);
  std::vector<RunRequest> requests;
  for (LoadedPod& each : loaded->pods) {
    auto request = request_for(std::move(each), invocation);
    if (!request) return report_error(request.error());
    requests.push_back(std::move(*request));
  }
  if (requests.size() == 1) {
    requests.front().result = std::move(result);
    return start_pod(std::move(requests.front()));
  }
  if (std::getenv("NOTIFY_SOCKET") != nullptr)
    return report_error(ExitStatus::Invalid,
                        "a service runs one pod: give each pod a unit of its own, with --pod NAME");
  if (!result) return run_pods_in_parallel(std::move(requests));
  result.reset();  // each pod has a pipe of its own
  return start_pods_detached(std::move(requests));
}

}  // namespace

ExitStatus run(const Invocation& invocation) {
  const auto sources = read_sources(invocation.options.operands);
  if (!sources) return report_error(sources.error());

  // The pod must not keep the caller's open files and working directory in use.
  Fd result = ns::take_caller_pipe();
  ns::close_inherited_descriptors(result);
  if (::chdir("/") < 0) return report_error(ExitStatus::CannotStart, Error::system("/").message);

  if (!invocation.options.detach) result.reset();
  if (!invocation.options.detach || result) return run_pods(invocation, *sources, std::move(result));
  auto start = DetachedStart::begin([&](Fd pipe) { return run_pods(invocation, *sources, std::move(pipe)); });
  if (!start) return report_error(ExitStatus::CannotStart, start.error().message);
  return start->finish();
}

}  // namespace podrun::supervisor::commands
