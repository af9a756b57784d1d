// Volumes that Kubernetes' API server accepts.
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
/// Fragments of the mounts of a container, with a volume `v` of a ConfigMap with the key `a`.
constexpr RulePlace in_mounts{
    .before =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: x}\n---\n"
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  volumes:\n"
        "  - {name: v, configMap: {name: map, items: [{key: a, path: a}, {key: a, path: d/a}]}}\n"
        "  - {name: o, configMap: {name: none, optional: true}}\n"
        "  containers:\n  - name: app\n    image: localhost/app\n    volumeMounts:\n"
        "    - {name: o, mountPath: /o}\n    - {name: v, mountPath: /v}\n",
    .indent = 4};

constexpr std::string_view volumes = "validation.go ValidateVolumes, validateVolumeSource";
constexpr std::string_view host_paths = "validation.go validateHostPathVolumeSource, validateHostPathType";
constexpr std::string_view items = "validation.go validateKeyToPath, ValidateLocalNonReservedPath";
constexpr std::string_view downward = "validation.go validateDownwardAPIVolumeFile";
constexpr std::string_view projections = "validation.go validateProjectionSources";
constexpr std::string_view parts = "kubelet_pods.go makeMounts";

constexpr std::array accepted{
    ApiRule{"disk", "- {name: v, emptyDir: {}}", "", volumes},
    ApiRule{"empty medium", "- {name: v, emptyDir: {medium: \"\", sizeLimit: 0}}", "", volumes},
    ApiRule{"memory", "- {name: v, emptyDir: {medium: Memory, sizeLimit: 1.5Gi}}", "", volumes},
    ApiRule{"hostPath", "- {name: v, hostPath: {path: /a}}", "", host_paths},
    ApiRule{"hostPath with an empty type", "- {name: v, hostPath: {path: /a, type: \"\"}}", "", host_paths},
    ApiRule{"hostPath that is made", "- {name: v, hostPath: {path: /a//./b/, type: FileOrCreate}}", "", host_paths},
    ApiRule{"hostPath with a name that begins with ..", "- {name: v, hostPath: {path: /..a/b..}}", "", host_paths},
    ApiRule{"hostPath of a device", "- {name: v, hostPath: {path: /dev/sda, type: BlockDevice}}", "", host_paths},
    ApiRule{"the root", "- {name: v, hostPath: {path: /}}", "", host_paths},
    ApiRule{"configMap", "- {name: v, configMap: {name: map}}", "", items},
    ApiRule{"configMap with modes",
            "- {name: v, configMap: {name: map, defaultMode: 0, items: [{key: a, path: x/y, mode: 511}]}}", "", items},
    ApiRule{"one key in two files",
            "- {name: v, configMap: {name: map, items: [{key: a, path: x}, {key: a, path: z}]}}", "", items},
    ApiRule{"two keys in one file",
            "- {name: v, configMap: {name: map, items: [{key: a, path: x}, {key: b, path: x}]}}",
            "this file replaces the other", items},
    ApiRule{"path with ./ and dots", "- {name: v, configMap: {name: map, items: [{key: a, path: ./a..b//c}]}}", "",
            items},
    ApiRule{"missing configMap that is optional", "- {name: v, configMap: {name: none, optional: true}}", "", items},
    ApiRule{"name that no configMap can have", "- {name: v, configMap: {name: A_B, optional: true}}", "", items},
    ApiRule{"missing key that is optional",
            "- {name: v, configMap: {name: map, optional: true, items: [{key: z, path: z}]}}", "", items},
    ApiRule{"key that no configMap can have",
            "- {name: v, secret: {secretName: key, optional: true, items: [{key: a/b, path: z}]}}", "", items},
    ApiRule{"secret", "- {name: v, secret: {secretName: key, defaultMode: 256}}", "", items},
    ApiRule{"missing secret that is optional", "- {name: v, secret: {secretName: none, optional: true}}", "", items},
    ApiRule{"empty downwardAPI", "- {name: v, downwardAPI: {}}", "", downward},
    ApiRule{"whole labels", "- {name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: metadata.labels}}]}}",
            "", downward},
    ApiRule{"one label",
            "- {name: v, downwardAPI: {items: [{path: a, fieldRef: {fieldPath: \"metadata.labels['a']\"}}]}}", "",
            downward},
    ApiRule{"field of v1",
            "- {name: v, downwardAPI: {items: [{path: a, fieldRef: {apiVersion: v1, fieldPath: metadata.uid}}]}}", "",
            downward},
    ApiRule{
        "resource",
        "- {name: v, downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: app, resource: limits.memory, "
        "divisor: 1Mi}}]}}",
        "", downward},
    ApiRule{"empty projected volume", "- {name: v, projected: {sources: []}}", "", projections},
    ApiRule{"sources without items",
            "- {name: v, projected: {sources: [{configMap: {name: map}}, {secret: {name: key}}]}}", "", projections},
    ApiRule{
        "paths that are written in two ways",
        "- {name: v, projected: {sources: [{configMap: {name: map, items: [{key: a, path: x}]}}, {secret: {name: key, "
        "items: [{key: a, path: ./x}]}}]}}",
        "", projections},
    ApiRule{"token at the path of a file",
            "- {name: v, projected: {sources: [{configMap: {name: map, items: [{key: a, path: token}]}}, "
            "{serviceAccountToken: {path: token, expirationSeconds: 600}}]}}",
            "", projections},
    ApiRule{
        "what a cluster adds to each pod",
        "- name: v\n  projected:\n    defaultMode: 420\n    sources:\n"
        "    - serviceAccountToken: {expirationSeconds: 3607, path: token}\n"
        "    - configMap: {items: [{key: ca.crt, path: ca.crt}], name: kube-root-ca.crt, optional: true}\n"
        "    - downwardAPI: {items: [{fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}, path: namespace}]}",
        "", projections},
    ApiRule{"files of optional objects that are missing",
            "- {name: v, projected: {sources: [{configMap: {name: no-map, optional: true, items: [{key: b, path: b}]}}, "
            "{configMap: {name: map, optional: true, items: [{key: z, path: a}]}}, "
            "{downwardAPI: {items: [{path: b/c, fieldRef: {fieldPath: metadata.name}}, "
            "{path: a/c, fieldRef: {fieldPath: metadata.uid}}]}}]}}",
            "", projections},
    ApiRule{"claim", "- {name: v, persistentVolumeClaim: {claimName: data, readOnly: true}}", "",
            "validation.go validatePersistentClaimVolumeSource"},
    ApiRule{"ephemeral with labels",
            "- name: v\n  ephemeral:\n    volumeClaimTemplate:\n"
            "      metadata: {labels: {type: scratch}, annotations: {a: b}, creationTimestamp: null}\n"
            "      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}",
            "", "validation.go validatePersistentVolumeClaimTemplateObjectMeta"},
    ApiRule{"image", "- {name: v, image: {reference: localhost/tools, pullPolicy: Never}}", "",
            "validation.go validateImageVolumeSource"},
    ApiRule{"volume that nobody mounts", "- {name: v, emptyDir: {}}\n- {name: w, emptyDir: {}}",
            "the volume \"w\" is not mounted by any container", volumes},
};

