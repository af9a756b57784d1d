// The host name of a pod, and the texts of its /etc/hosts and /etc/resolv.conf.
#pragma once

#include <string>

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
/// `hostAliases`.
std::string hosts_file(const Pod& pod, const HostFacts& facts);

/// The text of /etc/resolv.conf: the host's, or an empty one with dnsPolicy None, into which `dnsConfig` is merged,
/// resolv.conf(5).
std::string resolv_conf(const Pod& pod, const HostFacts& facts);

}  // namespace podrun::pod
