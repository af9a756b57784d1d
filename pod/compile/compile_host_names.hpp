// What a pod is called, and how it finds others by name: its host name, /etc/hosts, /etc/resolv.conf.
#pragma once

#include <string>

#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The pod's host name: `hostnameOverride`; else `spec.hostname`, else the pod's name, at most 63 bytes and not ending
/// in '-' or
/// '.'; with setHostnameAsFQDN and a subdomain HOSTNAME.SUBDOMAIN.NAMESPACE.svc.cluster.local. With hostNetwork the
/// host's, whatever the manifest says. As the kubelet does.
std::string hostname(const Pod& pod, const HostFacts& facts);

/// Error: a host name that the kernel would not take (64 bytes are the most, sethostname(2)).
Result<> check_hostname(const Pod& pod, const HostFacts& facts);

/// /etc/hosts: the kubelet's file, but for its first line, or the host's with hostNetwork; then `hostAliases`.
std::string hosts_file(const Pod& pod, const HostFacts& facts);

/// /etc/resolv.conf: the host's; nothing of it with dnsPolicy None; with `dnsConfig` merged into it, resolv.conf(5).
std::string resolv_conf(const Pod& pod, const HostFacts& facts);

}  // namespace podrun::pod
