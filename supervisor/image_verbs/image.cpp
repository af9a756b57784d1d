// podrun image: the table of its verbs.
#include "supervisor/image_verbs/image_verbs.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace podrun::supervisor::commands {
namespace {

struct ImageVerb {
  std::string_view word;
  ExitStatus (*run)(const Invocation& invocation);
};

/// supervisor/cli/image_verbs.cpp has their options and their help.
constexpr std::array verbs{
    ImageVerb{"pull", image_pull},     ImageVerb{"load", image_load},
    ImageVerb{"ls", image_ls},         ImageVerb{"inspect", image_inspect}, ImageVerb{"history", image_history},
    ImageVerb{"tag", image_tag},       ImageVerb{"rm", image_rm},           ImageVerb{"prune", image_prune},
    ImageVerb{"verify", image_verify},
};

}  // namespace

ExitStatus image(const Invocation& invocation) {
  const auto* const verb = std::ranges::find(verbs, invocation.options.image_verb, &ImageVerb::word);
  return verb == verbs.end() ? ExitStatus::Bug : verb->run(invocation);
}

}  // namespace podrun::supervisor::commands
