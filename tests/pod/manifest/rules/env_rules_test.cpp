// Kubernetes' rules for the variables of a container.
#include <gtest/gtest.h>

#include <array>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view name_rule = "validation.go ValidateEnv, IsRelaxedEnvVarName";
constexpr std::string_view from_rule = "validation.go validateEnvVarValueFrom";
constexpr std::string_view map_rule = "validation.go validateConfigMapKeySelector";
constexpr std::string_view secret_rule = "validation.go validateSecretKeySelector";
constexpr std::string_view file_rule = "validation.go validateFileKeySelector, ValidateLocalNonReservedPath";
constexpr std::string_view env_from_rule = "validation.go ValidateEnvFrom";
constexpr std::string_view kubelet = "kubelet, makeEnvironmentVariables: CreateContainerConfigError";

constexpr std::array refused_names{
    ApiRule{"no name", "env: [{value: a}]", "1 \"name\" is missing", name_rule},
    ApiRule{"empty name", "env: [{name: \"\", value: a}]", "1 name must not be empty", name_rule},
    ApiRule{"name with =", "env: [{name: \"A=B\", value: a}]", "1 must not contain \"=\"", name_rule},
    ApiRule{"name with a line break", "env: [{name: \"A\\nB\", value: a}]", "1 printable ASCII", name_rule},
    ApiRule{"name that is not ASCII", "env: [{name: größe, value: a}]", "1 printable ASCII", name_rule},
    ApiRule{"number as name", "env: [{name: 1, value: a}]", "1 must be a string", "types.go EnvVar"},
    ApiRule{"number as value", "env: [{name: A, value: 1}]", "1 quote it", "types.go EnvVar"},
    ApiRule{"boolean as value", "env: [{name: A, value: true}]", "1 quote it", "types.go EnvVar"},
    ApiRule{"list as value", "env: [{name: A, value: [b]}]", "1 must be a string", "types.go EnvVar"},
    ApiRule{"env as a mapping", "env: {A: b}", "1 env must be a list", "types.go Container"},
};
constexpr std::array accepted_names{
    ApiRule{"name with blanks and dots", "env: [{name: \"a .b-C\", value: a}]", "", name_rule},
    ApiRule{"name that begins with a digit", "env: [{name: 1A, value: a}]", "", name_rule},
    ApiRule{"variable twice", "env: [{name: A, value: a}, {name: A, value: b}]", "", name_rule},
    ApiRule{"variable without a value", "env: [{name: A}]", "", name_rule},
    ApiRule{"null as value", "env: [{name: A, value: null}]", "", "types.go EnvVar"},
};

constexpr std::array refused_sources{
    ApiRule{"empty valueFrom", "env: [{name: A, valueFrom: {}}]", "1 needs one of", from_rule},
    ApiRule{"value and valueFrom", "env: [{name: A, value: a, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]",
            "1 one of value, valueFrom, not two", from_rule},
    ApiRule{"two sources",
            "env:\n- name: A\n  valueFrom:\n    fieldRef: {fieldPath: metadata.name}\n"
            "    configMapKeyRef: {name: map, key: a}",
            "5 not two", from_rule},
    ApiRule{"unknown source", "env: [{name: A, valueFrom: {keyRef: {}}}]", "1 unknown field \"keyRef\"",
            "fieldValidation: Strict"},
    ApiRule{"ConfigMap without a name", "env: [{name: A, valueFrom: {configMapKeyRef: {key: a}}}]",
            "1 \"name\" is missing", map_rule},
    ApiRule{"ConfigMap without a key", "env: [{name: A, valueFrom: {configMapKeyRef: {name: map}}}]",
            "1 \"key\" is missing", map_rule},
    ApiRule{"ConfigMap's name in upper case", "env: [{name: A, valueFrom: {configMapKeyRef: {name: Map, key: a}}}]",
            "1 lower-case letters", map_rule},
    ApiRule{"ConfigMap's key with /", "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: a/b}}}]",
            "1 must be letters, digits", map_rule},
    ApiRule{"ConfigMap's key ..", "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: ..}}}]",
            "1 not beginning with \"..\"", map_rule},
    ApiRule{"ConfigMap's key that begins with ..",
            "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: ..a}}}]", "1 not beginning with \"..\"",
            map_rule},
    ApiRule{"ConfigMap that is not there", "env: [{name: A, valueFrom: {configMapKeyRef: {name: mop, key: a}}}]",
            "1 did you mean \"map\"?", kubelet},
    ApiRule{"ConfigMap's key that is not there", "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: b}}}]",
            "1 has no key \"b\"", kubelet},
    ApiRule{"ConfigMap's key of bytes",
            "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: bytes}}}]",
            "1 a variable cannot have \"bytes\", which is in binaryData", kubelet},
    ApiRule{"Secret without a name", "env: [{name: A, valueFrom: {secretKeyRef: {key: a}}}]", "1 \"name\" is missing",
            secret_rule},
    ApiRule{"Secret without a key", "env: [{name: A, valueFrom: {secretKeyRef: {name: key}}}]",
            "1 \"key\" is missing", secret_rule},
    ApiRule{"Secret's name with _", "env: [{name: A, valueFrom: {secretKeyRef: {name: a_b, key: a}}}]",
            "1 lower-case letters", secret_rule},
    ApiRule{"Secret's key with a blank", "env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: a b}}}]",
            "1 must be letters, digits", secret_rule},
    ApiRule{"Secret's key that is not there", "env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: b}}}]",
            "1 has no key \"b\"", kubelet},
    ApiRule{"optional as a word", "env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: a, optional: maybe}}}]",
            "1 true or false", "types.go SecretKeySelector"},
};
constexpr std::array accepted_sources{
    ApiRule{"empty value and valueFrom",
            "env: [{name: A, value: \"\", valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "", from_rule},
    ApiRule{"key of a ConfigMap", "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: a}}}]", "", map_rule},
    ApiRule{"optional ConfigMap",
            "env: [{name: A, valueFrom: {configMapKeyRef: {name: none, key: a, optional: true}}}]",
            "", map_rule},
    ApiRule{"optional key", "env: [{name: A, valueFrom: {secretKeyRef: {name: key, key: none, optional: true}}}]", "",
            secret_rule},
    ApiRule{"key with dots",
            "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: .a..b, optional: true}}}]", "", map_rule},
};

constexpr std::array refused_files{
    ApiRule{"no volume", "env: [{name: A, valueFrom: {fileKeyRef: {path: a, key: A}}}]", "1 \"volumeName\" is missing",
            file_rule},
    ApiRule{"no path", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, key: A}}}]",
            "1 \"path\" is missing", file_rule},
    ApiRule{"no key", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: a}}}]", "1 \"key\" is missing",
            file_rule},
    ApiRule{"absolute path", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: /a, key: A}}}]",
            "1 must be a relative path", file_rule},
    ApiRule{"path with ..", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: a/../b, key: A}}}]",
            "1 must not contain \"..\"", file_rule},
    ApiRule{"path that begins with ..",
            "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: ..a, key: A}}}]",
            "1 must not begin with \"..\"", file_rule},
    ApiRule{"key with =", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: a, key: A=}}}]",
            "1 must not contain \"=\"", file_rule},
    ApiRule{"volume that is not there",
            "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: none, path: a, key: A}}}]",
            "1 no volume is called \"none\"", "validation.go validateFileKeyRefVolumes"},
    ApiRule{"volume that is no emptyDir",
            "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: host, path: a, key: A}}}]", "1 is not an emptyDir",
            "validation.go validateFileKeyRefVolumes"},
};
constexpr std::array accepted_files{
    ApiRule{"key of a file", "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: a/b, key: A}}}]", "",
            file_rule},
    ApiRule{"optional key of a file",
            "env: [{name: A, valueFrom: {fileKeyRef: {volumeName: data, path: a, key: A, optional: true}}}]", "",
            file_rule},
};

