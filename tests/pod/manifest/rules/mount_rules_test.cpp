// Kubernetes' rules for the volume mounts and the resources of a container.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view mount_rule = "validation.go ValidateVolumeMounts";
constexpr std::string_view path_rule = "validation.go ValidateVolumeMounts, validateLocalDescendingPath";
constexpr std::string_view propagation_rule = "validation.go validateMountPropagation";
constexpr std::string_view recursion_rule = "validation.go validateMountRecursiveReadOnly";

constexpr std::array refused_mounts{
    ApiRule{"no volume", "volumeMounts: [{mountPath: /a}]", "1 \"name\" is missing", mount_rule},
    ApiRule{"no path", "volumeMounts: [{name: data}]", "1 \"mountPath\" is missing", mount_rule},
    ApiRule{"empty path", "volumeMounts: [{name: data, mountPath: \"\"}]", "1 mountPath must not be empty", mount_rule},
    ApiRule{"unknown volume", "volumeMounts: [{name: dat, mountPath: /a}]", "1 did you mean \"data\"?", mount_rule},
    ApiRule{"path twice", "volumeMounts:\n- {name: data, mountPath: /a}\n- {name: host, mountPath: /a}",
            "3 the mountPath \"/a\" is taken", mount_rule},
    ApiRule{"path twice, written in two ways",
            "volumeMounts:\n- {name: data, mountPath: /a}\n- {name: host, mountPath: /a//}",
            "3 podrun's own rule: one would hide the other", "podrun's own rule: one would hide the other"},
    ApiRule{"root", "volumeMounts: [{name: data, mountPath: /}]", "1 must not be the container's root",
            "podrun's own rule: it would hide the whole image"},
    ApiRule{"path with a colon", "volumeMounts: [{name: data, mountPath: \"/a:b\"}]",
            "1 podrun's own rule: Kubernetes says so",
            "podrun's own rule: the field's description says so, although nothing checks it"},
    ApiRule{"path with ..", "volumeMounts: [{name: data, mountPath: /a/../b}]", "1 must not contain \"..\"",
            "podrun's own rule: what it means depends on links in the image"},
    ApiRule{"absolute subPath", "volumeMounts: [{name: data, mountPath: /a, subPath: /b}]",
            "1 must be a relative path", path_rule},
    ApiRule{"subPath with ..", "volumeMounts: [{name: data, mountPath: /a, subPath: b/../c}]",
            "1 must not contain \"..\"", path_rule},
    ApiRule{"subPath ..", "volumeMounts: [{name: data, mountPath: /a, subPath: ..}]", "1 must not contain \"..\"",
            path_rule},
    ApiRule{"subPath and subPathExpr", "volumeMounts: [{name: data, mountPath: /a, subPath: b, subPathExpr: c}]",
            "1 exclude each other", mount_rule},
    ApiRule{"absolute subPathExpr", "volumeMounts: [{name: data, mountPath: /a, subPathExpr: /$(A)}]",
            "1 must be a relative path", path_rule},
    ApiRule{"subPathExpr with ..", "volumeMounts: [{name: data, mountPath: /a, subPathExpr: ../$(A)}]",
            "1 must not contain \"..\"", path_rule},
    ApiRule{"unknown propagation", "volumeMounts: [{name: data, mountPath: /a, mountPropagation: Shared}]",
            "1 one of None, HostToContainer, Bidirectional", propagation_rule},
    ApiRule{"Bidirectional without privileges",
            "volumeMounts: [{name: data, mountPath: /a, mountPropagation: Bidirectional}]",
            "1 needs securityContext.privileged: true", propagation_rule},
    ApiRule{"unknown recursiveReadOnly", "volumeMounts: [{name: data, mountPath: /a, recursiveReadOnly: Always}]",
            "1 one of Disabled, IfPossible, Enabled", recursion_rule},
    ApiRule{"recursiveReadOnly without readOnly",
            "volumeMounts: [{name: data, mountPath: /a, recursiveReadOnly: Enabled}]", "1 needs readOnly: true",
            recursion_rule},
    ApiRule{"recursiveReadOnly if possible without readOnly",
            "volumeMounts: [{name: data, mountPath: /a, readOnly: false, recursiveReadOnly: IfPossible}]",
            "1 needs readOnly: true", recursion_rule},
    ApiRule{"recursiveReadOnly with propagation",
            "volumeMounts: [{name: data, mountPath: /a, readOnly: true, recursiveReadOnly: Enabled, "
            "mountPropagation: HostToContainer}]",
            "1 cannot be together with mountPropagation", recursion_rule},
    ApiRule{"empty propagation", "volumeMounts: [{name: data, mountPath: /a, mountPropagation: \"\"}]",
            "1 mountPropagation must not be empty", propagation_rule},
    ApiRule{"empty recursiveReadOnly", "volumeMounts: [{name: data, mountPath: /a, recursiveReadOnly: \"\"}]",
            "1 recursiveReadOnly must not be empty", recursion_rule},
    ApiRule{"readOnly as a word", "volumeMounts: [{name: data, mountPath: /a, readOnly: ro}]", "1 true or false",
            "types.go VolumeMount"},
};
constexpr std::array accepted_mounts{
    ApiRule{"a volume twice", "volumeMounts: [{name: data, mountPath: /a}, {name: data, mountPath: /b}]", "",
            mount_rule},
    ApiRule{"one path below another", "volumeMounts: [{name: data, mountPath: /a}, {name: host, mountPath: /a/b}]", "",
            mount_rule},
    ApiRule{"subPath that begins with ..", "volumeMounts: [{name: data, mountPath: /a, subPath: ..b}]", "", path_rule},
    ApiRule{"subPath with dots", "volumeMounts: [{name: data, mountPath: /a, subPath: ./b/.c}]", "", path_rule},
    ApiRule{"empty subPath and subPathExpr",
            "volumeMounts: [{name: data, mountPath: /a, subPath: \"\", subPathExpr: $(A)}]", "", mount_rule},
    ApiRule{"subPath of an image", "volumeMounts: [{name: tools, mountPath: /a, subPath: bin}]", "",
            "validation.go ValidateVolumeMounts, since Kubernetes 1.33"},
    ApiRule{"HostToContainer", "volumeMounts: [{name: host, mountPath: /a, mountPropagation: HostToContainer}]", "",
            propagation_rule},
    ApiRule{"Bidirectional with privileges",
            "securityContext: {privileged: true}\n"
            "volumeMounts: [{name: host, mountPath: /a, mountPropagation: Bidirectional}]",
            "", propagation_rule},
    ApiRule{"recursiveReadOnly",
            "volumeMounts: [{name: host, mountPath: /a, readOnly: true, recursiveReadOnly: Enabled, "
            "mountPropagation: None}]",
            "", recursion_rule},
    ApiRule{"null",
            "volumeMounts: [{name: data, mountPath: /a, subPath: null, mountPropagation: null, "
            "recursiveReadOnly: null}]",
            "", mount_rule},
    ApiRule{"recursiveReadOnly that is disabled",
            "volumeMounts: [{name: host, mountPath: /a, recursiveReadOnly: Disabled}]", "", recursion_rule},
};

