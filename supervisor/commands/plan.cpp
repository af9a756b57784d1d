// podrun plan: every step of a pod's start, none of them taken.
#include "pod/describe.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/load.hpp"
#include "supervisor/program.hpp"

namespace podrun::supervisor::commands {

ExitStatus plan(const Invocation& invocation) {
  const Options& options = invocation.options;
  auto text = read_manifest(options.operands.front());
  if (!text) return complain(text.error());
  const auto loaded = load({.text = std::move(*text),
                            .name = display_name(options.operands.front()),
                            .namespace_name = options.namespace_name,
                            .uid = "<uid>",
                            .storage = invocation.layout.storage(),
                            .image_roots = invocation.layout.image_roots(folder_of(invocation.program)),
                            .leniency = leniency_of(options)});
  if (!loaded) return complain(loaded.error());
  warn(loaded->warnings);
  return print(options.format == Format::Json ? pod::to_json(loaded->plan) : pod::to_text(loaded->plan));
}

}  // namespace podrun::supervisor::commands
