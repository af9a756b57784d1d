// `podrun image …`: one function for each of its verbs, in a file of its own.
#pragma once

#include "supervisor/cli/invocation.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor::commands {

/// Calls the function of the verb in Options::image_verb.
ExitStatus image(const Invocation& invocation);

ExitStatus image_ls(const Invocation& invocation);
ExitStatus image_pull(const Invocation& invocation);
ExitStatus image_load(const Invocation& invocation);
ExitStatus image_inspect(const Invocation& invocation);
ExitStatus image_history(const Invocation& invocation);
ExitStatus image_tag(const Invocation& invocation);
ExitStatus image_rm(const Invocation& invocation);
ExitStatus image_prune(const Invocation& invocation);
ExitStatus image_verify(const Invocation& invocation);

}  // namespace podrun::supervisor::commands
