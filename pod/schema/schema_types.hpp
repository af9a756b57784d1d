// Declares the table of each type of the Pod API. The tables are in schema_pod.cpp, schema_container.cpp, …
#pragma once

#include "pod/schema/codecs.hpp"
#include "pod/schema/field_table.hpp"
#include "pod/spec/objects.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// Declares the table of an aggregate.
#define PODRUN_TABLE(NAME, ...)                                 \
  template <>                                                   \
  struct Schema<__VA_ARGS__> {                                  \
    static constexpr std::string_view list = "[]" NAME;         \
    static const Table table;                                   \
  }

// A pod
PODRUN_TABLE("Pod", Pod);
PODRUN_TABLE("ObjectMeta", Metadata);
PODRUN_TABLE("PodSpec", PodSpec);
PODRUN_TABLE("HostAlias", HostAlias);
PODRUN_TABLE("PodDNSConfig", DnsConfig);
PODRUN_TABLE("PodDNSConfigOption", DnsOption);
PODRUN_TABLE("PodSecurityContext", PodSecurityContext);
PODRUN_TABLE("Sysctl", Sysctl);
PODRUN_TABLE("SeccompProfile", SeccompProfile);

// A container
PODRUN_TABLE("Container", Container);
PODRUN_TABLE("ContainerPort", ContainerPort);
PODRUN_TABLE("ResourceRequirements", Resources);
PODRUN_TABLE("SecurityContext", SecurityContext);
PODRUN_TABLE("Capabilities", Capabilities);

/// Tells the table of a rule's `exitCodes` from that of the rule.
struct ExitCodesOf {};
PODRUN_TABLE("ContainerRestartRule", RestartRule);
PODRUN_TABLE("ContainerRestartRuleOnExitCodes", RestartRule, ExitCodesOf);

// Probes and hooks of a container
/// Tells the table of a container's `lifecycle` from that of the container.
struct LifecycleOf {};
PODRUN_TABLE("Probe", Probe);
PODRUN_TABLE("ExecAction", ExecAction);
PODRUN_TABLE("HTTPGetAction", HttpGetAction);
PODRUN_TABLE("HTTPHeader", HttpHeader);
PODRUN_TABLE("TCPSocketAction", TcpSocketAction);
PODRUN_TABLE("GRPCAction", GrpcAction);
PODRUN_TABLE("Lifecycle", Container, LifecycleOf);
PODRUN_TABLE("LifecycleHandler", HookAction);
PODRUN_TABLE("SleepAction", SleepAction);

// Variables
PODRUN_TABLE("EnvVar", EnvVar);
PODRUN_TABLE("EnvVarSource", EnvSource);
PODRUN_TABLE("ConfigMapKeySelector", ConfigMapKeyRef);
PODRUN_TABLE("SecretKeySelector", SecretKeyRef);
PODRUN_TABLE("ObjectFieldSelector", FieldRef);
PODRUN_TABLE("ResourceFieldSelector", ResourceFieldRef);
PODRUN_TABLE("FileKeySelector", FileKeyRef);
PODRUN_TABLE("EnvFromSource", EnvFrom);
PODRUN_TABLE("ConfigMapEnvSource", ConfigMapRef);
PODRUN_TABLE("SecretEnvSource", SecretRef);

// Volumes
PODRUN_TABLE("VolumeMount", VolumeMount);
PODRUN_TABLE("Volume", Volume);
PODRUN_TABLE("EmptyDirVolumeSource", EmptyDir);
PODRUN_TABLE("HostPathVolumeSource", HostPath);
PODRUN_TABLE("KeyToPath", KeyToPath);
PODRUN_TABLE("ConfigMapVolumeSource", ConfigMapFiles);
PODRUN_TABLE("SecretVolumeSource", SecretFiles);
PODRUN_TABLE("DownwardAPIVolumeFile", DownwardApiFile);
PODRUN_TABLE("DownwardAPIVolumeSource", DownwardApiFiles);
PODRUN_TABLE("ProjectedVolumeSource", Projected);
PODRUN_TABLE("VolumeProjection", Projection);
PODRUN_TABLE("ConfigMapProjection", ConfigMapFiles, Projection);
PODRUN_TABLE("SecretProjection", SecretFiles, Projection);
PODRUN_TABLE("DownwardAPIProjection", DownwardApiFiles, Projection);
PODRUN_TABLE("ServiceAccountTokenProjection", ServiceAccountToken);
PODRUN_TABLE("PersistentVolumeClaimVolumeSource", ClaimVolume);
PODRUN_TABLE("ImageVolumeSource", ImageVolume);

// Objects beside pods
PODRUN_TABLE("ConfigMap", ConfigMap);
PODRUN_TABLE("Secret", Secret);
PODRUN_TABLE("PersistentVolumeClaim", PersistentVolumeClaim);
PODRUN_TABLE("PersistentVolumeClaimSpec", ClaimSpec);
PODRUN_TABLE("VolumeResourceRequirements", Quantities, ClaimSpec);
PODRUN_TABLE("Service", Service);
PODRUN_TABLE("ServiceSpec", ServiceSpec);
PODRUN_TABLE("ServicePort", ServicePort);

#undef PODRUN_TABLE

// Types that are checked but not stored
extern const Table app_armor_table;
extern const Table pod_os_table;
extern const Table resize_policy_table;
extern const Table session_affinity_table;
extern const Table client_ip_table;

/// `imagePullPolicy`, and `pullPolicy` of an image volume.
inline constexpr Choice pull_policies{
    std::array{std::pair{std::string_view("Always"), PullPolicy::Always},
               std::pair{std::string_view("IfNotPresent"), PullPolicy::IfNotPresent},
               std::pair{std::string_view("Never"), PullPolicy::Never}}};

}  // namespace podrun::pod
