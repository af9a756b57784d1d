// The tables of a pod and its spec.
#include <iterator>
#include <limits>
#include <vector>

#include "pod/schema/schema_types.hpp"
#include "pod/spec/pod_syntax.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto shown = used("Parse.AWholeManifestIsParsed");
constexpr auto identity = used("Names.TheHostNameIsMadeOfTheManifestsFields");

/// Decodes `initContainers`. They precede the app containers.
struct InitContainers {
  static constexpr std::string_view type = Schema<Container>::list;
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<Container>& into,
              DiagnosticCollector& report) const {
    std::vector<Container> inits;
    objects<Container>.decode(node, label, inits, report);
    for (Container& each : inits)
      each.role = each.restart_policy == RestartPolicy::Always ? ContainerRole::Sidecar : ContainerRole::Init;
    into.insert(into.begin(), std::make_move_iterator(inits.begin()), std::make_move_iterator(inits.end()));
  }
};

constexpr auto v1 = only("v1");
constexpr auto kind_pod = only("Pod");
constexpr Integer grace_seconds{.least = 0, .most = std::numeric_limits<std::int32_t>::max()};
constexpr Integer deadline_seconds{.least = 1, .most = std::numeric_limits<std::int32_t>::max()};
constexpr InitContainers init_containers{};
constexpr Text ip_text{ip_address};
/// A list of references to objects by their names; one without a name refers to none.
struct ObjectNames {
  static constexpr std::string_view type = "[]LocalObjectReference";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<std::string>& into,
              DiagnosticCollector& report) const {
    check_value(node, label, type, report);
    for (const yaml::Node* each : node.items) {
      const yaml::Node* name = each->find("name");
      if (name != nullptr && name->kind == yaml::Kind::Scalar && !name->text.empty()) into.push_back(name->text);
    }
  }
};
constexpr ObjectNames object_names{};

constexpr Texts ip_texts{ip_address};
constexpr Texts host_texts{dns_subdomain};
constexpr Texts search_texts{search_domain};
constexpr Text resolver_text{resolver_word};
constexpr Text override_text{kernel_hostname};
constexpr Choice restart_policies{std::array{std::pair{"Always"sv, RestartPolicy::Always},
                                             std::pair{"OnFailure"sv, RestartPolicy::OnFailure},
                                             std::pair{"Never"sv, RestartPolicy::Never}}};
constexpr Choice dns_policies{std::array{std::pair{"ClusterFirst"sv, DnsPolicy::ClusterFirst},
                                         std::pair{"ClusterFirstWithHostNet"sv, DnsPolicy::ClusterFirstWithHostNet},
                                         std::pair{"Default"sv, DnsPolicy::Default},
                                         std::pair{"None"sv, DnsPolicy::None}}};
constexpr auto linux_only = only("linux");
/// Refuses `hostUsers: false`, which requests a user namespace.
struct HostUsers {
  static constexpr std::string_view type = "boolean";
  void decode(const yaml::Node& node, const FieldLabel& label, bool& /*into*/, DiagnosticCollector& report) const {
    if (boolean_in(node, label, report) == false)
      report.add(node.at, "hostUsers must be true: podrun has no user namespaces yet");
  }
};
constexpr HostUsers host_users{};

constexpr std::array pod_rows{
    verified<std::string_view, v1>("apiVersion", required, shown, "v1."),
    verified<std::string_view, kind_pod>("kind", required, shown, "Pod."),
    row<&Pod::metadata, object<Metadata>>("metadata", required, shown, "Who the pod is."),
    row<&Pod::spec, object<PodSpec>>("spec", required, shown, "What it consists of."),
    unused("status", "PodStatus", no_effect("it is what a cluster observed, not what is wanted")),
};

