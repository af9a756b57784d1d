// podrun logs: shows the output of a pod's containers, while it runs and after its end.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "namespaces/paths/directory_handle.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/logs/foreground_terminal.hpp"
#include "supervisor/logs/show_logs.hpp"
#include "supervisor/state/find_pod.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/pod_view.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor::commands {
namespace {

/// The run to show.
struct Run {
  LogFolder folder;
  std::vector<std::string> containers;
  Fd pause;  // empty: the pod has ended
};

/// The containers of a pod that has ended, in the manifest's order if there is a final status.
std::vector<std::string> former_containers(const ns::DirectoryHandle& folder) {
  const auto text = folder.read_file("status.json");
  const auto view = text ? parse_pod_json(*text) : Result<PodView>(fail(text.error().message));
  if (!view) return logged_containers(folder);
  std::vector<std::string> names;
  for (const ContainerView& container : view->containers) names.push_back(container.name);
  return names;
}

/// The present run, or else the newest one.
CommandResult<Run> find_run(const Layout& layout, const std::string& id) {
  if (const auto record = read_state(layout, id)) {
    Run run{.folder = std::make_shared<ns::DirectoryHandle>(layout.log_folder(id, record->uid)),
            .containers = {},
            .pause = {}};
    for (const ContainerRecord& container : record->containers) run.containers.push_back(container.name);
    if (is_running(layout, id)) run.pause = open_pause(layout, id);
    return run;
  }
  for (const LoggedRun& logged : logged_runs(layout)) {
    if (logged.id != id) continue;
    const auto folder = std::make_shared<ns::DirectoryHandle>(layout.log_folder(id, logged.uid));
    if (const auto opened = folder->open(); !opened) return fail_command(ExitStatus::Failed, opened.error().message);
    return Run{.folder = folder, .containers = former_containers(*folder), .pause = {}};
  }
  return fail_command(ExitStatus::NameConflict, fmt::format("pod {} has no logs yet", id));
}

/// The container that was named, or all.
CommandResult<std::vector<std::string>> choose(const Run& run, const std::vector<std::string>& operands) {
  if (operands.size() < 2) return run.containers;
  const std::string& name = operands[1];
  if (std::ranges::find(run.containers, name) != run.containers.end()) return std::vector{name};
  return fail_command(ExitStatus::NameConflict, fmt::format("pod {} has no container {}; it has {}", operands[0],
                                                      pod::in_quotes(name), pod::joined(run.containers, ", ")));
}

bool has_ended(const Fd& pidfd) {
  pollfd ended{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 0) > 0;
}

}  // namespace

ExitStatus logs(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto id = find_pod(invocation.layout, options.operands.front(), options.namespace_name);
  if (!id) return report_error(id.error());
  const auto run = find_run(invocation.layout, *id);
  if (!run) return report_error(run.error());
  auto containers = choose(*run, options.operands);
  if (!containers) return report_error(containers.error());

  const bool colours = colours_by_environment() == Colours::OnTerminals;
  const LogQuery query{.folder = run->folder,
                       .containers = std::move(*containers),
                       .follow = options.follow,
                       .previous = options.previous,
                       .timestamps = options.timestamps,
                       .tail = options.tail,
                       .display = Display::of(STDOUT_FILENO, STDERR_FILENO, colours, options.raw)};
  const LogWriter write = [](Stream stream, std::string_view text) {
    return write_all(stream == Stream::Out ? STDOUT_FILENO : STDERR_FILENO, text);
  };
  const PodWatch watch = [&]() -> std::optional<int> {
    if (!run->pause || has_ended(run->pause)) return std::nullopt;
    return run->pause.get();
  };
  const auto shown = show_logs(query, write, watch);
  return shown ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, shown.error().message);
}

}  // namespace podrun::supervisor::commands
