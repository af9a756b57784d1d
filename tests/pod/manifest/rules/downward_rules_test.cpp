// Kubernetes' rules for variables that come from the pod's fields and from a container's resources.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view field_rule = "validation.go validateObjectFieldSelector";
constexpr std::string_view resource_rule = "validation.go validateContainerResourceFieldSelector";
constexpr std::string_view divisor_rule = "validation.go validateContainerResourceDivisor";

constexpr std::array refused_fields{
    ApiRule{"no field path", "env: [{name: A, valueFrom: {fieldRef: {apiVersion: v1}}}]", "1 \"fieldPath\" is missing",
            field_rule},
    ApiRule{"another API version",
            "env: [{name: A, valueFrom: {fieldRef: {apiVersion: v2, fieldPath: metadata.name}}}]",
            "1 apiVersion must be v1", "conversion.go ConvertDownwardAPIFieldLabel"},
    ApiRule{"unknown field", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.colour}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"all labels", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"all annotations", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.annotations}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"phase", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.phase}}}]", "1 cannot have the field",
            field_rule},
    ApiRule{"restart policy", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.restartPolicy}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"name with a subscript", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.name['a']\"}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"label with an empty key", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['']\"}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"label with a blank in its key",
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a b']\"}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"label with an upper-case domain",
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['A.com/b']\"}}}]",
            "1 cannot have the field", field_rule},
    ApiRule{"annotation with two /",
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['a/b/c']\"}}}]",
            "1 cannot have the field", field_rule},
};
constexpr std::array accepted_fields{
    ApiRule{"name", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "", field_rule},
    ApiRule{"uid and version", "env: [{name: A, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.uid}}}]", "",
            field_rule},
    ApiRule{"label", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['a.com/B_c']\"}}}]", "",
            field_rule},
    ApiRule{"annotation with an upper-case domain",
            "env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['A.com/b']\"}}}]", "",
            field_rule},
    ApiRule{"node", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]", "", field_rule},
    ApiRule{"node by its old name", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.host}}}]", "",
            "conversion.go ConvertDownwardAPIFieldLabel"},
    ApiRule{"service account", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}}]", "",
            field_rule},
    ApiRule{"addresses", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}]", "", field_rule},
    ApiRule{"the pod's address", "env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]", "", field_rule},
};

constexpr std::array refused_resources{
    ApiRule{"no resource", "env: [{name: A, valueFrom: {resourceFieldRef: {divisor: 1}}}]",
            "1 \"resource\" is missing", resource_rule},
    ApiRule{"resource without limits or requests", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: cpu}}}]",
            "1 there is no resource \"cpu\"", resource_rule},
    ApiRule{"storage", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.storage}}}]",
            "1 there is no resource", resource_rule},
    ApiRule{"extended resource",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.nvidia.com/gpu}}}]",
            "1 there is no resource", resource_rule},
    ApiRule{"divisor of cpu", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 100m}}}]",
            "1 must be 1 or 1m for cpu", divisor_rule},
    ApiRule{"binary divisor of cpu",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1Ki}}}]",
            "1 must be 1 or 1m for cpu", divisor_rule},
    ApiRule{"divisor of memory",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 2Mi}}}]",
            "1 divisor \"2Mi\" must be 1, or 1 with", divisor_rule},
    ApiRule{"divisor of memory below one",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1m}}}]",
            "1 must be 1, or 1 with", divisor_rule},
    ApiRule{"1024 as divisor",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: \"1024\"}}}]",
            "1 must be 1, or 1 with", divisor_rule},
    ApiRule{"divisor with an exponent",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: \"1e3\"}}}]",
            "1 must be 1, or 1 with", divisor_rule},
    ApiRule{"divisor of ephemeral storage",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.ephemeral-storage, divisor: 10k}}}]",
            "1 must be 1, or 1 with", divisor_rule},
    ApiRule{"divisor of huge pages",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.hugepages-2Mi, divisor: 2Mi}}}]",
            "1 must be 1, or 1 with", divisor_rule},
    ApiRule{"negative divisor",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: -1}}}]",
            "1 must not be negative", divisor_rule},
    ApiRule{"divisor that is no quantity",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1MB}}}]",
            "1 must be a quantity", "quantity.go ParseQuantity"},
    ApiRule{"another container that is not there",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, containerName: b}}}]",
            "1 there is no container \"b\"", "podrun's own rule: the kubelet refuses it at the start"},
};
constexpr std::array accepted_resources{
    ApiRule{"limit of cpu", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}]", "",
            divisor_rule},
    ApiRule{"1000m as divisor",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1000m}}}]", "",
            divisor_rule},
    ApiRule{"0 as divisor", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: \"0\"}}}]",
            "", divisor_rule},
    ApiRule{"binary divisor",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Ei}}}]", "",
            divisor_rule},
    ApiRule{"1024Ki as divisor",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1024Ki}}}]", "",
            divisor_rule},
    ApiRule{"1000 as divisor",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1000}}}]", "",
            divisor_rule},
    ApiRule{"huge pages", "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.hugepages-2Mi}}}]", "",
            resource_rule},
    ApiRule{"the container itself",
            "env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.memory, containerName: app}}}]", "",
            resource_rule},
};

TEST(DownwardRules, FieldsOfThePodAreThoseOfKubernetes) {
  expect_refused(refused_fields, in_container);
  expect_accepted(accepted_fields, in_container);
}

TEST(DownwardRules, ResourcesAndTheirUnitsAreThoseOfKubernetes) {
  expect_refused(refused_resources, in_container);
  expect_accepted(accepted_resources, in_container);
}

}  // namespace
}  // namespace podrun::pod
