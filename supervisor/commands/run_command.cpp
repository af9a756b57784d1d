// Calls the function of a command.
#include <unistd.h>

#include <fmt/format.h>

#include "supervisor/cli/verbs.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"
#include "supervisor/questions/questions.hpp"

namespace podrun::supervisor {
namespace {

bool needs_root(Verb verb) {
  switch (verb) {
    case Verb::Run:
    case Verb::Stop:
    case Verb::Rm:
    case Verb::Volumes:
    case Verb::Image:
    case Verb::Supervise:
    case Verb::Ps:
    case Verb::Logs:
    case Verb::Attach:
    case Verb::Exec:
    case Verb::Debug:
    case Verb::Ns:
    case Verb::Timeline:
    case Verb::Status:
    case Verb::Events:
    case Verb::Why:
    case Verb::Wait:
    case Verb::Network:
      return true;
    case Verb::Check:
    case Verb::Plan:
    case Verb::Script:
    case Verb::Info:
    case Verb::Schema:
    case Verb::Help:
    case Verb::Version:
      return false;
  }
  return false;
}

}  // namespace

ExitStatus run_command(const Options& options, const std::string& program) {
  const bool enters = options.verb == Verb::Exec || options.verb == Verb::Debug;
  if (needs_root(options.verb) && ::geteuid() != 0)
    return report_error(enters ? ExitStatus::CannotEnter : ExitStatus::CannotStart,
                    "this needs root (check, plan, script, info and schema do not)");
  const Invocation invocation{.options = options, .layout = Layout(options.root), .program = program};
  switch (options.verb) {
    case Verb::Run:
      return commands::run(invocation);
    case Verb::Stop:
      return commands::stop(invocation);
    case Verb::Rm:
      return commands::rm(invocation);
    case Verb::Volumes:
      return commands::volumes(invocation);
    case Verb::Image:
      return commands::image(invocation);
    case Verb::Supervise:
      return commands::supervise(invocation);
    case Verb::Ps:
      return commands::ps(invocation);
    case Verb::Logs:
      return commands::logs(invocation);
    case Verb::Attach:
      return commands::attach(invocation);
    case Verb::Exec:
      return commands::exec(invocation);
    case Verb::Debug:
      return commands::debug(invocation);
    case Verb::Ns:
      return commands::ns(invocation);
    case Verb::Timeline:
      return commands::timeline(invocation);
    case Verb::Status:
      return commands::status(invocation);
    case Verb::Events:
      return commands::events(invocation);
    case Verb::Why:
      return commands::why(invocation);
    case Verb::Wait:
      return commands::wait(invocation);
    case Verb::Check:
      return commands::check(invocation);
    case Verb::Plan:
      return commands::plan(invocation);
    case Verb::Script:
      return commands::script(invocation);
    case Verb::Info:
      return commands::info(invocation);
    case Verb::Network:
      return commands::network(invocation);
    case Verb::Schema:
      return commands::schema(invocation);
    case Verb::Help:
      return print(options.help);
    case Verb::Version:
      return print("podrun " PODRUN_VERSION "\n");
  }
  return ExitStatus::Bug;
}

}  // namespace podrun::supervisor
