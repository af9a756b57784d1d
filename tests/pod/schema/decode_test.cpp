// Fields that have several forms: each form is decoded to its type.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "pod/schema/schema.hpp"
#include "pod/yaml/yaml.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

/// A decoded manifest. Fields that podrun does not support yet are no errors.
Pod decoded(const std::string& text) {
  DiagnosticCollector report(text);
  const yaml::Document document = yaml::read(text, report);
  return decode<Pod>(*document.root, report);
}

EnvSource source(std::string_view from) {
  const Pod pod = decoded(manifest({.container = fmt::format("    env: [{{name: A, valueFrom: {{{}}}}}]\n", from)}));
  return pod.spec.containers.at(0).env.at(0).source;
}

TEST(Decode, EverySourceOfAVariableIsDecoded) {
  EXPECT_EQ(source("configMapKeyRef: {name: m, key: k}"), EnvSource(ConfigMapKeyRef{"m", "k"}));
  EXPECT_EQ(source("secretKeyRef: {name: s, key: k, optional: true}"), EnvSource(SecretKeyRef{"s", "k", true}));
  EXPECT_EQ(source("fieldRef: {fieldPath: metadata.name}"), EnvSource(FieldRef{"metadata.name"}));
  EXPECT_EQ(source("resourceFieldRef: {resource: limits.memory, containerName: app, divisor: 1Mi}"),
            EnvSource(ResourceFieldRef{"limits.memory", "app", Quantity{1 << 20}}));
  EXPECT_EQ(source("fileKeyRef: {volumeName: v, path: a/b, key: K}"), EnvSource(FileKeyRef{"v", "a/b", "K"}));
  const Pod pod = decoded(
      manifest({.container = "    envFrom: [{prefix: P_, configMapRef: {name: m}}, {secretRef: {name: s}}]\n"}));
  EXPECT_EQ(pod.spec.containers[0].env_from,
            (std::vector<EnvFrom>{{"P_", ConfigMapRef{"m"}}, {"", SecretRef{"s"}}}));
}

TEST(Decode, EveryKindOfVolumeIsDecoded) {
  const auto volume = [](std::string_view kind) {
    return decoded(manifest({.spec = fmt::format("  volumes: [{{name: v, {}}}]\n", kind)})).spec.volumes.at(0).source;
  };
  const auto memory = std::get<EmptyDir>(volume("emptyDir: {medium: Memory, sizeLimit: 64Mi}"));
  EXPECT_EQ(memory.medium, Medium::Memory);
  EXPECT_EQ(memory.size_limit, Quantity{64 << 20});
  EXPECT_EQ(std::get<HostPath>(volume("hostPath: {path: /a, type: Socket}")).type, HostPathType::Socket);
  const auto map = std::get<ConfigMapFiles>(
      volume("configMap: {name: m, defaultMode: 0400, items: [{key: k, path: p, mode: 256}]}"));
  EXPECT_EQ(map.default_mode, 0400);
  EXPECT_EQ(map.items.at(0).mode, 0400);
  EXPECT_EQ(std::get<SecretFiles>(volume("secret: {secretName: s, optional: yes}")).name, "s");
  const auto downward =
      std::get<DownwardApiFiles>(volume("downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}"));
  EXPECT_EQ(std::get<FieldRef>(downward.items.at(0).source).path, "metadata.labels");
  const auto projected = std::get<Projected>(volume(
      "projected: {sources: [{secret: {name: s}}, {configMap: {name: m}}, {serviceAccountToken: {path: token}}]}"));
  ASSERT_EQ(projected.sources.size(), 3U);
  EXPECT_EQ(std::get<SecretFiles>(projected.sources[0]).name, "s");
  EXPECT_EQ(std::get<ServiceAccountToken>(projected.sources[2]).path, "token");
  EXPECT_TRUE(std::get<ClaimVolume>(volume("persistentVolumeClaim: {claimName: c, readOnly: true}")).read_only);
  EXPECT_EQ(std::get<ImageVolume>(volume("image: {reference: busybox}")).reference, "busybox");
}

TEST(Decode, AnEphemeralVolumeIsAnEmptyDir) {
  const auto volume = [](std::string_view claim) {
    return manifest({.spec = fmt::format("  volumes: [{{name: v, ephemeral: {{volumeClaimTemplate: {}}}}}]\n", claim)});
  };
  const Pod pod = decoded(volume("{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"));
  EXPECT_TRUE(std::holds_alternative<EmptyDir>(pod.spec.volumes.at(0).source));
  EXPECT_EQ(mistake(volume("{sepc: {}}")),
            "6:57 unknown field \"sepc\" in PersistentVolumeClaimTemplate (did you mean \"spec\"?)");
}

TEST(Decode, ServiceAccountNameWinsOverItsOldName) {
  const auto account = [](std::string_view fields) {
    return decoded(manifest({.spec = fields})).spec.service_account_name;
  };
  EXPECT_EQ(account("  serviceAccount: old\n"), "old");
  EXPECT_EQ(account("  serviceAccountName: new\n  serviceAccount: old\n"), "new");
  EXPECT_EQ(account("  serviceAccount: old\n  serviceAccountName: \"\"\n"), "old");
}

TEST(Decode, ThePodsSecurityContextIsDecoded) {
  const auto context =
      decoded(
          manifest(
              {.spec = "  securityContext: {runAsUser: 1, runAsNonRoot: true, fsGroup: 7, supplementalGroups: [8, 9],\n"
                       "    supplementalGroupsPolicy: Strict, fsGroupChangePolicy: OnRootMismatch,\n"
                       "    sysctls: [{name: net.core.somaxconn, value: \"1\"}],\n"
                       "    seccompProfile: {type: Localhost, localhostProfile: p.json}}\n"}))
          .spec.security_context;
  EXPECT_EQ(context.run_as_user, 1);
  EXPECT_EQ(context.run_as_non_root, true);
  EXPECT_EQ(context.fs_group, 7);
  EXPECT_EQ(context.supplemental_groups, (std::vector<std::int64_t>{8, 9}));
  EXPECT_EQ(context.supplemental_groups_policy, SupplementalGroupsPolicy::Strict);
  EXPECT_EQ(context.fs_group_change_policy, FsGroupChangePolicy::OnRootMismatch);
  EXPECT_EQ(context.sysctls.at(0).name, "net.core.somaxconn");
  ASSERT_TRUE(context.seccomp_profile);
  EXPECT_EQ(context.seccomp_profile->type, SeccompProfile::Type::Localhost);
}

TEST(Decode, AVariableWithTwoValuesIsAnError) {
  EXPECT_EQ(
      mistakes(manifest({.container =
                             "    env: [{name: A, value: a, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n"}))
          .front(),
      "9:31 an environment variable has one of value, valueFrom, not two (value is given already)");
}

}  // namespace
}  // namespace podrun::pod
