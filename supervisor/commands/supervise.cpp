// podrun supervise ID: runs a later supervisor. The pause starts it after the previous one has died; it is not for
// users.
#include <unistd.h>

#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/pause_start.hpp"
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/stored_pod.hpp"

namespace podrun::supervisor::commands {

ExitStatus supervise(const Invocation& invocation) {
  ns::block_signals();
  const Layout& layout = invocation.layout;
  const std::string& id = invocation.options.operands.front();
  auto record = read_state(layout, id);
  if (!record) return report_error(ExitStatus::Bug, record.error().message);
  // Neither is in the state file yet if the first supervisor died early.
  record->pause = ::getppid();
  record->pause_started = ns::start_ticks(record->pause).value_or(0);
  auto run = read_stored_run(layout, *record);
  if (!run) return report_error(run.error());
  for (std::size_t index = 0; index < record->containers.size(); ++index)
    record->containers[index].revision = run->revisions[index];
  const int status = supervisor::supervise({.layout = layout,
                                            .plan = std::move(run->plan),
                                            .facts = ns::read_host_facts(layout.storage()),
                                            .record = std::move(*record),
                                            .pause_socket = Fd(pause::socket_fd),
                                            .file_variables = std::move(run->file_variables),
                                            .to_hold = std::move(run->to_hold)});
  return static_cast<ExitStatus>(status);
}

}  // namespace podrun::supervisor::commands