constexpr std::array spec_rows{
    row<&PodSpec::restart_policy, restart_policies>(
        "restartPolicy", defaults_to("Always"), used("Restart.OnFailureEndsWithTheFirstSuccess"),
        "After which exits a container is started again: Always, OnFailure or Never."),
    row<&PodSpec::termination_grace_period_seconds, grace_seconds>(
        "terminationGracePeriodSeconds", defaults_to("30"), shown,
        "How long containers have between SIGTERM and SIGKILL."),
    row<&PodSpec::active_deadline_seconds, deadline_seconds>(
        "activeDeadlineSeconds", optional, used("RootLifecycle.APodThatExceedsItsDeadlineHasFailed"),
        "How long the pod may run; then it is stopped and has failed."),
    row<&PodSpec::hostname, label_text>("hostname", defaults_to("metadata.name"),
                                        used("ContainerView.TheHostsFileHostnameAndResolvConfAreThePods"),
                                        "The pod's host name; with hostNetwork it is the host's."),
    row<&PodSpec::hostname_override, override_text>("hostnameOverride", optional, identity,
                                                     "The host name, in place of what the other fields would make."),
    row<&PodSpec::subdomain, label_text>("subdomain", optional, identity, "The pod's domain below its namespace's."),
    row<&PodSpec::set_hostname_as_fqdn, boolean>("setHostnameAsFQDN", defaults_to("false"), identity,
                                                 "Whether the kernel's host name has the domain, too."),
    row<&PodSpec::host_aliases, objects<HostAlias>>("hostAliases", optional, identity, "Further lines of /etc/hosts."),
    row<&PodSpec::dns_policy, dns_policies>(
        "dnsPolicy", defaults_to("ClusterFirst"), identity,
        "Default: the host's resolvers. None: only dnsConfig. The others: podrun's, which knows pods and Services."),
    row<&PodSpec::dns_config, object<DnsConfig>>("dnsConfig", optional, identity, "Lines of /etc/resolv.conf."),
    row<&PodSpec::host_network, boolean>("hostNetwork", defaults_to("false"),
                                         used("ComposedPod.APodInTheHostsNetworkHasItsHostnameAndHostsFile"),
                                         "Whether containers use the host's network and UTS namespaces."),
    row<&PodSpec::host_pid, boolean>("hostPID", defaults_to("false"),
                                     used("NamespaceComposition.EachNamespaceIsTheOneTheManifestNames"),
                                     "Whether containers use the host's PID namespace."),
    row<&PodSpec::host_ipc, boolean>("hostIPC", defaults_to("false"),
                                     used("NamespaceComposition.EachNamespaceIsTheOneTheManifestNames"),
                                     "Whether containers use the host's IPC namespace and /dev/shm."),
    verified<bool, host_users>("hostUsers", defaults_to("true"), no_effect("user ids are the host's"), "true."),
    row<&PodSpec::share_process_namespace, boolean>(
        "shareProcessNamespace", defaults_to("false"), used("ComposedPod.ASharedPidNamespaceHasAnInitThatReaps"),
        "Whether containers share one PID namespace, whose first process is podrun's."),
    row<&PodSpec::security_context, object<PodSecurityContext>>("securityContext", optional, shown,
                                                                "With which rights its containers run."),
    row<&PodSpec::volumes, objects<Volume>>("volumes", optional, shown, "What containers of the pod can share."),
    row<&PodSpec::containers, objects<Container>>("containers", required, shown, "The containers, at least one."),
    row<&PodSpec::containers, init_containers>(
        "initContainers", optional, used("RootLifecycle.InitContainersRunOneAfterTheOtherBeforeTheAppContainers"),
        "Containers that end before the next one begins; with restartPolicy Always, they go on beside the others."),
    unused("ephemeralContainers", "[]EphemeralContainer",
           refused("they are for running pods", "podrun debug adds one")),
    row<&PodSpec::resources, object<Resources>>("resources", optional,
                                                used("Resources.PodLevelResourcesReplaceTheSums"),
                                                "What all containers together may use."),
    row<&PodSpec::overhead, amounts>("overhead", optional, used("Resources.OverheadIsAdded"),
                                     "Added to what the containers ask for."),
    row<&PodSpec::node_name, subdomain_text>("nodeName", defaults_to("the host's name"),
                                             used("Variables.AVariableMayComeFromAConfigMapASecretOrThePod"),
                                             "What fieldRef gives for it; the pod runs where podrun is called."),
    row<&PodSpec::service_account_name, subdomain_text>("serviceAccount", optional,
                                                        used("Decode.ServiceAccountNameWinsOverItsOldName"),
                                                        "The old name of serviceAccountName, which wins."),
    row<&PodSpec::service_account_name, subdomain_text>("serviceAccountName", defaults_to("default"),
                                                        used("Variables.AVariableMayComeFromAConfigMapASecretOrThePod"),
                                                        "What fieldRef gives for it."),
    unused("automountServiceAccountToken", "boolean", no_effect("there is no API server to show a token to")),
    unused("enableServiceLinks", "boolean", no_effect("no variables are made of Services: their names lead to them")),
    row<&PodSpec::image_pull_secrets, object_names>(
        "imagePullSecrets", optional, used("PullSecrets.TheNamesAreDecoded"),
        "Secrets with the credentials of registries: see IMAGES."),
    unused("nodeSelector", "map[string]string", no_effect("there is one node")),
    unused("affinity", "Affinity", no_effect("there is one node")),
    unused("tolerations", "[]Toleration", no_effect("the node has no taints")),
    unused("topologySpreadConstraints", "[]TopologySpreadConstraint", no_effect("there is one node")),
    unused("schedulerName", "string", no_effect("there is one node")),
    unused("priority", "int32", no_effect("nothing is evicted")),
    unused("priorityClassName", "string", no_effect("nothing is evicted")),
    unused("preemptionPolicy", "string", no_effect("nothing is evicted")),
    unused("os", "PodOS", no_effect("this is Linux")),
    unused("workloadRef", "WorkloadReference", no_effect("pods are not scheduled in groups")),
    unused("runtimeClassName", "string", refused("podrun is the only runtime", "leave it out")),
    unused("resourceClaims", "[]PodResourceClaim",
           refused("podrun hands out no devices", "mount the device with a hostPath")),
    unused("schedulingGates", "[]PodSchedulingGate",
           refused("nothing removes scheduling gates", "start the pod when it may run")),
    unused("readinessGates", "[]PodReadinessGate", refused("nothing sets a pod's conditions", "leave them out")),
};