constexpr std::array accepted_parts{
    ApiRule{"a file", "- {name: v, mountPath: /a, subPath: a}", "", parts},
    ApiRule{"a directory", "- {name: v, mountPath: /a, subPath: d}", "", parts},
    ApiRule{"a file in a directory", "- {name: v, mountPath: /a, subPath: d//a}", "", parts},
    ApiRule{"what no key has", "- {name: v, mountPath: /a, subPath: z}", "has no \"z\": an empty directory is mounted",
            parts},
    ApiRule{"what is missing on purpose", "- {name: o, mountPath: /a, subPath: z}", "", parts},
};

constexpr std::array refused_parts{
    ApiRule{"below a file", "- {name: v, mountPath: /a, subPath: a/b}",
            "1 \"a\" is a file, so that \"a/b\" cannot lie in it",
            "podrun's own rule: the kubelet, too, finds no such part, when the container starts"},
};

TEST(VolumeRules, WhatTheApiServerAcceptsIsAccepted) {
  expect_accepted(accepted, in_volumes);
}

TEST(VolumeRules, PartsOfFilesAreMountedAsByTheKubelet) {
  expect_accepted(accepted_parts, in_mounts);
  expect_refused(refused_parts, in_mounts);
}

}  // namespace
}  // namespace podrun::pod
