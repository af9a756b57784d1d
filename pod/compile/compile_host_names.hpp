// The host name of a pod, and the texts of its /etc/hosts and /etc/resolv.conf.
#pragma once

#include <cstdint>
#include <string>

#include "pod/network/network_steps.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The host name of a pod, as with the kubelet: with hostNetwork the host's; else `hostnameOverride`; else
/// `spec.hostname` or the pod's name, cut to at most 63 bytes that do not end in '-' or '.'. With setHostnameAsFQDN and
/// a subdomain that name is HOSTNAME.SUBDOMAIN.NAMESPACE.svc.cluster.local.
std::string hostname(const Pod& pod, const HostFacts& facts);

/// Checks that the kernel accepts the host name. Error: it is longer than 64 bytes, sethostname(2).
Result<> check_hostname(const Pod& pod, const HostFacts& facts);

/// The text of /etc/hosts: that of the kubelet, except for its first line, or with hostNetwork the host's; then
/// `hostAliases`. The pod's name has the addresses, or 127.0.0.1 if there are none.
std::string hosts_file(const Pod& pod, const HostFacts& facts, const Addresses& addresses = {});

/// Who resolves the names of a container, unless dnsPolicy is None.
enum class NameService : std::uint8_t {
  Host,          ///< the host's resolvers, as its file has them
  HostsServers,  ///< the host's resolvers; those behind one that only the host reaches
  Pods,          ///< podrun's resolver in the pod, with the search domains of a cluster
};

/// The text of /etc/resolv.conf: that of the name service, or an empty one with dnsPolicy None, into which `dnsConfig`
/// is merged, resolv.conf(5). As with the kubelet, what exceeds 3 servers, 32 domains or 2048 characters is dropped.
std::string resolv_conf(const Pod& pod, const HostFacts& facts, NameService service = NameService::Host);

}  // namespace podrun::pod
