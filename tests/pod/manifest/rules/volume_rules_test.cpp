// Kubernetes' rules for the volumes of a pod.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

/// Fragments of volumes. A container mounts the volume `v`.
constexpr RulePlace in_volumes{
    .before =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
        "  containers: [{name: app, image: localhost/app, volumeMounts: [{name: v, mountPath: /v}]}]\n"
        "  volumes:\n",
    .after =
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: x, b: z}\n"
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {a: x, c: z}\n"
        "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
        "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n",
    .indent = 2};

constexpr std::string_view volumes = "validation.go ValidateVolumes, validateVolumeSource";
constexpr std::string_view host_paths = "validation.go validateHostPathVolumeSource, validateHostPathType";
constexpr std::string_view items = "validation.go validateKeyToPath, ValidateLocalNonReservedPath";
constexpr std::string_view modes = "validation.go validateConfigMapVolumeSource, validateSecretVolumeSource";
constexpr std::string_view downward = "validation.go validateDownwardAPIVolumeFile";
constexpr std::string_view projections = "validation.go validateProjectionSources";
constexpr std::string_view claims = "validation.go validatePersistentClaimVolumeSource";
constexpr std::string_view writer = "podrun's own rule: the kubelet, too, cannot write such files, when the pod starts";
constexpr std::string_view missing =
    "podrun's own rule: a kubelet waits for the object, and nobody would bring it here";

