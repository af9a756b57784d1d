// The types that are used only by fields without effect. Only the types of their values are checked. "!" marks required
// fields.
#include "pod/schema/schema_no_effect.hpp"

#include <algorithm>
#include <array>
#include <list>
#include <vector>

#include "pod/schema/codecs.hpp"

namespace podrun::pod {
namespace {

struct CheckedType {
  std::string_view type;
  std::string_view fields;  ///< "NAME[!] TYPE, …"
};

constexpr CheckedType checked_types[] = {
    {"AWSElasticBlockStoreVolumeSource",
     "fsType string, partition int32, readOnly boolean, volumeID! string"},
    {"Affinity",
     "nodeAffinity NodeAffinity, podAffinity PodAffinity, podAntiAffinity PodAntiAffinity"},
    {"AzureDiskVolumeSource",
     "cachingMode string, diskName! string, diskURI! string, fsType string, kind string, readOnly "
     "boolean"},
    {"AzureFileVolumeSource",
     "readOnly boolean, secretName! string, shareName! string"},
    {"CSIVolumeSource",
     "driver! string, fsType string, nodePublishSecretRef LocalObjectReference, readOnly boolean, "
     "volumeAttributes map[string]string"},
    {"CephFSVolumeSource",
     "monitors! []string, path string, readOnly boolean, secretFile string, secretRef "
     "LocalObjectReference, user string"},
    {"CinderVolumeSource",
     "fsType string, readOnly boolean, secretRef LocalObjectReference, volumeID! string"},
    {"ClusterTrustBundleProjection",
     "labelSelector LabelSelector, name string, optional boolean, path! string, signerName string"},
    {"ContainerExtendedResourceRequest",
     "containerName! string, requestName! string, resourceName! string"},
    {"ContainerState",
     "running ContainerStateRunning, terminated ContainerStateTerminated, waiting ContainerStateWaiting"},
    {"ContainerStateRunning",
     "startedAt Time"},
    {"ContainerStateTerminated",
     "containerID string, exitCode! int32, finishedAt Time, message string, reason string, signal int32, "
     "startedAt Time"},
    {"ContainerStateWaiting",
     "message string, reason string"},
    {"ContainerStatus",
     "allocatedResources map[string]Quantity, allocatedResourcesStatus []ResourceStatus, containerID "
     "string, image! string, imageID! string, lastState ContainerState, name! string, ready! boolean, "
     "resources ResourceRequirements, restartCount! int32, started boolean, state ContainerState, "
     "stopSignal string, user ContainerUser, volumeMounts []VolumeMountStatus"},
    {"ContainerUser",
     "linux LinuxContainerUser"},
    {"EphemeralContainer",
     "args []string, command []string, env []EnvVar, envFrom []EnvFromSource, image string, "
     "imagePullPolicy string, lifecycle Lifecycle, livenessProbe Probe, name! string, ports "
     "[]ContainerPort, readinessProbe Probe, resizePolicy []ContainerResizePolicy, resources "
     "ResourceRequirements, restartPolicy string, restartPolicyRules []ContainerRestartRule, "
     "securityContext SecurityContext, startupProbe Probe, stdin boolean, stdinOnce boolean, "
     "targetContainerName string, terminationMessagePath string, terminationMessagePolicy string, tty "
     "boolean, volumeDevices []VolumeDevice, volumeMounts []VolumeMount, workingDir string"},
    {"EphemeralVolumeSource",
     "volumeClaimTemplate PersistentVolumeClaimTemplate"},
    {"FCVolumeSource",
     "fsType string, lun int32, readOnly boolean, targetWWNs []string, wwids []string"},
    {"FlexVolumeSource",
     "driver! string, fsType string, options map[string]string, readOnly boolean, secretRef "
     "LocalObjectReference"},
    {"FlockerVolumeSource",
     "datasetName string, datasetUUID string"},
    {"GCEPersistentDiskVolumeSource",
     "fsType string, partition int32, pdName! string, readOnly boolean"},
    {"GitRepoVolumeSource",
     "directory string, repository! string, revision string"},
    {"GlusterfsVolumeSource",
     "endpoints! string, path! string, readOnly boolean"},
    {"HostIP",
     "ip! string"},
    {"ISCSIVolumeSource",
     "chapAuthDiscovery boolean, chapAuthSession boolean, fsType string, initiatorName string, iqn! "
     "string, iscsiInterface string, lun! int32, portals []string, readOnly boolean, secretRef "
     "LocalObjectReference, targetPortal! string"},
    {"LabelSelector",
     "matchExpressions []LabelSelectorRequirement, matchLabels map[string]string"},
    {"LabelSelectorRequirement",
     "key! string, operator! string, values []string"},
    {"LinuxContainerUser",
     "gid! int64, supplementalGroups []int64, uid! int64"},
    {"LocalObjectReference",
     "name string"},
    {"ManagedFieldsEntry",
     "apiVersion string, fieldsType string, fieldsV1 FieldsV1, manager string, operation string, "
     "subresource string, time Time"},
    {"ModifyVolumeStatus",
     "status! string, targetVolumeAttributesClassName string"},
    {"NFSVolumeSource",
     "path! string, readOnly boolean, server! string"},
    {"NodeAffinity",
     "preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm, "
     "requiredDuringSchedulingIgnoredDuringExecution NodeSelector"},
    {"NodeSelector",
     "nodeSelectorTerms! []NodeSelectorTerm"},
    {"NodeSelectorRequirement",
     "key! string, operator! string, values []string"},
    {"NodeSelectorTerm",
     "matchExpressions []NodeSelectorRequirement, matchFields []NodeSelectorRequirement"},
    {"OwnerReference",
     "apiVersion! string, blockOwnerDeletion boolean, controller boolean, kind! string, name! string, "
     "uid! string"},
    {"PersistentVolumeClaimCondition",
     "lastProbeTime Time, lastTransitionTime Time, message string, reason string, status! string, type! "
     "string"},
    {"PersistentVolumeClaimStatus",
     "accessModes []string, allocatedResourceStatuses map[string]string, allocatedResources "
     "map[string]Quantity, capacity map[string]Quantity, conditions []PersistentVolumeClaimCondition, "
     "currentVolumeAttributesClassName string, modifyVolumeStatus ModifyVolumeStatus, phase string"},
    {"PersistentVolumeClaimTemplate",
     "metadata ObjectMeta, spec! PersistentVolumeClaimSpec"},
    {"PhotonPersistentDiskVolumeSource",
     "fsType string, pdID! string"},
    {"PodAffinity",
     "preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm, "
     "requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm"},
    {"PodAffinityTerm",
     "labelSelector LabelSelector, matchLabelKeys []string, mismatchLabelKeys []string, "
     "namespaceSelector LabelSelector, namespaces []string, topologyKey! string"},
    {"PodAntiAffinity",
     "preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm, "
     "requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm"},
    {"PodCertificateProjection",
     "certificateChainPath string, credentialBundlePath string, keyPath string, keyType! string, "
     "maxExpirationSeconds int32, signerName! string, userAnnotations map[string]string"},
    {"PodCondition",
     "lastProbeTime Time, lastTransitionTime Time, message string, observedGeneration int64, reason "
     "string, status! string, type! string"},
    {"PodExtendedResourceClaimStatus",
     "requestMappings! []ContainerExtendedResourceRequest, resourceClaimName! string"},
    {"PodIP",
     "ip! string"},
    {"PodReadinessGate",
     "conditionType! string"},
    {"PodResourceClaim",
     "name! string, resourceClaimName string, resourceClaimTemplateName string"},
    {"PodResourceClaimStatus",
     "name! string, resourceClaimName string"},
    {"PodSchedulingGate",
     "name! string"},
    {"PodStatus",
     "allocatedResources map[string]Quantity, conditions []PodCondition, containerStatuses "
     "[]ContainerStatus, ephemeralContainerStatuses []ContainerStatus, extendedResourceClaimStatus "
     "PodExtendedResourceClaimStatus, hostIP string, hostIPs []HostIP, initContainerStatuses "
     "[]ContainerStatus, message string, nominatedNodeName string, observedGeneration int64, phase "
     "string, podIP string, podIPs []PodIP, qosClass string, reason string, resize string, "
     "resourceClaimStatuses []PodResourceClaimStatus, resources ResourceRequirements, startTime Time"},
    {"PortworxVolumeSource",
     "fsType string, readOnly boolean, volumeID! string"},
    {"PreferredSchedulingTerm",
     "preference! NodeSelectorTerm, weight! int32"},
    {"QuobyteVolumeSource",
     "group string, readOnly boolean, registry! string, tenant string, user string, volume! string"},
    {"RBDVolumeSource",
     "fsType string, image! string, keyring string, monitors! []string, pool string, readOnly boolean, "
     "secretRef LocalObjectReference, user string"},
    {"ResourceClaim",
     "name! string, request string"},
    {"ResourceHealth",
     "health string, resourceID! string"},
    {"ResourceStatus",
     "name! string, resources []ResourceHealth"},
    {"SELinuxOptions",
     "level string, role string, type string, user string"},
    {"ScaleIOVolumeSource",
     "fsType string, gateway! string, protectionDomain string, readOnly boolean, secretRef! "
     "LocalObjectReference, sslEnabled boolean, storageMode string, storagePool string, system! string, "
     "volumeName string"},
    {"StorageOSVolumeSource",
     "fsType string, readOnly boolean, secretRef LocalObjectReference, volumeName string, "
     "volumeNamespace string"},
    {"Toleration",
     "effect string, key string, operator string, tolerationSeconds int64, value string"},
    {"TopologySpreadConstraint",
     "labelSelector LabelSelector, matchLabelKeys []string, maxSkew! int32, minDomains int32, "
     "nodeAffinityPolicy string, nodeTaintsPolicy string, topologyKey! string, whenUnsatisfiable! string"},
    {"TypedLocalObjectReference",
     "apiGroup string, kind! string, name! string"},
    {"TypedObjectReference",
     "apiGroup string, kind! string, name! string, namespace string"},
    {"VolumeDevice",
     "devicePath! string, name! string"},
    {"VolumeMountStatus",
     "mountPath! string, name! string, readOnly boolean, recursiveReadOnly string"},
    {"VsphereVirtualDiskVolumeSource",
     "fsType string, storagePolicyID string, storagePolicyName string, volumePath! string"},
    {"WeightedPodAffinityTerm",
     "podAffinityTerm! PodAffinityTerm, weight! int32"},
    {"WindowsSecurityContextOptions",
     "gmsaCredentialSpec string, gmsaCredentialSpecName string, hostProcess boolean, runAsUserName "
     "string"},
    {"WorkloadReference",
     "name! string, podGroup! string, podGroupReplicaKey string"},
};

struct BuiltTable {
  std::vector<Row> rows;
  Table table;
};

std::vector<Row> rows_of(std::string_view fields) {
  std::vector<Row> rows;
  while (!fields.empty()) {
    const std::size_t end = std::min(fields.find(','), fields.size());
    const std::string_view field = fields.substr(0, end);
    const std::size_t blank = field.find(' ');
    std::string_view name = field.substr(0, blank);
    const bool is_required = name.ends_with('!');
    if (is_required) name.remove_suffix(1);
    rows.push_back(unused(name, field.substr(blank + 1), {}, is_required ? required : optional));
    fields.remove_prefix(std::min(end + 2, fields.size()));
  }
  return rows;
}

}  // namespace

const Table* find_checked_table(std::string_view type) {
  static std::list<BuiltTable> built;
  for (const BuiltTable& known : built)
    if (known.table.type == type) return &known.table;
  const auto found = std::ranges::find(checked_types, type, &CheckedType::type);
  if (found == std::end(checked_types)) return nullptr;
  BuiltTable& table = built.emplace_back(BuiltTable{.rows = rows_of(found->fields), .table = {}});
  table.table = {.type = found->type, .phrase = found->type, .rows = table.rows};
  return &table.table;
}

}  // namespace podrun::pod
