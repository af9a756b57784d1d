// The tables of volumes and volume mounts.
#include <algorithm>

#include "pod/schema/schema_types.hpp"
#include "pod/spec/pod_syntax.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto shown = used("Decode.EveryKindOfVolumeIsDecoded");
constexpr auto config_maps = used("ConfigMapVolumes.AConfigMapVolumeHasAFileForEachKeyWithItsMode");
constexpr auto secrets = used("SecretVolumes.ASecretVolumeIsInMemoryAndItsTextIsNeverPrinted");
constexpr auto projections = used("ProjectedVolumes.AProjectedVolumeMergesItsSourcesAndTheLastOneWins");
constexpr auto claims = used("Claims.AClaimIsStoredOutsideThePodBelowItsNamespace");
constexpr auto network = refused("podrun mounts nothing over the network", "mount it on the host and use a hostPath");
constexpr auto gone = refused("Kubernetes has removed it", "mount it on the host and use a hostPath");

constexpr ContainerPath mount_path_text{
    mount_path, "podrun's own rule: it must be one place below the root, whatever links the image has",
    "podrun's own rule: Kubernetes says so of the field, but does not check it"};
constexpr Text file_path_text{volume_file_path};
constexpr Text image_text{image_reference};
constexpr Integer token_seconds{.least = 600, .most = std::int64_t{1} << 32};
constexpr Choice recursions{std::array{std::pair{"Disabled"sv, RecursiveReadOnly::Disabled},
                                       std::pair{"IfPossible"sv, RecursiveReadOnly::IfPossible},
                                       std::pair{"Enabled"sv, RecursiveReadOnly::Enabled}}};
constexpr Choice propagations{std::array{std::pair{"None"sv, MountPropagation::None},
                                         std::pair{"HostToContainer"sv, MountPropagation::HostToContainer},
                                         std::pair{"Bidirectional"sv, MountPropagation::Bidirectional}}};
constexpr Choice media{std::array{std::pair{"Memory"sv, Medium::Memory}}};
constexpr Choice host_path_types{std::array{
    std::pair{"DirectoryOrCreate"sv, HostPathType::DirectoryOrCreate},
    std::pair{"Directory"sv, HostPathType::Directory}, std::pair{"FileOrCreate"sv, HostPathType::FileOrCreate},
    std::pair{"File"sv, HostPathType::File}, std::pair{"Socket"sv, HostPathType::Socket},
    std::pair{"CharDevice"sv, HostPathType::CharDevice}, std::pair{"BlockDevice"sv, HostPathType::BlockDevice}}};

/// The sources of a projected volume. A source may have none of its fields, and has no files then.
struct Projections {
  static constexpr std::string_view type = Schema<Projection>::list;
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<Projection>& into,
              DiagnosticCollector& report) const {
    objects<Projection>.decode(node, label, into, report);
    const auto is_null = [](const yaml::Entry& entry) { return entry.value->kind == yaml::Kind::Null; };
    for (std::size_t i = 0; i < node.items.size(); ++i)
      if (std::ranges::all_of(node.items[i]->entries, is_null)) into[i] = DownwardApiFiles{};
  }
};
constexpr Projections projections_list{};

/// A directory that lives as long as the pod, as the claim of an ephemeral volume does.
struct EphemeralVolume {
  static constexpr std::string_view type = "EphemeralVolumeSource";
  template <typename Variant>
  void decode(const yaml::Node& node, const FieldLabel& label, Variant& into, DiagnosticCollector& report) const {
    check_value(node, label, type, report);
    into = EmptyDir{};
  }
};
constexpr EphemeralVolume ephemeral_volume{};