constexpr std::array pod_os_rows{verified<std::string_view, linux_only>("name", required, {}, "linux.")};

constexpr std::array host_alias_rows{
    row<&HostAlias::hostnames, host_texts>("hostnames", optional, shown, "Its names."),
    row<&HostAlias::ip, ip_text>("ip", required, shown, "The address."),
};
constexpr std::array dns_config_rows{
    row<&DnsConfig::nameservers, ip_texts>("nameservers", optional, shown, "Servers, after those of dnsPolicy."),
    row<&DnsConfig::options, objects<DnsOption>>("options", optional, shown,
                                                 "Options; they win over those of dnsPolicy."),
    row<&DnsConfig::searches, search_texts>("searches", optional, shown, "Domains, after those of dnsPolicy."),
};
constexpr std::array dns_option_rows{
    row<&DnsOption::name, resolver_text>("name", required, shown, "Its name, such as ndots."),
    row<&DnsOption::value, resolver_text>("value", optional, shown, "What stands after the colon."),
};

}  // namespace

constinit const Table Schema<Pod>::table{"Pod", "the manifest", pod_rows};
constinit const Table Schema<PodSpec>::table{"PodSpec", "spec", spec_rows};
constinit const Table pod_os_table{"PodOS", "os", pod_os_rows};
constinit const Table Schema<HostAlias>::table{"HostAlias", "a host alias", host_alias_rows};
constinit const Table Schema<DnsConfig>::table{"PodDNSConfig", "dnsConfig", dns_config_rows};
constinit const Table Schema<DnsOption>::table{"PodDNSConfigOption", "an option", dns_option_rows};

}  // namespace podrun::pod
