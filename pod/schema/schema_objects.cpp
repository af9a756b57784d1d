// The tables of metadata and of the objects that a pod refers to.
#include "pod/schema/schema_types.hpp"
#include "pod/spec/pod_syntax.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto shown = used("Parse.AWholeManifestIsParsed");
constexpr auto kept = used("Objects.AConfigMapHoldsTextsAndBytes");
constexpr auto no_copies = refused("podrun copies no volumes", "leave it out, and copy the files");
constexpr auto of_the_server = no_effect("it is the API server's");

constexpr auto v1 = only("v1");
constexpr auto kind_config_map = only("ConfigMap");
constexpr auto kind_secret = only("Secret");
constexpr auto kind_claim = only("PersistentVolumeClaim");
constexpr Text uid_text{pod_uid};
constexpr TextMap label_map{qualified_name, label_value};
constexpr TextMap annotation_map{annotation_key, free_text};
constexpr TextMap key_map{config_key, free_text};
constexpr BytesMap bytes_map{config_key};
constexpr Choice volume_modes{std::array{std::pair{"Filesystem"sv, ""sv}}};

constexpr std::array metadata_rows{
    row<&Metadata::name, subdomain_text>("name", required, shown, "The object's name."),
    row<&Metadata::namespace_name, label_text>("namespace", defaults_to("default"), shown,
                                               "With the name, what a pod is called: NAMESPACE_NAME."),
    row<&Metadata::uid, uid_text>("uid", defaults_to("a random UUID"), shown, "Names the pod's directories."),
    row<&Metadata::labels, label_map>("labels", optional, shown, "Kept for whoever reads them."),
    row<&Metadata::annotations, annotation_map>(
        "annotations", optional, shown, "Kept for whoever reads them, but for those that begin with podrun.io/."),
    unused("creationTimestamp", "Time", of_the_server),
    unused("deletionGracePeriodSeconds", "int64", of_the_server),
    unused("deletionTimestamp", "Time", of_the_server),
    unused("finalizers", "[]string", of_the_server),
    unused("generateName", "string", no_effect("podrun generates no names")),
    unused("generation", "int64", of_the_server),
    unused("managedFields", "[]ManagedFieldsEntry", of_the_server),
    unused("ownerReferences", "[]OwnerReference", of_the_server),
    unused("resourceVersion", "string", of_the_server),
    unused("selfLink", "string", of_the_server),
};

constexpr std::array config_map_rows{
    verified<std::string_view, v1>("apiVersion", required, kept, "v1."),
    verified<std::string_view, kind_config_map>("kind", required, kept, "ConfigMap."),
    row<&ConfigMap::metadata, object<Metadata>>("metadata", required, kept, "What pods call it."),
    row<&ConfigMap::data, key_map>("data", optional, kept, "Texts by key."),
    row<&ConfigMap::data, bytes_map>("binaryData", optional, kept, "Bytes by key, in base64."),
    unused("immutable", "boolean", no_effect("nothing changes it while a pod runs")),
};

constexpr std::array secret_rows{
    verified<std::string_view, v1>("apiVersion", required, kept, "v1."),
    verified<std::string_view, kind_secret>("kind", required, kept, "Secret."),
    row<&Secret::metadata, object<Metadata>>("metadata", required, kept, "What pods call it."),
    row<&Secret::data, bytes_map>("data", optional, kept, "Bytes by key, in base64."),
    row<&Secret::data, key_map>("stringData", optional, kept, "Texts by key; they win over data."),
    unused("immutable", "boolean", no_effect("nothing changes it while a pod runs")),
    unused("type", "string", no_effect("it is a hint for programs that handle Secrets")),
};

constexpr std::array claim_rows{
    verified<std::string_view, v1>("apiVersion", required, kept, "v1."),
    verified<std::string_view, kind_claim>("kind", required, kept, "PersistentVolumeClaim."),
    row<&PersistentVolumeClaim::metadata, object<Metadata>>("metadata", required, kept, "What pods call it."),
    row<&PersistentVolumeClaim::spec, object<ClaimSpec>>("spec", required, kept, "What it asks for."),
    unused("status", "PersistentVolumeClaimStatus", no_effect("it is what a cluster observed, not what is wanted")),
};
constexpr std::array claim_spec_rows{
    unused("accessModes", "[]string", no_effect("every pod of the host can use it")),
    unused("dataSource", "TypedLocalObjectReference", no_copies),
    unused("dataSourceRef", "TypedObjectReference", no_copies),
    row<&ClaimSpec::requests, object<Quantities, ClaimSpec>>("resources", optional, kept, "How much room it wants."),
    unused("selector", "LabelSelector", refused("podrun makes the volume, so there is none to choose", "leave it out")),
    unused("storageClassName", "string", no_effect("there is one kind of storage")),
    unused("volumeAttributesClassName", "string", no_effect("there is one kind of storage")),
    verified<std::string_view, volume_modes>("volumeMode", defaults_unless_empty(""),
                                             no_effect("claims are directories"), ""),
    unused("volumeName", "string", no_effect("podrun makes the volume, so there is none to choose")),
};
constexpr std::array claim_resources_rows{
    unused("limits", "map[string]Quantity", no_effect("a claim may use all of its file system")),
    alternative<Quantities, amounts>("requests", optional, kept, "storage: what podrun volumes shows beside its size."),
};

}  // namespace

constinit const Table Schema<Metadata>::table{"ObjectMeta", "metadata", metadata_rows};
constinit const Table Schema<ConfigMap>::table{"ConfigMap", "a ConfigMap", config_map_rows};
constinit const Table Schema<Secret>::table{"Secret", "a Secret", secret_rows};
constinit const Table Schema<PersistentVolumeClaim>::table{"PersistentVolumeClaim", "a PersistentVolumeClaim",
                                                           claim_rows};
constinit const Table Schema<ClaimSpec>::table{"PersistentVolumeClaimSpec", "a claim's spec", claim_spec_rows};
constinit const Table Schema<Quantities, ClaimSpec>::table{"VolumeResourceRequirements", "a claim's resources",
                                                          claim_resources_rows};

}  // namespace podrun::pod
