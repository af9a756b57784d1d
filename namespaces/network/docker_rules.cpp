// The rules of a pod in DOCKER-USER, the chain that Docker leaves to others: what comes from the pod's interface passes,
// and what goes to it. What may go to the pod its own table says.
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <cerrno>
#include <cstdint>
#include <vector>

#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/netlink/nft_messages.hpp"
#include "namespaces/network/network_steps.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t rules_of_a_pod = 2;
constexpr int attempts = 5;  // others change the chain while it is read

/// iptables shows comments of 255 characters at most, and so does the user data of a rule.
constexpr std::size_t longest_comment = 250;

ForeignChain chain_of(const pod::network::DockerRule& step) {
  return {step.family == "ip6" ? std::uint8_t{NFPROTO_IPV6} : std::uint8_t{NFPROTO_IPV4}, "filter", "DOCKER-USER"};
}

/// The comment ends with the interface, which is one pod's alone: with another --root there may be a pod of the same name.
std::string comment_of(const pod::network::DockerRule& step) {
  const std::string end = " " + step.interface;
  if (step.comment.size() + end.size() <= longest_comment) return step.comment + end;
  return step.comment.substr(0, longest_comment - end.size() - 3) + "..." + end;
}

/// The handles of the pod's rules.
Result<std::vector<std::uint64_t>> find_rules(NetlinkSocket& socket, const pod::network::DockerRule& step) {
  std::vector<std::uint64_t> handles;
  const std::string comment = comment_of(step);
  TRY_VOID(socket.ask(question_about_rules(chain_of(step)), [&](const NetlinkReply& reply) {
    const Bytes attributes = reply.attributes_after<nfgenmsg>();
    if (comment_of_rule(attributes) == comment) handles.push_back(handle_of_rule(attributes));
  }));
  return handles;
}

/// Whether it is worth to read the chain again: it changed while it was read, or before the answer to that arrived.
bool is_overtaken(const Result<>& result) {
  return !result && (result.error().number == EINTR || result.error().number == ENOENT);
}

Result<> try_to_remove(NetlinkSocket& socket, const pod::network::DockerRule& step) {
  const auto handles = TRY(find_rules(socket, step));
  if (handles.empty()) return {};
  NetlinkBatch batch;
  begin_transaction(batch);
  for (const auto handle : handles) delete_rule(batch, chain_of(step), handle);
  end_transaction(batch);
  return socket.send(batch);
}

Result<> try_to_add(NetlinkSocket& socket, const pod::network::DockerRule& step) {
  const auto handles = TRY(find_rules(socket, step));
  if (handles.size() == rules_of_a_pod) return {};
  const ForeignChain chain = chain_of(step);
  NetlinkBatch batch;
  begin_transaction(batch);
  for (const auto handle : handles) delete_rule(batch, chain, handle);
  insert_rule(batch, chain, {{pod::nft::InInterface{step.interface}}, pod::nft::Accept{}}, comment_of(step));
  insert_rule(batch, chain, {{pod::nft::OutInterface{step.interface}}, pod::nft::Accept{}}, comment_of(step));
  end_transaction(batch);
  return socket.send(batch);
}

Result<> repeat(Result<> (*attempt)(NetlinkSocket&, const pod::network::DockerRule&),
                const pod::network::DockerRule& step) {
  NetlinkSocket socket = TRY(NetlinkSocket::open(NETLINK_NETFILTER));
  Result<> result = attempt(socket, step);
  for (int i = 1; i < attempts && is_overtaken(result); ++i) result = attempt(socket, step);
  return result;
}

}  // namespace

Result<> add_docker_rule(const pod::network::DockerRule& step) { return repeat(try_to_add, step); }

Result<> remove_docker_rule(const pod::network::DockerRule& step) { return repeat(try_to_remove, step); }

}  // namespace podrun::ns
