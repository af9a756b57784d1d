// The Pod as plain aggregates, with one member for each Kubernetes field that podrun uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pod/spec/metadata.hpp"
#include "pod/spec/objects.hpp"
#include "pod/spec/policies.hpp"
#include "pod/spec/probes.hpp"
#include "pod/spec/spec_env.hpp"
#include "pod/spec/spec_security.hpp"
#include "pod/spec/spec_volumes.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// `spec.dnsPolicy`. The first two mean podrun's resolver where the pod has a network, else the host's.
enum class DnsPolicy { ClusterFirst, ClusterFirstWithHostNet, Default, None };

/// Container `ports[]`.
struct ContainerPort {
  std::string name;
  std::int64_t container_port = 0;
  std::int64_t host_port = 0;  ///< 0: not set
  std::string host_ip;
  Protocol protocol = Protocol::Tcp;
};

/// `resources` of a container or of the pod.
struct Resources {
  Quantities limits;
  Quantities requests;
};

/// `spec.initContainers[]` and `spec.containers[]`.
struct Container {
  std::string name;
  ContainerRole role = ContainerRole::App;
  std::optional<RestartPolicy> restart_policy;  ///< empty: the pod's
  std::vector<RestartRule> restart_rules;       ///< the first one that matches holds before restart_policy
  std::string image;
  std::optional<PullPolicy> pull_policy;  ///< `imagePullPolicy`; empty: pull_policy_of() its name
  std::vector<std::string> command;  ///< replaces the image's Entrypoint and discards its Cmd
  std::vector<std::string> args;     ///< replaces the image's Cmd
  std::string working_dir;           ///< empty: the image's WorkingDir, or else "/"
  std::vector<EnvVar> env;
  std::vector<EnvFrom> env_from;
  std::vector<VolumeMount> volume_mounts;
  SecurityContext security_context;
  std::vector<ContainerPort> ports;
  Resources resources;
  std::string termination_message_path =
      "/dev/termination-log";  ///< empty: no message, for a process that is not a container of the pod
  TerminationMessagePolicy termination_message_policy = TerminationMessagePolicy::File;
  Probes probes;
  Hooks hooks;
  std::optional<int> stop_signal;    ///< `lifecycle.stopSignal`; empty: the image's, or else SIGTERM
  bool standard_input = false;       ///< `stdin`; that name is a macro of <cstdio>
  bool standard_input_once = false;  ///< `stdinOnce`: stdin is closed when the first attached client detaches
  bool tty = false;

  // Defined in spec.cpp: compiled once, not in each unit that holds one.
  Container();
  Container(const Container&);
  Container(Container&&) noexcept;
  Container& operator=(const Container&);
  Container& operator=(Container&&) noexcept;
  ~Container();
};

/// `hostAliases[]`: a line in /etc/hosts.
struct HostAlias {
  std::string ip;
  std::vector<std::string> hostnames;
};

/// `dnsConfig.options[]`, such as "ndots" and "2".
struct DnsOption {
  std::string name;
  std::string value;
};

/// `dnsConfig`: lines in /etc/resolv.conf.
struct DnsConfig {
  std::vector<std::string> nameservers;
  std::vector<std::string> searches;
  std::vector<DnsOption> options;
};

/// `spec`.
struct PodSpec {
  RestartPolicy restart_policy = RestartPolicy::Always;
  std::int64_t termination_grace_period_seconds = 30;
  std::optional<std::int64_t> active_deadline_seconds;  ///< empty: the pod may run for ever
  std::string hostname;           ///< empty: the pod's name
  std::string hostname_override;  ///< used instead of hostname, subdomain and setHostnameAsFQDN
  std::string subdomain;
  bool set_hostname_as_fqdn = false;
  bool host_network = false;
  bool host_pid = false;
  bool host_ipc = false;
  bool share_process_namespace = false;
  std::vector<HostAlias> host_aliases;
  DnsPolicy dns_policy = DnsPolicy::ClusterFirst;
  DnsConfig dns_config;
  std::string node_name;             ///< only for fieldRef
  std::string service_account_name;  ///< only for fieldRef
  std::vector<std::string> image_pull_secrets;  ///< names of Secrets
  PodSecurityContext security_context;
  Resources resources;
  Quantities overhead;
  std::vector<Volume> volumes;
  std::vector<Container> containers;  ///< in the order in which they start: init containers first

  // Defined in spec.cpp: compiled once, not in each unit that holds one.
  PodSpec();
  PodSpec(const PodSpec&);
  PodSpec(PodSpec&&) noexcept;
  PodSpec& operator=(const PodSpec&);
  PodSpec& operator=(PodSpec&&) noexcept;
  ~PodSpec();
};

/// A Pod manifest, decoded and validated.
struct Pod {
  Metadata metadata;
  PodSpec spec;
  NamedObjects objects;  ///< objects in the namespace of the pod

  // Defined in spec.cpp: compiled once, not in each unit that holds one.
  Pod();
  Pod(const Pod&);
  Pod(Pod&&) noexcept;
  Pod& operator=(const Pod&);
  Pod& operator=(Pod&&) noexcept;
  ~Pod();
};

}  // namespace podrun::pod
