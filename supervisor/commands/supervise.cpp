// podrun supervise ID: runs a later supervisor. The pause starts it after the previous one has died; it is not for
// users.
#include <unistd.h>

#include "namespaces/launch/pause_start.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/state/load_stored_pod.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor::commands {

ExitStatus supervise(const Invocation& invocation) {
  ns::block_signals();
  const Layout& layout = invocation.layout;
  const std::string& id = invocation.options.operands.front();
  auto record = read_state(layout, id);
  if (!record) return report_error(ExitStatus::Bug, record.error().message);
  record->pause = ::getppid();  // not in the state file yet if the first supervisor died early
  auto loaded = load_stored_pod(layout, *record);
  if (!loaded) return report_error(loaded.error());
  auto variables = take_file_variables(*loaded);
  const int status = supervisor::supervise({.layout = layout,
                                            .plan = std::move(loaded->plan),
                                            .facts = std::move(loaded->facts),
                                            .record = std::move(*record),
                                            .pause_socket = Fd(pause::socket_fd),
                                            .file_variables = std::move(variables)});
  return static_cast<ExitStatus>(status);
}

}  // namespace podrun::supervisor::commands