constexpr std::array mount_rows{
    row<&VolumeMount::name, label_text>("name", required, shown, "The volume of spec.volumes to mount."),
    row<&VolumeMount::mount_path, mount_path_text>(
        "mountPath", required, shown,
        "Where it appears: a path from the container's root, made if the image lacks it."),
    row<&VolumeMount::read_only, boolean>("readOnly", defaults_to("false"), used("Volumes.AReadOnlyMountRefusesWrites"),
                                          "Whether the container may only read it."),
    row<&VolumeMount::recursive_read_only, recursions>(
        "recursiveReadOnly", defaults_to("Disabled"),
        used("VolumeMounts.AMountsSubPathAndRecursiveReadOnlyAreInThePlan"),
        "Whether what is mounted below is read-only, too."),
    row<&VolumeMount::sub_path, relative_path_text>("subPath", optional,
                                                    used("VolumeKinds.ASubPathIsCreatedAndMounted"),
                                                    "The part of the volume to mount: a relative path in it."),
    row<&VolumeMount::sub_path_expr, relative_path_text>(
        "subPathExpr", optional, used("VolumeMounts.SubPathExprIsExpandedAndItsResultIsChecked"),
        "The same, with $(NAME)s in it."),
    row<&VolumeMount::mount_propagation, propagations>("mountPropagation", defaults_to("None"),
                                                       used("VolumePropagation.MountsPropagateAsTheManifestSays"),
                                                       "Which later mounts reach the container, or come from it."),
};

constexpr std::array volume_rows{
    row<&Volume::name, label_text>("name", required, shown, "What volumeMounts call it, unlike any other volume."),
    row<&Volume::source, object<EmptyDir>>("emptyDir", one_of, used("Volumes.AnEmptyDirIsSharedAndOpenToEverybody"),
                                           "A directory, empty at first, that lives as long as the pod."),
    row<&Volume::source, object<HostPath>>("hostPath", one_of, used("Volumes.AHostPathMayBeAFile"),
                                           "A file or directory of the host."),
    row<&Volume::source, object<ConfigMapFiles>>("configMap", one_of, config_maps,
                                                 "A file for each key of a ConfigMap."),
    row<&Volume::source, object<SecretFiles>>("secret", one_of, secrets, "A file for each key of a Secret, in memory."),
    row<&Volume::source, object<DownwardApiFiles>>(
        "downwardAPI", one_of, used("DownwardApiVolumes.ADownwardApiVolumeHoldsThePodsFieldsAndResources"),
        "Files that say what the pod is."),
    row<&Volume::source, object<Projected>>("projected", one_of, projections, "Several of these in one directory."),
    row<&Volume::source, object<ClaimVolume>>("persistentVolumeClaim", one_of, claims,
                                              "A directory that outlives the pod."),
    row<&Volume::source, object<ImageVolume>>("image", one_of,
                                              used("VolumeKinds.AnImageVolumeIsReadOnlyAndNotExecutable"),
                                              "The root of an image, read-only."),
    row<&Volume::source, ephemeral_volume>("ephemeral", one_of, used("Decode.AnEphemeralVolumeIsAnEmptyDir"),
                                           "A directory that lives as long as the pod: the same as an emptyDir."),
    unused("csi", "CSIVolumeSource", refused("podrun has no CSI drivers", "mount it on the host and use a hostPath"),
           one_of),
    unused("nfs", "NFSVolumeSource", network, one_of),
    unused("iscsi", "ISCSIVolumeSource", network, one_of),
    unused("fc", "FCVolumeSource", network, one_of),
    unused("cephfs", "CephFSVolumeSource", gone, one_of),
    unused("rbd", "RBDVolumeSource", gone, one_of),
    unused("glusterfs", "GlusterfsVolumeSource", gone, one_of),
    unused("quobyte", "QuobyteVolumeSource", gone, one_of),
    unused("scaleIO", "ScaleIOVolumeSource", gone, one_of),
    unused("storageos", "StorageOSVolumeSource", gone, one_of),
    unused("flocker", "FlockerVolumeSource", gone, one_of),
    unused("photonPersistentDisk", "PhotonPersistentDiskVolumeSource", gone, one_of),
    unused("portworxVolume", "PortworxVolumeSource", network, one_of),
    unused("awsElasticBlockStore", "AWSElasticBlockStoreVolumeSource", gone, one_of),
    unused("azureDisk", "AzureDiskVolumeSource", gone, one_of),
    unused("azureFile", "AzureFileVolumeSource", network, one_of),
    unused("cinder", "CinderVolumeSource", gone, one_of),
    unused("gcePersistentDisk", "GCEPersistentDiskVolumeSource", gone, one_of),
    unused("vsphereVolume", "VsphereVirtualDiskVolumeSource", network, one_of),
    unused("flexVolume", "FlexVolumeSource",
           refused("podrun has no FlexVolume drivers", "mount it on the host and use a hostPath"), one_of),
    unused("gitRepo", "GitRepoVolumeSource",
           refused("Kubernetes has disabled it", "clone into an emptyDir, or into a hostPath"), one_of),
};

