// The names of the members of a Pod. They are those of the manifest where it has them.
#pragma once

#include <array>
#include <string_view>
#include <variant>

#include "pod/spec/objects.hpp"
#include "pod/spec/spec.hpp"
#include "pod/stored/field_names.hpp"

namespace podrun::pod::stored {

// clang-format off
// ---- objects ----
template <> inline constexpr auto field_names<Metadata> =
    fields("name", "namespace", "uid", "labels", "annotations");
template <> inline constexpr auto field_names<Quantity> = fields("units", "nanos");
template <> inline constexpr auto field_names<ConfigMap> =
    fields("metadata", "data", not_stored /* the keys that no variable has */);
template <> inline constexpr auto field_names<Secret> = fields("metadata", "data");

// ---- variables ----
template <> inline constexpr auto field_names<ConfigMapKeyRef> = fields("name", "key", "optional");
template <> inline constexpr auto field_names<SecretKeyRef> = fields("name", "key", "optional");
template <> inline constexpr auto field_names<FieldRef> = fields("fieldPath");
template <> inline constexpr auto field_names<ResourceFieldRef> = fields("resource", "containerName", "divisor");
template <> inline constexpr auto field_names<FileKeyRef> = fields("volumeName", "path", "key", "optional");
template <> inline constexpr auto field_names<EnvVar> = fields("name", "source");
template <> inline constexpr auto field_names<ConfigMapRef> = fields("name", "optional");
template <> inline constexpr auto field_names<SecretRef> = fields("name", "optional");
template <> inline constexpr auto field_names<EnvFrom> = fields("prefix", "source");
template <> inline constexpr std::array<std::string_view, 6> alternative_names<EnvSource>{
    "value", "configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef", "fileKeyRef"};
template <> inline constexpr std::array<std::string_view, 2> alternative_names<decltype(EnvFrom::source)>{
    "configMapRef", "secretRef"};

// ---- security ----
template <> inline constexpr auto field_names<Capabilities> = fields("add", "drop");
template <> inline constexpr auto field_names<SeccompProfile> = fields("type", "localhostProfile");
template <> inline constexpr auto field_names<SecurityContext> =
    fields("runAsUser", "runAsGroup", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "privileged",
           "capabilities", "runAsNonRoot", "seccompProfile");
template <> inline constexpr auto field_names<Sysctl> = fields("name", "value");
template <> inline constexpr auto field_names<PodSecurityContext> =
    fields("runAsUser", "runAsGroup", "runAsNonRoot", "supplementalGroups", "supplementalGroupsPolicy", "fsGroup",
           "fsGroupChangePolicy", "sysctls", "seccompProfile");

// ---- volumes ----
template <> inline constexpr auto field_names<VolumeMount> =
    fields("name", "mountPath", "readOnly", "recursiveReadOnly", "subPath", "subPathExpr", "mountPropagation");
template <> inline constexpr auto field_names<EmptyDir> = fields("medium", "sizeLimit");
template <> inline constexpr auto field_names<HostPath> = fields("path", "type");
template <> inline constexpr auto field_names<KeyToPath> = fields("key", "path", "mode");
template <> inline constexpr auto field_names<ConfigMapFiles> = fields("name", "items", "defaultMode", "optional");
template <> inline constexpr auto field_names<SecretFiles> = fields("name", "items", "defaultMode", "optional");
template <> inline constexpr auto field_names<DownwardApiFile> = fields("path", "source", "mode");
template <> inline constexpr auto field_names<DownwardApiFiles> = fields("items", "defaultMode");
template <> inline constexpr auto field_names<ServiceAccountToken> = fields("path");
template <> inline constexpr auto field_names<Projected> = fields("sources", "defaultMode");
template <> inline constexpr auto field_names<ClaimVolume> = fields("claimName", "readOnly");
template <> inline constexpr auto field_names<ImageVolume> = fields("reference", since("pullPolicy", 5));
template <> inline constexpr auto field_names<Volume> = fields("name", "source");
template <> inline constexpr std::array<std::string_view, 2> alternative_names<decltype(DownwardApiFile::source)>{
    "fieldRef", "resourceFieldRef"};
template <> inline constexpr std::array<std::string_view, 4> alternative_names<Projection>{
    "configMap", "secret", "downwardAPI", "serviceAccountToken"};
template <> inline constexpr std::array<std::string_view, 8> alternative_names<decltype(Volume::source)>{
    "emptyDir", "hostPath", "configMap", "secret", "downwardAPI", "projected", "persistentVolumeClaim", "image"};

// ---- containers and pods ----
template <> inline constexpr auto field_names<ContainerPort> =
    fields("name", "containerPort", "hostPort", "hostIP", "protocol");
template <> inline constexpr auto field_names<Resources> = fields("limits", "requests");
template <> inline constexpr auto field_names<RestartRule> = fields("operator", "values", since("action", 3));
template <> inline constexpr auto field_names<ActionPort> = fields("number", "name");
template <> inline constexpr auto field_names<ExecAction> = fields("command");
template <> inline constexpr auto field_names<HttpHeader> = fields("name", "value");
template <> inline constexpr auto field_names<HttpGetAction> = fields("host", "port", "path", "https", "httpHeaders");
template <> inline constexpr auto field_names<TcpSocketAction> = fields("host", "port");
template <> inline constexpr auto field_names<GrpcAction> = fields("port", "service");
template <> inline constexpr auto field_names<SleepAction> = fields("seconds");
template <> inline constexpr auto field_names<Probe> =
    fields("action", "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
           "terminationGracePeriodSeconds");
template <> inline constexpr auto field_names<Probes> = fields("startup", "liveness", "readiness");
template <> inline constexpr auto field_names<Hooks> = fields("postStart", "preStop");
template <> inline constexpr std::array<std::string_view, 4> alternative_names<ProbeAction>{
    "exec", "httpGet", "tcpSocket", "grpc"};
template <> inline constexpr std::array<std::string_view, 4> alternative_names<HookAction>{
    "exec", "httpGet", "tcpSocket", "sleep"};
template <> inline constexpr auto field_names<Container> =
    fields("name", since("role", 2), since("restartPolicy", 2), since("restartPolicyRules", 2), "image",
           since("imagePullPolicy", 5), "command", "args", "workingDir", "env", "envFrom", "volumeMounts",
           "securityContext", "ports", "resources", "terminationMessagePath", "terminationMessagePolicy",
           since("probes", 3), since("lifecycle", 3), since("stopSignal", 3), "stdin", "stdinOnce", "tty");
template <> inline constexpr auto field_names<ServicePort> = fields("name", "port", "targetPort", "protocol");
template <> inline constexpr auto field_names<ServiceSpec> =
    fields("type", "selector", "ports", "clusterIP", "externalName", "publishNotReadyAddresses");
template <> inline constexpr auto field_names<Service> = fields("metadata", "spec");
// The plan has what the pod uses of the others.
template <> inline constexpr auto field_names<NamedObjects> =
    fields(not_stored, not_stored, not_stored, "services");
template <> inline constexpr auto field_names<HostAlias> = fields("ip", "hostnames");
template <> inline constexpr auto field_names<DnsOption> = fields("name", "value");
template <> inline constexpr auto field_names<DnsConfig> = fields("nameservers", "searches", "options");
template <> inline constexpr auto field_names<PodSpec> =
    fields("restartPolicy", "terminationGracePeriodSeconds", since("activeDeadlineSeconds", 2), "hostname",
           "hostnameOverride", "subdomain", "setHostnameAsFQDN", "hostNetwork", "hostPID", "hostIPC",
           "shareProcessNamespace", "hostAliases", "dnsPolicy", "dnsConfig", "nodeName", "serviceAccountName",
           since("imagePullSecrets", 5), "securityContext", "resources", "overhead", "volumes", "containers");
template <> inline constexpr auto field_names<Pod> =
    fields("metadata", "spec", since("objects", 4));
// clang-format on

}  // namespace podrun::pod::stored
