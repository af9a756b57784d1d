// podrun info: what this host offers, and what it lacks.
#include "namespaces/launch/read_host_facts.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/host_text.hpp"
#include "supervisor/program.hpp"

namespace podrun::supervisor::commands {

ExitStatus info(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const pod::HostFacts facts = ns::read_host_facts(layout.storage());
  if (invocation.options.format == Format::Json) return print(to_json(facts));
  return print(host_text(facts, layout, layout.image_roots(folder_of(invocation.program))));
}

}  // namespace podrun::supervisor::commands
