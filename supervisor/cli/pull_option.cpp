// run --pull: when a start asks the registry for images, in place of what the manifests say.
#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/verb_options.hpp"

namespace podrun::supervisor::option {
namespace {

Result<> store_pull(Options& options, const std::string& value) {
  if (value == "never") options.pull = pod::PullPolicy::Never;
  else if (value == "missing") options.pull = pod::PullPolicy::IfNotPresent;
  else if (value == "always") options.pull = pod::PullPolicy::Always;
  else return fail(fmt::format("knows never, missing and always, not {}", pod::in_quotes(value)));
  return {};
}

}  // namespace

constexpr OptionSpec pull{"pull", 0, "never|missing|always",
                          "when images are fetched, in place of the manifest's imagePullPolicy", store_pull};

}  // namespace podrun::supervisor::option
