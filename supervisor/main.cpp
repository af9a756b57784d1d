// The main function of podrun: decodes the command line and performs the command.
#include <signal.h>

#include <cstdlib>

#include "namespaces/launch/program_folder.hpp"
#include "supervisor/cli/options.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/process_title.hpp"
#include "supervisor/state/timeline.hpp"

int main(int argc, char** argv) {
  using namespace podrun::supervisor;
  const char* const since = std::getenv("PODRUN_TITLE_ROOM");
  begin_laps(since != nullptr ? since : "");
  end_lap("load podrun");
  remember_title_room(argc, argv);
  podrun::ns::keep_programs();
  ::signal(SIGPIPE, SIG_IGN);  // a reader that is gone is an error of write(2)
  ::signal(SIGCHLD, SIG_DFL);  // if it were inherited as ignored, the statuses of children would be lost
  const auto options = parse_options({argv + 1, argv + argc}, pods_hint);
  if (!options) return static_cast<int>(report_error(options.error()));
  end_lap("command line");
  return static_cast<int>(run_command(*options, argv[0]));
}