constexpr std::array refused{
    ApiRule{"no name", "- {emptyDir: {}}\n- {name: v, emptyDir: {}}", "1 \"name\" is missing", volumes},
    ApiRule{"empty name", "- {name: \"\", emptyDir: {}}\n- {name: v, emptyDir: {}}", "1 name must not be empty",
            volumes},
    ApiRule{"name with .", "- {name: a.b, emptyDir: {}}\n- {name: v, emptyDir: {}}", "1 lower-case", volumes},
    ApiRule{"upper case name", "- {name: A, emptyDir: {}}\n- {name: v, emptyDir: {}}", "1 lower-case", volumes},
    ApiRule{"name twice", "- {name: v, emptyDir: {}}\n- {name: v, emptyDir: {}}", "2 the volume name \"v\" is taken",
            volumes},
    ApiRule{"two sources", "- {name: v, emptyDir: {}, hostPath: {path: /a}}", "1 not two", volumes},
    ApiRule{"unknown medium", "- {name: v, emptyDir: {medium: Tape}}", "1 must be Memory",
            "podrun's own rule: the kubelet, too, knows no such medium"},
    ApiRule{"huge pages", "- {name: v, emptyDir: {medium: HugePages}}", "1 must be Memory",
            "podrun's own rule: it mounts no hugetlbfs"},
    ApiRule{"negative sizeLimit", "- {name: v, emptyDir: {sizeLimit: -1}}", "1 must not be negative", volumes},
    ApiRule{"sizeLimit is no quantity", "- {name: v, emptyDir: {sizeLimit: much}}", "1 sizeLimit \"much\"",
            "quantity.go ParseQuantity"},
    ApiRule{"hostPath without a path", "- {name: v, hostPath: {}}", "1 \"path\" is missing", host_paths},
    ApiRule{"hostPath with an empty path", "- {name: v, hostPath: {path: \"\"}}", "1 path must not be empty",
            host_paths},
    ApiRule{"hostPath with ..", "- {name: v, hostPath: {path: /a/../b}}", "1 must not contain \"..\"", host_paths},
    ApiRule{"hostPath ends with ..", "- {name: v, hostPath: {path: /a/..}}", "1 must not contain \"..\"", host_paths},
    ApiRule{"relative hostPath", "- {name: v, hostPath: {path: data}}", "1 must be an absolute path",
            "podrun's own rule: relative to what?"},
    ApiRule{"unknown hostPath type", "- {name: v, hostPath: {path: /a, type: Folder}}", "1 one of DirectoryOrCreate",
            host_paths},
    ApiRule{"hostPath type in lower case", "- {name: v, hostPath: {path: /a, type: directory}}",
            "1 did you mean \"Directory\"?", host_paths},
    ApiRule{"configMap without a name", "- {name: v, configMap: {}}", "1 \"name\" is missing", modes},
    ApiRule{"configMap that no document declares", "- {name: v, configMap: {name: mapp}}", "1 there is no ConfigMap",
            missing},
    ApiRule{"secret without a name", "- {name: v, secret: {}}", "1 \"secretName\" is missing", modes},
    ApiRule{"secret with the name of a projection", "- {name: v, secret: {secretName: key, name: key}}",
            "1 unknown field \"name\"", "strict decoding"},
    ApiRule{"large defaultMode", "- {name: v, configMap: {name: map, defaultMode: 512}}", "1 from 0 to 511", modes},
    ApiRule{"negative defaultMode", "- {name: v, secret: {secretName: key, defaultMode: -1}}", "1 from 0 to 511",
            modes},
    ApiRule{"defaultMode of a projected volume", "- {name: v, projected: {defaultMode: 01777, sources: []}}",
            "1 from 0 to 511", "validation.go validateProjectedVolumeSource"},
    ApiRule{"defaultMode of a downwardAPI", "- {name: v, downwardAPI: {defaultMode: 1000, items: []}}",
            "1 from 0 to 511", "validation.go validateDownwardAPIVolumeSource"},
    ApiRule{"defaultMode as text", "- {name: v, configMap: {name: map, defaultMode: \"0644\"}}", "1 whole number",
            "json: cannot unmarshal string into int32"},
    ApiRule{"item without a key", "- {name: v, configMap: {name: map, items: [{path: a}]}}", "1 \"key\" is missing",
            items},
    ApiRule{"item with an empty key", "- {name: v, configMap: {name: map, items: [{key: \"\", path: a}]}}",
            "1 key must not be empty", items},
    ApiRule{"item without a path", "- {name: v, configMap: {name: map, items: [{key: a}]}}", "1 \"path\" is missing",
            items},
    ApiRule{"item with an absolute path", "- {name: v, configMap: {name: map, items: [{key: a, path: /a}]}}",
            "1 must be a relative path", items},
    ApiRule{"item with ..", "- {name: v, configMap: {name: map, items: [{key: a, path: a/../b}]}}",
            "1 must not contain \"..\"", items},
    ApiRule{"item that begins with ..", "- {name: v, configMap: {name: map, items: [{key: a, path: ..a}]}}",
            "1 must not begin with \"..\"", items},
    ApiRule{"item that begins with ./..", "- {name: v, configMap: {name: map, items: [{key: a, path: ./..a}]}}",
            "1 must not begin with \"..\"", writer},
    ApiRule{"item that is no file", "- {name: v, configMap: {name: map, items: [{key: a, path: .}]}}",
            "1 must name a file", writer},
    ApiRule{"item with a large mode", "- {name: v, secret: {secretName: key, items: [{key: a, path: a, mode: 01000}]}}",
            "1 mode must be from 0 to 511", items},
    ApiRule{"item whose key is missing", "- {name: v, configMap: {name: map, items: [{key: z, path: a}]}}",
            "1 has no key \"z\"", missing},
    ApiRule{"file in a file",
            "- name: v\n  configMap:\n    name: map\n    items:\n    - {key: a, path: x}\n    - {key: b, path: x/z}",
            "6 \"x/z\" cannot lie in \"x\", which is a file", writer},
    ApiRule{"file in a key's file",
            "- name: v\n  projected:\n    sources:\n    - configMap: {name: map}\n"
            "    - secret: {name: key, items: [{key: c, path: a/c}]}",
            "5 \"a/c\" cannot lie in \"a\", which is a file", writer},
    ApiRule{"downward file without a path",
            "- {name: v, downwardAPI: {items: [{fieldRef: {fieldPath: metadata.name}}]}}", "1 \"path\" is missing",
            downward},
    ApiRule{"downward file with ..",
            "- {name: v, downwardAPI: {items: [{path: ../a, fieldRef: {fieldPath: metadata.name}}]}}",
            "1 must not contain \"..\"", downward},
    ApiRule{"downward file that begins with ..",
            "- {name: v, downwardAPI: {items: [{path: ..a, fieldRef: {fieldPath: metadata.name}}]}}",
            "1 must not begin with \"..\"", downward},
    ApiRule{"downward file without a source", "- {name: v, downwardAPI: {items: [{path: a}]}}",
            "1 needs one of fieldRef, resourceFieldRef", downward},
    ApiRule{"downward file with two sources",
            "- {name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.name}, resourceFieldRef: "
            "{containerName: app, resource: limits.cpu}}]}}",
            "1 not two", downward},
    ApiRule{"downward field that only variables have",
            "- {name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: status.podIP}}]}}",
            "1 a file cannot have the field", downward},
    ApiRule{"unknown downward field", "- {name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: spec.x}}]}}",
            "1 a file cannot have the field", downward},
    ApiRule{"downward resource without a container",
            "- {name: v, downwardAPI: {items: [{path: a, resourceFieldRef: {resource: limits.cpu}}]}}",
            "1 needs containerName", "validation.go validateContainerResourceFieldSelector"},
    ApiRule{
        "downward resource of an empty container",
        "- {name: v, downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: \"\", resource: limits.cpu}}]}}",
        "1 needs containerName", "validation.go validateContainerResourceFieldSelector"},
    ApiRule{
        "downward resource of an unknown container",
        "- {name: v, downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: b, resource: limits.cpu}}]}}",
        "1 there is no container \"b\"", "podrun's own rule: the kubelet finds no such container"},
    ApiRule{
        "unknown downward resource",
        "- {name: v, downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: app, resource: limits.x}}]}}",
        "1 there is no resource", "validation.go validateContainerResourceFieldSelector"},
    ApiRule{"downward mode",
            "- {name: v, downwardAPI: {items: [{path: a, mode: 512, fieldRef: {fieldPath: metadata.name}}]}}",
            "1 from 0 to 511", downward},
    ApiRule{"projection without a name", "- {name: v, projected: {sources: [{configMap: {}}]}}",
            "1 \"name\" is missing", projections},
    ApiRule{"projection of a secret without a name", "- {name: v, projected: {sources: [{secret: {}}]}}",
            "1 \"name\" is missing", projections},
    ApiRule{"two kinds in a source",
            "- {name: v, projected: {sources: [{configMap: {name: map}, secret: {name: key}}]}}", "1 not two",
            projections},
    ApiRule{"one path from two sources",
            "- name: v\n  projected:\n    sources:\n    - configMap: {name: map, items: [{key: a, path: x}]}\n"
            "    - secret: {name: key, items: [{key: a, path: x}]}",
            "5 the path \"x\" is taken", projections},
    ApiRule{
        "one path twice in a source",
        "- {name: v, projected: {sources: [{configMap: {name: map, items: [{key: a, path: x}, {key: b, path: x}]}}]}}",
        "1 the path \"x\" is taken", projections},
    ApiRule{
        "one path of a ConfigMap and a field",
        "- {name: v, projected: {sources: [{configMap: {name: map, items: [{key: a, path: x}]}}, {downwardAPI: {items: "
        "[{path: x, fieldRef: {fieldPath: metadata.name}}]}}]}}",
        "1 the path \"x\" is taken", projections},
    ApiRule{"mode of a projection", "- {name: v, projected: {sources: [{configMap: {name: map, defaultMode: 420}}]}}",
            "1 unknown field \"defaultMode\"", "strict decoding"},
    ApiRule{"token without a path", "- {name: v, projected: {sources: [{serviceAccountToken: {}}]}}",
            "1 \"path\" is missing", projections},
    ApiRule{"token with ..", "- {name: v, projected: {sources: [{serviceAccountToken: {path: ../a}}]}}",
            "1 must not contain \"..\"", projections},
    ApiRule{"short-lived token",
            "- {name: v, projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 599}}]}}",
            "1 expirationSeconds must be from 600", projections},
    ApiRule{"eternal token",
            "- {name: v, projected: {sources: [{serviceAccountToken: {path: a, expirationSeconds: 4294967297}}]}}",
            "1 to 4294967296", projections},
    ApiRule{"trust bundle", "- {name: v, projected: {sources: [{clusterTrustBundle: {path: a, name: b}}]}}",
            "1 there is no cluster", "podrun's own rule: there is no cluster"},
    ApiRule{"claim without a name", "- {name: v, persistentVolumeClaim: {}}", "1 \"claimName\" is missing", claims},
    ApiRule{"claim with /", "- {name: v, persistentVolumeClaim: {claimName: a/b}}", "1 lower-case",
            "podrun's own rule: it is the name of a directory, and no claim can have it"},
    ApiRule{"ephemeral without access modes",
            "- {name: v, ephemeral: {volumeClaimTemplate: {spec: {resources: {requests: {storage: 1Gi}}}}}}",
            "1 a claim needs accessModes", "validation.go validateEphemeralVolumeSource"},
    ApiRule{"ephemeral without a template", "- {name: v, ephemeral: {}}",
            "1 an ephemeral volume needs volumeClaimTemplate", "validation.go validateEphemeralVolumeSource"},
    ApiRule{"ephemeral with a name",
            "- name: v\n  ephemeral:\n    volumeClaimTemplate:\n      metadata: {name: a, labels: {a: b}}\n"
            "      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
            "4 name cannot be set for an ephemeral volume",
            "validation.go validatePersistentVolumeClaimTemplateObjectMeta"},
    ApiRule{"ephemeral with a wrong label",
            "- name: v\n  ephemeral:\n    volumeClaimTemplate:\n      metadata: {labels: {a=b: c}}\n"
            "      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
            "4 the key \"a=b\"", "validation.go validatePersistentVolumeClaimTemplateObjectMeta"},
    ApiRule{"image without a reference", "- {name: v, image: {}}", "1 \"reference\" is missing",
            "validation.go validateImageVolumeSource"},
    ApiRule{"network storage", "- {name: v, nfs: {server: a, path: /a}}", "1 use a hostPath",
            "podrun's own rule: it mounts nothing over the network"},
};

TEST(VolumeRules, WhatTheApiServerRefusesIsRefused) {
  expect_refused(refused, in_volumes);
}

}  // namespace
}  // namespace podrun::pod
