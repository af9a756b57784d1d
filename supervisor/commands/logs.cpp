// podrun logs: shows the output of a pod's containers, while it runs and after its end.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "namespaces/paths/directory_handle.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/logs/foreground_terminal.hpp"
#include "supervisor/logs/show_logs.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/pod_view.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/status_messages.hpp"

namespace podrun::supervisor::commands {
namespace {

/// The run to show.
struct Run {
  LogFolder folder;
  std::vector<std::string> containers;
  Fd pause;      // empty: the pod has ended
  PodView view;  // without containers: its final status is missing
};

/// A pod that has ended. Its containers are in the manifest's order if there is a final status.
Run former_run(LogFolder folder) {
  Run run{.folder = std::move(folder), .containers = {}, .pause = {}, .view = {}};
  const auto text = read_final_status(*run.folder);
  auto view = text ? parse_pod_json(*text) : Result<PodView>(fail(text.error().message));
  if (view) run.view = std::move(*view);
  for (const ContainerView& container : run.view.containers) run.containers.push_back(container.name);
  if (!view) run.containers = logged_containers(*run.folder);
  return run;
}

/// The present run, or else the newest one.
CommandResult<Run> find_run(const Layout& layout, const std::string& id) {
  if (const auto record = read_state(layout, id)) {
    Run run{.folder = std::make_shared<ns::DirectoryHandle>(layout.log_folder(id, record->uid)),
            .containers = {},
            .pause = {},
            .view = view_of(*record, boot_now(), wall_now())};
    for (const ContainerRecord& container : record->containers) run.containers.push_back(container.name);
    if (is_running(layout, id)) run.pause = open_pause(layout, id);
    return run;
  }
  for (const LoggedRun& logged : logged_runs(layout)) {
    if (logged.id != id) continue;
    const auto folder = std::make_shared<ns::DirectoryHandle>(layout.log_folder(id, logged.uid));
    if (const auto opened = folder->open(); !opened) return fail_command(ExitStatus::Failed, opened.error().message);
    return former_run(folder);
  }
  return fail_command(ExitStatus::NameConflict, fmt::format("pod {} has no logs yet", pod::pod_name(id)));
}

/// The container of that name; all if it is empty.
CommandResult<std::vector<std::string>> choose(const Run& run, const PodOperand& operand) {
  const std::string& name = operand.container;
  if (name.empty()) return run.containers;
  if (std::ranges::find(run.containers, name) != run.containers.end()) return std::vector{name};
  return fail_command(ExitStatus::NameConflict,
                      fmt::format("pod {} has no container {}; it has {}", pod::pod_name(operand.id),
                                  pod::in_quotes(name), pod::joined(run.containers, ", ")));
}

/// --since or --until as a time of a record; "" without it.
std::string record_time(const std::optional<Since>& since) {
  if (!since) return "";
  if (const auto* time = std::get_if<WallTime>(&*since)) return rfc3339(*time);
  return rfc3339(wall_now() - std::get<std::chrono::milliseconds>(*since));
}

bool has_output(const Run& run, const std::string& container, bool previous) {
  const LogQuery query{
      .folder = run.folder, .containers = {container}, .selection = {.previous = previous}, .display = {}};
  bool any = false;
  const auto shown = show_logs(
      query, [&](Stream, std::string_view text) { return any |= !text.empty(), !any; }, [] { return std::nullopt; });
  return shown ? any : shown.error().number == ELOOP;  // a link in its place is told when the log is shown
}

/// Says why containers have no output: of all of them if none has any, else of those that have not run. Returns how many
/// of these have not run, and so have no log.
std::size_t tell_of_silence(const Run& run, const LogQuery& query) {
  std::size_t without_log = 0;
  std::vector<std::string> silent;
  for (const std::string& name : query.containers)
    if (!has_output(run, name, query.selection.previous)) silent.push_back(name);
  for (const ContainerView& container : run.view.containers) {
    const bool is_silent = std::ranges::find(silent, container.name) != silent.end();
    if (!is_silent || (silent.size() != query.containers.size() && has_run(container))) continue;
    note(fmt::format("container {} has no log: {}", container.name, silence_reason(container)));
    if (!has_run(container)) ++without_log;
  }
  return without_log;
}

bool has_ended(const Fd& pidfd) {
  pollfd ended{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
  return ::poll(&ended, 1, 0) > 0;
}

}  // namespace

ExitStatus logs(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto operand = find_operand(invocation.layout, options);
  if (!operand) return report_error(operand.error());
  const auto run = find_run(invocation.layout, operand->id);
  if (!run) return report_error(run.error());
  auto containers = choose(*run, *operand);
  if (!containers) return report_error(containers.error());

  const bool colours = colours_by_environment() == Colours::OnTerminals;
  const LogQuery query{
      .folder = run->folder,
      .containers = std::move(*containers),
      .follow = options.follow,
      .timestamps = options.timestamps,
      .prefix = options.prefix,
      .selection = {.previous = options.previous,
                    .tail = options.tail,
                    .since = record_time(options.since),
                    .until = record_time(options.until)},
      .display = Display::of(STDOUT_FILENO, STDERR_FILENO, colours, options.raw)};
  OwnStreams own;
  const LogWriter write = [&](Stream stream, std::string_view text) { return own.write(stream, text); };
  const PodWatch watch = [&]() -> std::optional<int> {
    if (!run->pause || has_ended(run->pause)) return std::nullopt;
    return run->pause.get();
  };
  const std::size_t without_log = options.previous ? 0 : tell_of_silence(*run, query);
  if (!options.follow && without_log > 0 && without_log == query.containers.size()) return ExitStatus::Succeeded;
  auto shown = show_logs(query, write, watch);
  if (shown) shown = own.result();
  return shown ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, shown.error().message);
}

}  // namespace podrun::supervisor::commands
