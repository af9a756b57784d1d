// podrun info: shows what this host has and what it lacks.
#include "namespaces/launch/read_host_facts.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/show/host_text.hpp"

namespace podrun::supervisor::commands {

ExitStatus info(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const pod::HostFacts facts = ns::read_host_facts(layout.storage());
  if (invocation.options.format == Format::Json) return print(to_json(facts));
  return print(host_text(facts, layout, layout.image_roots(folder_of(invocation.program))));
}

}  // namespace podrun::supervisor::commands
