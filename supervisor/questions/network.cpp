// podrun network: shows how the pods of the host are connected.
#include "namespaces/network/firewall.hpp"
#include "namespaces/network/network_facts.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/leases/sysctl_lease.hpp"
#include "supervisor/questions/questions.hpp"
#include "supervisor/show/network_view.hpp"
#include "supervisor/state/network_setup.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor::commands {
namespace {

/// What all pods have published.
std::vector<resolver::PublishedPod> published_pods(const Layout& layout) {
  std::vector<resolver::PublishedPod> pods;
  ns::DirectoryHandle folder = layout.names_folder();
  if (!folder.open()) return pods;
  for (const std::string& name : folder.names())
    if (const auto text = folder.read_file(name, resolver::longest_file))
      if (auto pod = resolver::parse(*text)) pods.push_back(std::move(*pod));
  return pods;
}

std::vector<ConnectedPod> connected_pods(const Layout& layout) {
  const std::vector<resolver::PublishedPod> published = published_pods(layout);
  std::vector<ConnectedPod> pods;
  for (const std::string& id : known_pods(layout)) {
    if (!is_running(layout, id)) continue;
    const auto record = read_state(layout, id);
    if (!record) continue;
    ConnectedPod pod{
        .name = pod::pod_name(id), .host_network = record->host_network, .networks = record->networks, .names = {}};
    for (const resolver::PublishedPod& each : published)
      if (resolver::file_name_of(each) == id && !each.addresses.empty()) pod.names = names_of(each, published);
    pods.push_back(std::move(pod));
  }
  return pods;
}

std::vector<ns::FirewallObstacle> obstacles() {
  const auto firewalls = ns::read_firewalls();
  if (firewalls) return ns::find_obstacles(*firewalls);
  return {{.what = "the packet filter cannot be read: " + firewalls.error().message, .cure = ""}};
}

}  // namespace

ExitStatus network(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const auto config = read_network_config(layout);
  if (!config) return report_error(ExitStatus::CannotStart, config.error().message);
  const NetworkView view{.facts = read_network_facts(layout, *config),
                         .changed = shared_sysctls(layout),
                         .pods = connected_pods(layout),
                         .obstacles = obstacles()};
  switch (invocation.options.format) {
    case Format::Json: return print(to_json(view));
    case Format::Svg: return print(to_svg(view));
    case Format::Text:
    case Format::Wide:
    case Format::Yaml:
    case Format::Dot: break;
  }
  return print(to_text(view));
}

}  // namespace podrun::supervisor::commands