constexpr std::array empty_dir_rows{
    row<&EmptyDir::medium, media>("medium", defaults_to("the disk"),
                                  used("VolumeKinds.AnInMemoryEmptyDirIsSharedAndLimited"), "Memory: a tmpfs."),
    row<&EmptyDir::size_limit, amount>(
        "sizeLimit", optional, used("VolumeKinds.AnInMemoryEmptyDirIsSharedAndLimited"),
        "The most that one in Memory may hold. On disk it has no effect: nobody evicts a pod."),
};
constexpr std::array host_path_rows{
    row<&HostPath::path, absolute_path_text>("path", required, shown,
                                             "The file or directory: an absolute path of the host."),
    row<&HostPath::type, host_path_types>("type", defaults_to("no check"),
                                          used("RootVolumes.AHostPathMustBeWhatItsTypeSays"),
                                          "What must lie there, or is made."),
};
constexpr std::array item_rows{
    row<&KeyToPath::key, any_text>("key", required, shown, "The key."),
    row<&KeyToPath::mode, file_mode>("mode", defaults_to("defaultMode"), shown, "The file's mode."),
    row<&KeyToPath::path, file_path_text>("path", required, shown, "The file: a relative path in the volume."),
};
constexpr std::array config_map_rows{
    row<&ConfigMapFiles::default_mode, file_mode>("defaultMode", defaults_to("0644"), shown, "The mode of its files."),
    row<&ConfigMapFiles::items, objects<KeyToPath>>("items", defaults_to("all keys"), shown,
                                                    "Which keys, and their files."),
    row<&ConfigMapFiles::name, any_text>("name", required, shown, "The ConfigMap."),
    row<&ConfigMapFiles::optional, boolean>("optional", defaults_to("false"), shown,
                                            "Whether the ConfigMap and its keys may be missing."),
};
constexpr std::array config_map_projection_rows{
    row<&ConfigMapFiles::items, objects<KeyToPath>>("items", defaults_to("all keys"), shown,
                                                    "Which keys, and their files."),
    row<&ConfigMapFiles::name, any_text>("name", required, shown, "The ConfigMap."),
    row<&ConfigMapFiles::optional, boolean>("optional", defaults_to("false"), shown,
                                            "Whether the ConfigMap and its keys may be missing."),
};
constexpr std::array secret_rows{
    row<&SecretFiles::default_mode, file_mode>("defaultMode", defaults_to("0644"), shown, "The mode of its files."),
    row<&SecretFiles::items, objects<KeyToPath>>("items", defaults_to("all keys"), shown,
                                                 "Which keys, and their files."),
    row<&SecretFiles::optional, boolean>("optional", defaults_to("false"), shown,
                                         "Whether the Secret and its keys may be missing."),
    row<&SecretFiles::name, any_text>("secretName", required, shown, "The Secret."),
};
constexpr std::array secret_projection_rows{
    row<&SecretFiles::items, objects<KeyToPath>>("items", defaults_to("all keys"), shown,
                                                 "Which keys, and their files."),
    row<&SecretFiles::name, any_text>("name", required, shown, "The Secret."),
    row<&SecretFiles::optional, boolean>("optional", defaults_to("false"), shown,
                                         "Whether the Secret and its keys may be missing."),
};
constexpr std::array downward_file_rows{
    row<&DownwardApiFile::source, object<FieldRef>>("fieldRef", one_of, shown, "A field of the pod."),
    row<&DownwardApiFile::mode, file_mode>("mode", defaults_to("defaultMode"), shown, "The file's mode."),
    row<&DownwardApiFile::path, file_path_text>("path", required, shown,
                                                    "The file: a relative path in the volume."),
    row<&DownwardApiFile::source, object<ResourceFieldRef>>("resourceFieldRef", one_of, shown,
                                                            "A limit or a request of a container."),
};
constexpr std::array downward_rows{
    row<&DownwardApiFiles::default_mode, file_mode>("defaultMode", defaults_to("0644"), shown,
                                                    "The mode of its files."),
    row<&DownwardApiFiles::items, objects<DownwardApiFile>>("items", optional, shown, "The files."),
};
constexpr std::array downward_projection_rows{
    row<&DownwardApiFiles::items, objects<DownwardApiFile>>("items", optional, shown, "The files."),
};
constexpr std::array projected_rows{
    row<&Projected::default_mode, file_mode>("defaultMode", defaults_to("0644"), shown, "The mode of its files."),
    row<&Projected::sources, projections_list>("sources", optional, shown, "What it is made of."),
};
constexpr std::array projection_rows{
    alternative<Projection, object<ConfigMapFiles, Projection>>("configMap", one_of, shown, "Keys of a ConfigMap."),
    alternative<Projection, object<SecretFiles, Projection>>("secret", one_of, shown, "Keys of a Secret."),
    alternative<Projection, object<DownwardApiFiles, Projection>>("downwardAPI", one_of, shown, "What the pod is."),
    alternative<Projection, object<ServiceAccountToken>>(
        "serviceAccountToken", one_of, no_effect("there is no API server to show a token to"), ""),
    unused("clusterTrustBundle", "ClusterTrustBundleProjection",
           refused("there is no cluster", "take the certificates from a configMap"), one_of),
    unused("podCertificate", "PodCertificateProjection",
           refused("nothing signs certificates", "take the certificate from a secret"), one_of),
};
constexpr std::array token_rows{
    unused("audience", "string", {}),
    verified<std::int64_t, token_seconds>("expirationSeconds", optional, {}, ""),
    row<&ServiceAccountToken::path, file_path_text>("path", required, {}, ""),
};
constexpr std::array claim_rows{
    row<&ClaimVolume::claim_name, subdomain_text>("claimName", required, shown, "The PersistentVolumeClaim."),
    row<&ClaimVolume::read_only, boolean>("readOnly", defaults_to("false"), shown, "Whether every mount of it is."),
};
constexpr std::array image_rows{
    row<&ImageVolume::pull_policy, pull_policies>("pullPolicy", defaults_to("as imagePullPolicy"),
                                                  used("PullPolicies.TheDefaultDependsOnTheTag"),
                                                  "When a start asks the registry for the image."),
    row<&ImageVolume::reference, image_text>("reference", required, shown, "The image, as a container's."),
};

}  // namespace

