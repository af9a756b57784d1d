// Performs the steps that connect a network namespace to the host: pod/network/network_steps.hpp. The caller is in the
// host's network namespace, and has one thread. `network_namespace` is a descriptor that setns(2) takes: a pidfd of a
// process in the namespace, or the namespace itself.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes the veth(4) pair. A link of that name with the same alias is one of a former attempt: it is replaced. Error
/// EEXIST: another's interface has the name. The host's end is up then, without addresses.
Result<> make_link(const pod::network::Link& step, int network_namespace);
/// Gives the end in the namespace its addresses and routes, and brings it up.
Result<> set_up_pod_end(const pod::network::PodEnd& step, int network_namespace);
/// Gives the end on the host the gateways' addresses, and adds the routes to the pod, whose end is up. Error EEXIST:
/// another interface has a route.
Result<> set_up_host_end(const pod::network::HostEnd& step);

/// Makes the table, that of its chains at ingress included, and returns the socket that owns both: they end with its
/// last descriptor. Error EPERM: another socket owns a table of that name, or EEXIST: nobody does.
Result<Fd> make_filter(const pod::nft::Table& table);
/// Removes the table through the socket that owns it. It is no error if it is gone.
Result<> remove_filter(int owner, const std::string& table);

/// Adds the rules to DOCKER-USER, unless they are there. Error ENOENT: there is no such chain.
Result<> add_docker_rule(const pod::network::DockerRule& step);
/// Removes those rules: those with this comment. It is no error if they, or the chain, are gone.
Result<> remove_docker_rule(const pod::network::DockerRule& step);

/// Deletes the entries of conntrack(8) of datagrams that were sent to these ports of the host.
Result<> forget_connections_to(const std::vector<pod::PublishedPort>& ports);
/// Deletes the entries that have one of the addresses as an end, translated or not. `socket`: one of netfilter, such as a
/// table's owner. If it was opened for this alone, and a table had just been removed, its close would wait for the kernel
/// (rcu_barrier), for about 20 ms.
Result<> forget_connections_of(const pod::Addresses& addresses, int socket);

/// Opens the sockets at which the resolver of the namespace listens: UDP and TCP port 53 of the address, which is added
/// to `lo`; in this order, and not blocking. They hear the processes of the namespace alone. A container cannot listen at
/// port 53 of all addresses then, so a pod that serves DNS has no such step. Error EADDRINUSE: the port is taken.
Result<std::vector<Fd>> open_resolver_sockets(const pod::network::Resolver& step, int network_namespace);

/// Waits until there is no interface of that name. Error ETIMEDOUT.
Result<> wait_for_link_end(const std::string& interface, std::chrono::milliseconds timeout);

}  // namespace podrun::ns
