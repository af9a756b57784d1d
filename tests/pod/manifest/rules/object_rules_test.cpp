// Kubernetes' rules for ConfigMaps, Secrets and PersistentVolumeClaims.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/pod/manifest/rules/api_rules.hpp"

namespace podrun::pod {
namespace {

constexpr RulePlace in_config_map{.before = "apiVersion: v1\nkind: ConfigMap\n"};
constexpr RulePlace in_secret{.before = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: key\n"};
constexpr RulePlace in_claim{.before = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"};
constexpr RulePlace in_document{.before = "# an object\n"};

constexpr std::string_view config_map_rule = "validation.go ValidateConfigMap, IsConfigMapKey";
constexpr std::string_view secret_rule = "validation.go ValidateSecret";
constexpr std::string_view secret_key = "validation.go ValidateSecret, IsConfigMapKey";
constexpr std::string_view claim_rule = "validation.go ValidatePersistentVolumeClaimSpec";
constexpr std::string_view name_rule = "objectmeta.go NameIsDNSSubdomain";
constexpr std::string_view no_bytes = "json: illegal base64 data";

constexpr std::array refused_config_maps{
    ApiRule{"no name", "metadata: {}", "1 \"name\" is missing", name_rule},
    ApiRule{"upper case name", "metadata: {name: App}", "1 lower-case", name_rule},
    ApiRule{"namespace with .", "metadata: {name: a, namespace: b.c}", "1 lower-case",
            "objectmeta.go ValidateNamespaceName"},
    ApiRule{"key with /", "metadata: {name: a}\ndata: {a/b: c}", "2 the key \"a/b\"", config_map_rule},
    ApiRule{"key with a blank", "metadata: {name: a}\ndata: {\"a b\": c}", "2 the key", config_map_rule},
    ApiRule{"key .", "metadata: {name: a}\ndata: {.: c}", "2 the key", config_map_rule},
    ApiRule{"key ..", "metadata: {name: a}\ndata: {..: c}", "2 the key", config_map_rule},
    ApiRule{"key that begins with ..", "metadata: {name: a}\ndata: {..a: c}", "2 the key", config_map_rule},
    ApiRule{"empty key", "metadata: {name: a}\ndata: {\"\": c}", "2 the key", config_map_rule},
    ApiRule{"key of bytes with a colon", "metadata: {name: a}\nbinaryData: {\"a:b\": YQ==}", "2 the key",
            config_map_rule},
    ApiRule{"key of texts and bytes", "metadata: {name: a}\ndata: {a: b}\nbinaryData: {a: YQ==}",
            "3 binaryData[\"a\"] is among the texts already", config_map_rule},
    ApiRule{"value is a number", "metadata: {name: a}\ndata: {a: 1}", "2 must be a string",
            "json: cannot unmarshal number into string"},
    ApiRule{"value is a mapping", "metadata: {name: a}\ndata: {a: {b: c}}", "2 must be a string",
            "json: cannot unmarshal object into string"},
    ApiRule{"bytes that are no base64", "metadata: {name: a}\nbinaryData: {a: \"*\"}", "2 must be base64", no_bytes},
    ApiRule{"data is a list", "metadata: {name: a}\ndata: [a]", "2 data must be a mapping",
            "json: cannot unmarshal array into map"},
    ApiRule{"immutable is text", "metadata: {name: a}\nimmutable: \"true\"", "2 true or false",
            "json: cannot unmarshal string into bool"},
    ApiRule{"unknown field", "metadata: {name: a}\ntype: Opaque", "2 unknown field \"type\"", "strict decoding"},
};
constexpr std::array accepted_config_maps{
    ApiRule{"no data", "metadata: {name: a}", "", config_map_rule},
    ApiRule{"names and keys", "metadata: {name: a.b-c}\ndata: {.a: \"\", A_b-1.c: d, a..b: e}", "", config_map_rule},
    ApiRule{"bytes", "metadata: {name: a}\ndata: {a: b}\nbinaryData: {c: AAH/}\nimmutable: true", "", config_map_rule},
    ApiRule{"null value", "metadata: {name: a}\ndata: {a: }", "", config_map_rule},
};

constexpr std::array refused_secrets{
    ApiRule{"key with /", "data: {a/b: YQ==}", "1 the key \"a/b\"", secret_key},
    ApiRule{"text key with a blank", "stringData: {\"a b\": c}", "1 the key", secret_key},
    ApiRule{"data that is no base64", "data: {a: secret!}", "1 plain text belongs under stringData", no_bytes},
    ApiRule{"data that is a number", "data: {a: 1234}", "1 must be a string",
            "json: cannot unmarshal number into string"},
    ApiRule{"tls without a key", "type: kubernetes.io/tls\nstringData: {tls.crt: a}", "1 needs the key \"tls.key\"",
            secret_rule},
    ApiRule{"tls without data", "type: kubernetes.io/tls", "1 needs the key \"tls.crt\"", secret_rule},
    ApiRule{"basic-auth without both", "type: kubernetes.io/basic-auth\nstringData: {user: a}",
            "1 needs the key \"username\" or \"password\"", secret_rule},
    ApiRule{"ssh-auth without a key", "type: kubernetes.io/ssh-auth\nstringData: {a: b}",
            "1 needs the key \"ssh-privatekey\"", secret_rule},
    ApiRule{"ssh-auth with an empty key", "type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: \"\"}",
            "1 needs a value of the key", secret_rule},
    ApiRule{"dockercfg without its file", "type: kubernetes.io/dockercfg\nstringData: {a: b}",
            "1 needs the key \".dockercfg\"", secret_rule},
    ApiRule{"dockercfg that is no JSON", "type: kubernetes.io/dockercfg\nstringData: {.dockercfg: a}",
            "1 needs JSON in the key", secret_rule},
    ApiRule{"dockerconfigjson without its file", "type: kubernetes.io/dockerconfigjson",
            "1 needs the key \".dockerconfigjson\"", secret_rule},
    ApiRule{"dockerconfigjson that is no JSON",
            "type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: e30K, b: YQ==}\nstringData: "
            "{.dockerconfigjson: \"{\"}",
            "1 needs JSON in the key", secret_rule},
    ApiRule{"token without an account", "type: kubernetes.io/service-account-token",
            "1 needs the annotation kubernetes.io/service-account.name", secret_rule},
    ApiRule{"type is a number", "type: 1", "1 must be a string", "json: cannot unmarshal number into SecretType"},
};
constexpr std::array accepted_secrets{
    ApiRule{"no data", "type: Opaque", "", secret_rule},
    ApiRule{"a type of somebody", "type: example.com/Thing\nstringData: {a: b}", "", secret_rule},
    ApiRule{"text that replaces bytes", "data: {a: YQ==}\nstringData: {a: b}", "", secret_rule},
    ApiRule{"tls with empty values", "type: kubernetes.io/tls\nstringData: {tls.crt: \"\", tls.key: \"\"}", "",
            secret_rule},
    ApiRule{"basic-auth with a password", "type: kubernetes.io/basic-auth\nstringData: {password: a}", "", secret_rule},
    ApiRule{"ssh-auth", "type: kubernetes.io/ssh-auth\nstringData: {ssh-privatekey: a}", "", secret_rule},
    ApiRule{"dockerconfigjson", "type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: e30=}", "",
            secret_rule},
    ApiRule{"token of an account",
            "  annotations: {kubernetes.io/service-account.name: a}\ntype: kubernetes.io/service-account-token", "",
            secret_rule},
    ApiRule{"bootstrap token", "type: bootstrap.kubernetes.io/token", "", secret_rule},
    ApiRule{"immutable", "immutable: true", "", secret_rule},
};

constexpr std::array refused_claims{
    ApiRule{"no access mode", "spec: {resources: {requests: {storage: 1Gi}}}", "1 needs accessModes", claim_rule},
    ApiRule{"empty access modes", "spec: {accessModes: [], resources: {requests: {storage: 1Gi}}}",
            "1 needs accessModes", claim_rule},
    ApiRule{"unknown access mode", "spec: {accessModes: [ReadWrite], resources: {requests: {storage: 1Gi}}}",
            "1 this is \"ReadWrite\"", claim_rule},
    ApiRule{"short access mode", "spec: {accessModes: [RWO], resources: {requests: {storage: 1Gi}}}",
            "1 accessModes are ReadWriteOnce", claim_rule},
    ApiRule{"access mode as text", "spec: {accessModes: ReadWriteOnce, resources: {requests: {storage: 1Gi}}}",
            "1 must be a list", "json: cannot unmarshal string into []PersistentVolumeAccessMode"},
    ApiRule{"ReadWriteOncePod with another",
            "spec: {accessModes: [ReadWriteOnce, ReadWriteOncePod], resources: {requests: {storage: 1Gi}}}",
            "1 ReadWriteOncePod cannot be together", claim_rule},
    ApiRule{"no resources", "spec: {accessModes: [ReadWriteOnce]}", "1 needs resources.requests.storage", claim_rule},
    ApiRule{"no requests", "spec: {accessModes: [ReadWriteOnce], resources: {}}", "1 needs resources.requests.storage",
            claim_rule},
    ApiRule{"no storage", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {cpu: 1}}}",
            "1 needs resources.requests.storage", claim_rule},
    ApiRule{"storage is zero", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0}}}",
            "1 greater than zero", claim_rule},
    ApiRule{"storage is negative", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: -1Gi}}}",
            "1 must not be negative", claim_rule},
    ApiRule{"storage is no quantity", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1GB}}}",
            "1 requests[\"storage\"] \"1GB\"", "quantity.go ParseQuantity"},
    ApiRule{"class with upper case",
            "spec: {accessModes: [ReadWriteOnce], storageClassName: Fast, resources: {requests: {storage: 1Gi}}}",
            "1 storageClassName \"Fast\"", claim_rule},
    ApiRule{"unknown volumeMode",
            "spec: {accessModes: [ReadWriteOnce], volumeMode: Tape, resources: {requests: {storage: 1Gi}}}",
            "1 volumeMode must be Filesystem", claim_rule},
    ApiRule{"empty volumeMode",
            "spec: {accessModes: [ReadWriteOnce], volumeMode: \"\", resources: {requests: {storage: 1Gi}}}",
            "1 volumeMode must be Filesystem", claim_rule},
    ApiRule{"block device",
            "spec: {accessModes: [ReadWriteOnce], volumeMode: Block, resources: {requests: {storage: 1Gi}}}",
            "1 volumeMode must be Filesystem", "podrun's own rule: claims are directories"},
    ApiRule{"copy of a volume",
            "spec: {accessModes: [ReadWriteOnce], dataSource: {kind: PersistentVolumeClaim, name: a}, resources: "
            "{requests: {storage: 1Gi}}}",
            "1 podrun copies no volumes", "podrun's own rule: it copies no volumes"},
};
constexpr std::array accepted_claims{
    ApiRule{"one access mode", "spec: {accessModes: [ReadWriteOncePod], resources: {requests: {storage: 1}}}", "",
            claim_rule},
    ApiRule{"three access modes",
            "spec: {accessModes: [ReadWriteOnce, ReadOnlyMany, ReadWriteMany], resources: {requests: {storage: 1Gi}}}",
            "", claim_rule},
    ApiRule{"limits, class and mode",
            "spec: {accessModes: [ReadWriteOnce], storageClassName: \"\", volumeMode: Filesystem, volumeName: a, "
            "resources: {requests: {storage: 1.5e9}, limits: {storage: 2Gi}}}",
            "", claim_rule},
    ApiRule{"class",
            "spec: {accessModes: [ReadWriteOnce], storageClassName: fast.ssd, resources: {requests: {storage: 1Gi}}}",
            "", claim_rule},
};

