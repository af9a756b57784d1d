// What a pod's network is compiled from.
#include "supervisor/state/network_setup.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/network/network_facts.hpp"
#include "pod/annotations/composition.hpp"
#include "pod/annotations/network_choice.hpp"
#include "pod/network/addresses.hpp"
#include "pod/network/network_file.hpp"
#include "supervisor/leases/sysctl_lease.hpp"

namespace podrun::supervisor {
namespace {

/// The connected networks of a pod; none if its composition has mistakes, which are reported elsewhere.
std::vector<pod::NetworkChoice> connected_networks(const pod::Pod& pod) {
  std::vector<pod::CompositionError> errors;
  const std::vector<pod::ContainerComposition> composed = pod::compose(pod, errors);
  return errors.empty() ? pod::PodNetworks(pod, composed).connected() : std::vector<pod::NetworkChoice>{};
}

}  // namespace

Result<pod::NetworkConfig> read_network_config(const Layout& layout) {
  constexpr std::size_t longest = 64 << 10;
  const std::string path = layout.network_file();
  const auto text = ns::read_file(path, longest);
  if (!text && text.error().number == ENOENT) return pod::NetworkConfig{};
  if (!text) return std::unexpected(text.error());
  auto config = pod::parse_network_file(*text);
  if (config) return std::move(*config);
  std::string mistakes;
  for (const pod::Diagnostic& each : config.error())
    mistakes += fmt::format("{}{}:{}:{}: {}{}", mistakes.empty() ? "" : "\n", path, each.at.line, each.at.column,
                            each.message, each.hint.empty() ? "" : "; " + each.hint);
  return fail(std::move(mistakes), EINVAL);
}

pod::NetworkFacts read_network_facts(const Layout& layout, const pod::NetworkConfig& config) {
  // Who is not root can start nothing.
  const auto purpose = ::geteuid() == 0 ? ns::FactsFor::Start : ns::FactsFor::Plan;
  // Another pod may turn forwarding on, or back, meanwhile: then it would be taken for that of the host.
  for (std::vector<std::string> changed = shared_sysctls(layout);;) {
    pod::NetworkFacts facts = ns::read_network_facts(config, changed, "", purpose);
    std::vector<std::string> present = shared_sysctls(layout);
    if (present == changed) return facts;
    changed = std::move(present);
  }
}

bool is_connected(const pod::Pod& pod) { return !connected_networks(pod).empty(); }

Result<std::vector<ns::NumberClaim>> claim_numbers(const pod::Pod& pod, const pod::NetworkFacts& facts,
                                                   pod::RunParameters& run_parameters) {
  std::vector<ns::NumberClaim> claims;
  if (!facts.has_pods_network) return claims;  // the compiler says why not
  for (const pod::NetworkChoice& choice : connected_networks(pod)) {
    const std::string key = pod::network_key(pod::pod_id(pod.metadata), choice.container);
    claims.push_back(TRY(ns::claim_number(facts, pod::preferred_number(facts, key))));
    run_parameters.network_numbers[choice.container] = claims.back().number;
  }
  return claims;
}

}  // namespace podrun::supervisor
