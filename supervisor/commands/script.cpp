// podrun script: the same pod as a shell script.
#include "pod/script.hpp"

#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/load.hpp"
#include "supervisor/program.hpp"

namespace podrun::supervisor::commands {

ExitStatus script(const Invocation& invocation) {
  const Options& options = invocation.options;
  auto text = read_manifest(options.operands.front());
  if (!text) return complain(text.error());
  const std::string name = display_name(options.operands.front());
  const auto pod = parse_manifest(*text, name, options.namespace_name, leniency_of(options));
  if (!pod) return complain(pod.error());
  // A place of its own: what lies with the pods of podrun is podrun's to remove.
  const auto loaded = load({.text = std::move(*text),
                            .name = name,
                            .namespace_name = options.namespace_name,
                            .uid = pod::pod_id(pod->pod.metadata),
                            .storage = invocation.layout.root() + "/var/lib/podrun/by-hand",
                            .image_roots = invocation.layout.image_roots(folder_of(invocation.program)),
                            .leniency = leniency_of(options)});
  if (!loaded) return complain(loaded.error());
  warn(loaded->warnings);
  return print(pod::to_script(loaded->plan));
}

}  // namespace podrun::supervisor::commands