constexpr std::array refused_env_from{
    ApiRule{"no source", "envFrom: [{prefix: A}]", "1 needs one of", env_from_rule},
    ApiRule{"two sources", "envFrom: [{configMapRef: {name: map}, secretRef: {name: key}}]", "1 not two",
            env_from_rule},
    ApiRule{"prefix with =", "envFrom: [{prefix: A=, configMapRef: {name: map}}]", "1 must not contain \"=\"",
            env_from_rule},
    ApiRule{"prefix that is not ASCII", "envFrom: [{prefix: ü, configMapRef: {name: map}}]", "1 printable ASCII",
            env_from_rule},
    ApiRule{"ConfigMap without a name", "envFrom: [{configMapRef: {optional: true}}]", "1 \"name\" is missing",
            "validation.go validateConfigMapEnvSource"},
    ApiRule{"ConfigMap's name with _", "envFrom: [{configMapRef: {name: a_b}}]", "1 lower-case letters",
            "validation.go validateConfigMapEnvSource"},
    ApiRule{"Secret without a name", "envFrom: [{secretRef: {}}]", "1 \"name\" is missing",
            "validation.go validateSecretEnvSource"},
    ApiRule{"Secret's name in upper case", "envFrom: [{secretRef: {name: Key}}]", "1 lower-case letters",
            "validation.go validateSecretEnvSource"},
    ApiRule{"Secret that is not there", "envFrom: [{secretRef: {name: none}}]", "1 there is no Secret \"none\"",
            kubelet},
    ApiRule{"ConfigMap's name that ends with -", "envFrom: [{configMapRef: {name: map-, optional: true}}]",
            "1 lower-case letters", "podrun's own rule: no ConfigMap can have the name"},
};
constexpr std::array accepted_env_from{
    ApiRule{"ConfigMap and Secret", "envFrom: [{configMapRef: {name: map}}, {prefix: S_, secretRef: {name: key}}]", "",
            env_from_rule},
    ApiRule{"optional Secret", "envFrom: [{secretRef: {name: none, optional: true}}]", "", env_from_rule},
    ApiRule{"empty prefix", "envFrom: [{prefix: \"\", configMapRef: {name: map}}]", "", env_from_rule},
    ApiRule{"prefix with a dot", "envFrom: [{prefix: a.b-, configMapRef: {name: map}}]", "", env_from_rule},
};

TEST(EnvRules, NamesAndValuesAreThoseOfKubernetes) {
  expect_refused(refused_names, in_container);
  expect_accepted(accepted_names, in_container);
}

TEST(EnvRules, SourcesAreThoseOfKubernetes) {
  expect_refused(refused_sources, in_container);
  expect_accepted(accepted_sources, in_container);
}

TEST(EnvRules, FilesAreThoseOfKubernetes) {
  expect_refused(refused_files, in_container);
  expect_accepted(accepted_files, in_container);
}

TEST(EnvRules, WholeObjectsAreThoseOfKubernetes) {
  expect_refused(refused_env_from, in_container);
  expect_accepted(accepted_env_from, in_container);
}

}  // namespace
}  // namespace podrun::pod
