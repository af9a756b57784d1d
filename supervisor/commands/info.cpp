// podrun info: shows what this host has and what it lacks.
#include "namespaces/launch/read_host_facts.hpp"
#include "namespaces/network/firewall.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/show/host_text.hpp"
#include "supervisor/state/network_setup.hpp"

namespace podrun::supervisor::commands {

ExitStatus info(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  pod::HostFacts facts = ns::read_host_facts(layout.storage());
  if (const auto config = read_network_config(layout))
    facts.network = read_network_facts(layout, *config);
  else
    facts.network = {.has_pods_network = false, .why_not = config.error().message};
  if (invocation.options.format == Format::Json) return print(to_json(facts));
  const auto firewalls = ns::read_firewalls();  // root alone may
  const auto obstacles = firewalls ? ns::find_obstacles(*firewalls) : std::vector<ns::FirewallObstacle>{};
  return print(host_text(facts, layout, layout.image_roots(folder_of(invocation.program)), obstacles));
}

}  // namespace podrun::supervisor::commands