constexpr std::array refused_documents{
    ApiRule{"another version of a ConfigMap", "apiVersion: v2\nkind: ConfigMap\nmetadata: {name: a}", "1 must be v1",
            "no kind ConfigMap is registered for version v2"},
    ApiRule{"ConfigMap without metadata", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}", "1 \"metadata\" is missing",
            name_rule},
    ApiRule{"claim without a spec", "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a}",
            "1 \"spec\" is missing", claim_rule},
    ApiRule{"Secret without a version", "kind: Secret\nmetadata: {name: a}", "1 \"apiVersion\" is missing",
            "the version is not set"},
    ApiRule{"one ConfigMap twice",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: "
            "{name: a}",
            "7 is there already", "store.go Create: already exists"},
};

TEST(ObjectRules, WhatTheApiServerRefusesIsRefused) {
  expect_refused(refused_config_maps, in_config_map);
  expect_refused(refused_secrets, in_secret);
  expect_refused(refused_claims, in_claim);
  expect_refused(refused_documents, in_document);
}

TEST(ObjectRules, WhatTheApiServerAcceptsIsAccepted) {
  expect_accepted(accepted_config_maps, in_config_map);
  expect_accepted(accepted_secrets, in_secret);
  expect_accepted(accepted_claims, in_claim);
}

TEST(ObjectRules, AKeyHasAtMost253Characters) {
  const std::string longest = "metadata: {name: a}\ndata: {" + std::string(253, 'a') + ": b}";
  const std::string longer = "metadata: {name: a}\ndata: {" + std::string(254, 'a') + ": b}";
  expect_accepted(std::array{ApiRule{"253", longest, "", config_map_rule}}, in_config_map);
  expect_refused(std::array{ApiRule{"254", longer, "2 at most 253", config_map_rule}}, in_config_map);
}

TEST(ObjectRules, AnErrorShowsNoValueOfASecret) {
  const ApiRule rule{"secret", "type: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: hunter2}", "",
                     ""};
  for (const std::string& error : told(manifest_of(rule, in_secret), Severity::Error))
    EXPECT_FALSE(error.contains("hunter2")) << error;
}

}  // namespace
}  // namespace podrun::pod
