// The tables of a container's environment variables.
#include "pod/schema/schema_types.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto shown = used("Decode.EverySourceOfAVariableIsDecoded");
constexpr auto references = used("Variables.AVariableMayComeFromAConfigMapASecretOrThePod");
constexpr auto env_files = used("EnvFile.AContainerStartsOnceItsEnvFileIsWritten");

constexpr Text env_name_text{env_name};
constexpr Text config_key_text{config_key};
constexpr Text file_key_text{file_key};
constexpr Text file_path_text{file_path};
constexpr auto v1 = only("v1");

constexpr std::array env_rows{
    row<&EnvVar::name, env_name_text>("name", required, shown, "The variable's name: printable ASCII without \"=\"."),
    row<&EnvVar::source, any_text>("value", optional, shown, "Its value; $(NAME) stands for a variable before it."),
    row<&EnvVar::source, object<EnvSource>>("valueFrom", optional, shown, "Where its value comes from."),
};
constexpr std::array env_source_rows{
    alternative<EnvSource, object<ConfigMapKeyRef>>("configMapKeyRef", one_of, references, "A key of a ConfigMap."),
    alternative<EnvSource, object<SecretKeyRef>>("secretKeyRef", one_of, references, "A key of a Secret."),
    alternative<EnvSource, object<FieldRef>>("fieldRef", one_of, references, "A field of the pod."),
    alternative<EnvSource, object<ResourceFieldRef>>("resourceFieldRef", one_of, references,
                                                     "A limit or a request of a container."),
    alternative<EnvSource, object<FileKeyRef>>("fileKeyRef", one_of, env_files,
                                               "A key of a file that a container wrote into an emptyDir."),
};
constexpr std::array config_map_key_rows{
    row<&ConfigMapKeyRef::name, subdomain_text>("name", required, shown, "The ConfigMap."),
    row<&ConfigMapKeyRef::key, config_key_text>("key", required, shown, "Its key."),
    row<&ConfigMapKeyRef::optional, boolean>("optional", defaults_to("false"), shown,
                                             "Whether the variable is left out where ConfigMap or key are not there."),
};
constexpr std::array secret_key_rows{
    row<&SecretKeyRef::name, subdomain_text>("name", required, shown, "The Secret."),
    row<&SecretKeyRef::key, config_key_text>("key", required, shown, "Its key."),
    row<&SecretKeyRef::optional, boolean>("optional", defaults_to("false"), shown,
                                          "Whether the variable is left out where Secret or key are not there."),
};
constexpr std::array field_ref_rows{
    verified<std::string_view, v1>("apiVersion", optional, shown, "v1."),
    row<&FieldRef::path, any_text>(
        "fieldPath", required, shown,
        "metadata.name, .namespace, .uid, .labels['KEY'], .annotations['KEY'], spec.nodeName, "
        "spec.serviceAccountName, status.hostIP, .hostIPs, .podIP or .podIPs."),
};
constexpr std::array resource_field_rows{
    row<&ResourceFieldRef::container_name, label_text>("containerName", optional, shown,
                                                       "Whose: needed in volumes, the container itself in env."),
    row<&ResourceFieldRef::divisor, amount>("divisor", defaults_to("1"), shown,
                                            "The unit that the value is given in, rounded up."),
    row<&ResourceFieldRef::resource, any_text>(
        "resource", required, shown, "limits or requests, with .cpu, .memory, .ephemeral-storage or .hugepages-SIZE."),
};
constexpr std::array file_key_rows{
    row<&FileKeyRef::key, file_key_text>("key", required, shown, "The key in the file, a line KEY='value'."),
    row<&FileKeyRef::optional, boolean>("optional", defaults_to("false"), shown,
                                        "Whether the variable is left out where file or key are not there."),
    row<&FileKeyRef::path, file_path_text>("path", required, shown, "The file: a relative path in the volume."),
    row<&FileKeyRef::volume_name, label_text>("volumeName", required, shown,
                                              "The volume, an emptyDir; the container need not mount it."),
};
constexpr std::array env_from_rows{
    row<&EnvFrom::source, object<ConfigMapRef>>("configMapRef", one_of, shown, "Every key of a ConfigMap."),
    row<&EnvFrom::prefix, env_name_text>("prefix", optional, shown, "What stands before each name."),
    row<&EnvFrom::source, object<SecretRef>>("secretRef", one_of, shown, "Every key of a Secret."),
};
constexpr std::array config_map_ref_rows{
    row<&ConfigMapRef::name, subdomain_text>("name", required, shown, "The ConfigMap."),
    row<&ConfigMapRef::optional, boolean>("optional", defaults_to("false"), shown, "Whether it may be missing."),
};
constexpr std::array secret_ref_rows{
    row<&SecretRef::name, subdomain_text>("name", required, shown, "The Secret."),
    row<&SecretRef::optional, boolean>("optional", defaults_to("false"), shown, "Whether it may be missing."),
};

}  // namespace

constinit const Table Schema<EnvVar>::table{"EnvVar", "an environment variable", env_rows};
constinit const Table Schema<EnvSource>::table{"EnvVarSource", "a valueFrom", env_source_rows};
constinit const Table Schema<ConfigMapKeyRef>::table{"ConfigMapKeySelector", "a configMapKeyRef", config_map_key_rows};
constinit const Table Schema<SecretKeyRef>::table{"SecretKeySelector", "a secretKeyRef", secret_key_rows};
constinit const Table Schema<FieldRef>::table{"ObjectFieldSelector", "a fieldRef", field_ref_rows};
constinit const Table Schema<ResourceFieldRef>::table{"ResourceFieldSelector", "a resourceFieldRef",
                                                      resource_field_rows};
constinit const Table Schema<FileKeyRef>::table{"FileKeySelector", "a fileKeyRef", file_key_rows};
constinit const Table Schema<EnvFrom>::table{"EnvFromSource", "an envFrom", env_from_rows};
constinit const Table Schema<ConfigMapRef>::table{"ConfigMapEnvSource", "a configMapRef", config_map_ref_rows};
constinit const Table Schema<SecretRef>::table{"SecretEnvSource", "a secretRef", secret_ref_rows};

}  // namespace podrun::pod