constinit const Table Schema<VolumeMount>::table{"VolumeMount", "a volume mount", mount_rows};
constinit const Table Schema<Volume>::table{"Volume", "a volume", volume_rows, "an emptyDir"};
constinit const Table Schema<EmptyDir>::table{"EmptyDirVolumeSource", "an emptyDir", empty_dir_rows};
constinit const Table Schema<HostPath>::table{"HostPathVolumeSource", "a hostPath", host_path_rows};
constinit const Table Schema<KeyToPath>::table{"KeyToPath", "an item", item_rows};
constinit const Table Schema<ConfigMapFiles>::table{"ConfigMapVolumeSource", "a configMap", config_map_rows};
constinit const Table Schema<SecretFiles>::table{"SecretVolumeSource", "a secret", secret_rows};
constinit const Table Schema<DownwardApiFile>::table{"DownwardAPIVolumeFile", "an item", downward_file_rows};
constinit const Table Schema<DownwardApiFiles>::table{"DownwardAPIVolumeSource", "a downwardAPI", downward_rows};
constinit const Table Schema<Projected>::table{"ProjectedVolumeSource", "a projected volume", projected_rows};
constinit const Table Schema<Projection>::table{"VolumeProjection", "a source", projection_rows, "empty"};
constinit const Table Schema<ConfigMapFiles, Projection>::table{"ConfigMapProjection", "a configMap",
                                                                config_map_projection_rows};
constinit const Table Schema<SecretFiles, Projection>::table{"SecretProjection", "a secret", secret_projection_rows};
constinit const Table Schema<DownwardApiFiles, Projection>::table{"DownwardAPIProjection", "a downwardAPI",
                                                                  downward_projection_rows};
constinit const Table Schema<ServiceAccountToken>::table{"ServiceAccountTokenProjection", "a serviceAccountToken",
                                                         token_rows};
constinit const Table Schema<ClaimVolume>::table{"PersistentVolumeClaimVolumeSource", "a persistentVolumeClaim",
                                                 claim_rows};
constinit const Table Schema<ImageVolume>::table{"ImageVolumeSource", "an image", image_rows};

}  // namespace podrun::pod
