// The lease of the rules in Docker's chain DOCKER-USER.
#include "supervisor/leases/docker_lease.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include <fmt/format.h>

#include "namespaces/kernel/namespace_kinds.hpp"
#include "namespaces/network/network_steps.hpp"
#include "pod/json/reader.hpp"
#include "supervisor/leases/leases.hpp"

namespace podrun::supervisor {
namespace {

Result<std::uint64_t> own_network() {
  return TRY(ns::namespaces_of(::getpid()))[static_cast<std::size_t>(pod::NamespaceKind::Net)];
}

}  // namespace

Result<> lease_docker_rules(const Layout& layout, const LeaseOwner& owner, const pod::network::DockerRule& rules) {
  pod::json::Value object = pod::json::object({{"family", rules.family},
                                               {"interface", rules.interface},
                                               {"comment", rules.comment},
                                               {"network", TRY(own_network())}});
  TRY_VOID(write_lease(layout, owner, docker_kind, rules.family + "-" + rules.interface, std::move(object)));
  const Result<> added = ns::add_docker_rule(rules);
  return !added && added.error().number == ENOENT ? Result<>{} : added;
}

Result<> undo_docker_rules(const pod::json::Value& object) {
  std::string mistake;
  const pod::json::Reader reader(object, mistake);
  const pod::network::DockerRule rules{
      .family = reader.text("family"), .interface = reader.text("interface"), .comment = reader.text("comment")};
  const auto network = reader.number<std::uint64_t>("network");
  if (!mistake.empty()) return fail("no lease: " + mistake);
  if (const std::uint64_t own = TRY(own_network()); own != network)
    return fail(fmt::format("rules in DOCKER-USER are in the network namespace {}, and this is {}", network, own));
  return ns::remove_docker_rule(rules);
}

}  // namespace podrun::supervisor
