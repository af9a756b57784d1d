// The commands: one function each, in a file of its own. Those that ask what a pod does are in
// supervisor/questions.
#pragma once

#include <string>

#include "supervisor/cli/invocation.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

namespace commands {

ExitStatus run(const Invocation& invocation);
ExitStatus stop(const Invocation& invocation);
ExitStatus rm(const Invocation& invocation);
ExitStatus volumes(const Invocation& invocation);
ExitStatus supervise(const Invocation& invocation);
ExitStatus ps(const Invocation& invocation);
ExitStatus logs(const Invocation& invocation);
ExitStatus attach(const Invocation& invocation);
ExitStatus exec(const Invocation& invocation);
ExitStatus debug(const Invocation& invocation);
ExitStatus ns(const Invocation& invocation);
ExitStatus timeline(const Invocation& invocation);
ExitStatus check(const Invocation& invocation);
ExitStatus plan(const Invocation& invocation);
ExitStatus script(const Invocation& invocation);
ExitStatus info(const Invocation& invocation);
ExitStatus schema(const Invocation& invocation);

}  // namespace commands

/// Performs a command line. `program` is the absolute path of podrun.
ExitStatus run_command(const Options& options, const std::string& program);

}  // namespace podrun::supervisor