constexpr std::string_view name_rule = "validation.go validateContainerResourceName";
constexpr std::string_view amount_rule = "validation.go ValidateResourceQuantityValue";
constexpr std::string_view limit_rule = "validation.go validateResourceRequirements";
constexpr std::string_view pages_rule = "validation.go validateResourceQuantityHugePageValue";

constexpr std::array refused_resources{
    ApiRule{"unknown resource", "resources: {limits: {gpu: 1}}", "1 must be cpu, memory,", name_rule},
    ApiRule{"misspelt resource", "resources:\n  requests: {memmory: 1Gi}", "2 did you mean \"memory\"?", name_rule},
    ApiRule{"resource in upper case", "resources: {limits: {CPU: 1}}", "1 did you mean \"cpu\"?", name_rule},
    ApiRule{"storage", "resources: {limits: {storage: 1Gi}}", "1 must be cpu, memory,", name_rule},
    ApiRule{"pods", "resources: {limits: {pods: 1}}", "1 must be cpu, memory,", name_rule},
    ApiRule{"resource of a quota", "resources: {limits: {requests.example.com/a: 1}}",
            "1 must not begin with \"requests.\"", name_rule},
    ApiRule{"resource with two /", "resources: {limits: {a.com/b/c: 1}}", "1 the key \"a.com/b/c\"",
            "validation.go validateResourceName, IsQualifiedName"},
    ApiRule{"negative limit", "resources: {limits: {cpu: -1}}", "1 must not be negative", amount_rule},
    ApiRule{"negative request", "resources: {requests: {memory: -1Mi}}", "1 must not be negative", amount_rule},
    ApiRule{"unit that is none", "resources: {limits: {memory: 1GB}}", "1 must be a quantity",
            "quantity.go ParseQuantity"},
    ApiRule{"empty amount", "resources: {limits: {memory: \"\"}}", "1 must be a quantity", "quantity.go ParseQuantity"},
    ApiRule{"list as amount", "resources: {limits: {memory: [1]}}", "1 must be a quantity", "types.go ResourceList"},
    ApiRule{"part of a device", "resources: {limits: {nvidia.com/gpu: 500m}}", "1 must be a whole number", amount_rule},
    ApiRule{"part of a device as a number", "resources: {limits: {nvidia.com/gpu: 0.5}}", "1 must be a whole number",
            amount_rule},
    ApiRule{"request above its limit", "resources:\n  limits: {cpu: 1}\n  requests: {cpu: 1500m}",
            "3 must not exceed its limit", limit_rule},
    ApiRule{"memory above its limit", "resources:\n  limits: {memory: 1G}\n  requests: {memory: 1Gi}",
            "3 must not exceed its limit", limit_rule},
    ApiRule{"device requested without a limit", "resources: {requests: {nvidia.com/gpu: 1}}", "1 needs a limit",
            limit_rule},
    ApiRule{"fewer devices requested than the limit",
            "resources:\n  limits: {nvidia.com/gpu: 2}\n  requests: {nvidia.com/gpu: 1}", "3 must equal its limit",
            limit_rule},
    ApiRule{"huge pages requested without a limit", "resources: {requests: {cpu: 1, hugepages-2Mi: 2Mi}}",
            "1 needs a limit", limit_rule},
    ApiRule{"fewer huge pages requested than the limit",
            "resources:\n  limits: {cpu: 1, hugepages-2Mi: 4Mi}\n  requests: {hugepages-2Mi: 2Mi}",
            "3 must equal its limit", limit_rule},
    ApiRule{"part of a huge page", "resources: {limits: {cpu: 1, hugepages-2Mi: 3Mi}}", "1 must be a multiple of 2Mi",
            pages_rule},
    ApiRule{"huge pages without a size", "resources: {limits: {cpu: 1, hugepages-: 2Mi}}", "1 hugepages-", pages_rule},
    ApiRule{"huge pages of a size that is none", "resources: {limits: {cpu: 1, hugepages-big: 2Mi}}",
            "1 must be a multiple of big", pages_rule},
    ApiRule{"huge pages alone", "resources: {limits: {hugepages-2Mi: 2Mi}}", "1 need a request or a limit of cpu",
            limit_rule},
    ApiRule{"claim of a device", "resources: {claims: [{name: gpu}]}", "1 podrun hands out no devices",
            "validation.go validateResourceClaimNames: the pod has no resourceClaims"},
    ApiRule{"unknown field", "resources: {limit: {cpu: 1}}", "1 did you mean \"limits\"?", "fieldValidation: Strict"},
};
constexpr std::array accepted_resources{
    ApiRule{"cpu and memory", "resources: {limits: {cpu: 1.5, memory: 64Mi}, requests: {cpu: 100m, memory: 6e7}}", "",
            limit_rule},
    ApiRule{"request without a limit", "resources: {requests: {cpu: 1, ephemeral-storage: 1Gi}}", "", limit_rule},
    ApiRule{"zero", "resources: {limits: {cpu: 0}, requests: {cpu: \"0\"}}", "", amount_rule},
    ApiRule{"devices", "resources: {limits: {nvidia.com/gpu: 2}, requests: {nvidia.com/gpu: 2}}", "", limit_rule},
    ApiRule{"devices by thousandths", "resources: {limits: {nvidia.com/gpu: 2000m}}", "", amount_rule},
    ApiRule{"resource of Kubernetes", "resources: {requests: {alpha.kubernetes.io/gpu: 500m}}", "",
            "validation.go validateContainerResourceName, IsNativeResource"},
    ApiRule{"huge pages", "resources: {limits: {memory: 1Gi, hugepages-2Mi: 4Mi, hugepages-1Gi: 1Gi}}", "", pages_rule},
    ApiRule{"huge pages with a request of cpu", "resources: {requests: {cpu: 1}, limits: {hugepages-2Mi: 0}}", "",
            limit_rule},
};

constexpr std::string_view pod_rule = "validation.go validatePodResourceRequirements, validatePodResourceName";
constexpr std::string_view consistency_rule = "validation.go validatePodResourceConsistency";
constexpr std::string_view overhead_rule = "validation.go validateOverhead";

constexpr std::array refused_resources_of_pods{
    ApiRule{"the pod's ephemeral storage",
            "containers: [{name: a, image: a}]\nresources: {limits: {ephemeral-storage: 1Gi}}",
            "2 must be cpu, memory or hugepages-SIZE", pod_rule},
    ApiRule{"the pod's devices", "containers: [{name: a, image: a}]\nresources: {limits: {nvidia.com/gpu: 1}}",
            "2 must be cpu, memory or hugepages-SIZE", pod_rule},
    ApiRule{"the pod's request above its limit",
            "containers: [{name: a, image: a}]\nresources:\n  limits: {cpu: 1}\n  requests: {cpu: 2}",
            "4 must not exceed its limit", pod_rule},
    ApiRule{"containers that request more than the pod",
            "containers: [{name: a, image: a, resources: {requests: {cpu: 2}}}]\nresources:\n  requests: {cpu: 1}",
            "3 the containers request cpu 2 together", consistency_rule},
    ApiRule{"a container with a higher limit than the pod",
            "resources: {limits: {memory: 1Gi}}\ncontainers:\n- name: a\n  image: a\n"
            "  resources: {limits: {memory: 2Gi}, requests: {memory: 1}}",
            "5 must not exceed the pod's", consistency_rule},
    ApiRule{"unknown overhead", "containers: [{name: a, image: a}]\noverhead: {gpu: 1}", "2 must be cpu, memory,",
            overhead_rule},
    ApiRule{"negative overhead", "containers: [{name: a, image: a}]\noverhead: {cpu: -1}", "2 must not be negative",
            overhead_rule},
};
constexpr std::array accepted_resources_of_pods{
    ApiRule{"the pod's huge pages",
            "containers: [{name: a, image: a}]\nresources: {limits: {memory: 1Gi, hugepages-2Mi: 2Mi}}", "", pod_rule},
    ApiRule{"the pod's cpu above its containers'",
            "containers: [{name: a, image: a, resources: {limits: {cpu: 1}}}]\nresources: {limits: {cpu: 2}}", "",
            consistency_rule},
    ApiRule{"overhead", "containers: [{name: a, image: a}]\noverhead: {cpu: 250m, memory: 120Mi}", "", overhead_rule},
};

TEST(MountRules, MountsAreThoseOfKubernetes) {
  expect_refused(refused_mounts, in_container);
  expect_accepted(accepted_mounts, in_container);
}

TEST(ResourceRules, ResourcesOfAContainerAreThoseOfKubernetes) {
  expect_refused(refused_resources, in_container);
  expect_accepted(accepted_resources, in_container);
}

TEST(ResourceRules, ResourcesOfAPodAreThoseOfKubernetes) {
  expect_refused(refused_resources_of_pods, in_spec);
  expect_accepted(accepted_resources_of_pods, in_spec);
}

}  // namespace
}  // namespace podrun::pod
