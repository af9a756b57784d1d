// From text to Pod: what is accepted, the types of scalars, and where fields may stand.
#include "pod/manifest/parse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view whole_manifest = R"(apiVersion: v1
kind: Pod
metadata:
  name: web.site-1
  namespace: prod
  uid: 0b5c-1
  labels: {app: web, example.com/tier: ""}
  annotations: {podrun.io/network: none, note: "any: text"}
spec:
  restartPolicy: OnFailure
  terminationGracePeriodSeconds: 5
  hostname: www
  volumes:
  - name: site
    emptyDir: {}
  - name: data
    hostPath: {path: /srv/data}
  containers:
  - name: app
    image: registry:5000/team/app:V1.2_x
    command: [/bin/app, "8080"]
    args: ["-v", ""]
    workingDir: /srv
    env:
    - {name: A, value: "1"}
    - {name: B}
    volumeMounts:
    - {name: site, mountPath: /www}
    - {name: data, mountPath: /data/, readOnly: true}
    securityContext:
      runAsUser: 2147483647
      runAsGroup: 0
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
  - name: two
    image: rootfs:/srv/root fs
)";

TEST(Parse, AWholeManifestIsParsed) {
  const auto pod = parse(whole_manifest);

  ASSERT_TRUE(pod) << pod.error().front().message;
  EXPECT_EQ(pod->metadata.name, "web.site-1");
  EXPECT_EQ(pod->metadata.namespace_name, "prod");
  EXPECT_EQ(pod->metadata.uid, "0b5c-1");
  EXPECT_EQ(pod->metadata.labels,
            (std::map<std::string, std::string>{{"app", "web"}, {"example.com/tier", ""}}));
  EXPECT_EQ(pod->metadata.annotations.at("note"), "any: text");
  EXPECT_EQ(pod->spec.restart_policy, RestartPolicy::OnFailure);
  EXPECT_EQ(pod->spec.termination_grace_period_seconds, 5);
  EXPECT_EQ(pod->spec.hostname, "www");
  ASSERT_EQ(pod->spec.volumes.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<EmptyDir>(pod->spec.volumes[0].source));
  EXPECT_EQ(std::get<HostPath>(pod->spec.volumes[1].source).path, "/srv/data");
}

TEST(Parse, AContainersFieldsAreParsed) {
  const auto pod = parse(whole_manifest);
  ASSERT_TRUE(pod) << pod.error().front().message;
  ASSERT_EQ(pod->spec.containers.size(), 2U);
  const Container& app = pod->spec.containers[0];
  EXPECT_EQ(app.image, "registry:5000/team/app:V1.2_x");
  EXPECT_EQ(app.command, (std::vector<std::string>{"/bin/app", "8080"}));
  EXPECT_EQ(app.args, (std::vector<std::string>{"-v", ""}));
  EXPECT_EQ(app.working_dir, "/srv");
  EXPECT_EQ(app.env, (std::vector<EnvVar>{{"A", "1"}, {"B", ""}}));
  ASSERT_EQ(app.volume_mounts.size(), 2U);
  EXPECT_EQ(app.volume_mounts[1].mount_path, "/data/");
  EXPECT_FALSE(app.volume_mounts[0].read_only);
  EXPECT_TRUE(app.volume_mounts[1].read_only);
  EXPECT_EQ(app.security_context.run_as_user, 2'147'483'647);
  EXPECT_EQ(app.security_context.run_as_group, 0);
  EXPECT_TRUE(app.security_context.read_only_root_filesystem);
  EXPECT_FALSE(app.security_context.allow_privilege_escalation);
  EXPECT_EQ(pod->spec.containers[1].image, "rootfs:/srv/root fs");
}

TEST(Parse, AnOmittedFieldHasItsDefault) {
  const auto pod = parse(manifest());
  ASSERT_TRUE(pod) << pod.error().front().message;
  EXPECT_EQ(pod->metadata.namespace_name, "default");
  EXPECT_EQ(pod->metadata.uid, "");
  EXPECT_EQ(pod->spec.restart_policy, RestartPolicy::Always);
  EXPECT_EQ(pod->spec.termination_grace_period_seconds, 30);
  EXPECT_EQ(pod->spec.containers[0].security_context.run_as_user, std::nullopt);
  EXPECT_TRUE(pod->spec.containers[0].security_context.allow_privilege_escalation);
}

TEST(Parse, NullAndEmptyTextCountAsLeftOut) {
  const auto pod = parse(manifest(
      {.metadata = "  name: web\n  namespace: \"\"\n  labels:\n  annotations: ~\n",
       .spec = "  restartPolicy: null\n  hostname: ''\n  volumes: []\n",
       .container =
           "    args:\n    env: null\n    workingDir: \"\"\n    securityContext: {runAsUser: null}\n"}));
  ASSERT_TRUE(pod) << pod.error().front().message;
  EXPECT_EQ(pod->metadata.namespace_name, "default");
  EXPECT_EQ(pod->spec.restart_policy, RestartPolicy::Always);
  EXPECT_EQ(pod->spec.containers[0].working_dir, "");
}

TEST(Parse, JsonByteOrderMarkAndCrLfAreAccepted) {
  EXPECT_TRUE(parse(R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "labels": {"a": "b"}},
                        "spec": {"containers": [{"name": "app", "image": "busybox", "args": ["\ud83d\ude00"]}]}})"));
  std::string windows = "\uFEFF";
  for (const char c : manifest()) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_TRUE(parse(windows));
}

TEST(Parse, AliasesAreFollowed) {
  const auto pod = parse(manifest(
      {.container = "    env: &env [{name: A, value: b}]\n  - {name: two, image: busybox, env: *env}\n"}));
  ASSERT_TRUE(pod) << pod.error().front().message;
  EXPECT_EQ(pod->spec.containers[1].env, (std::vector<EnvVar>{{"A", "b"}}));
}

TEST(Parse, AMistakeBehindSeveralAliasesIsReportedOnce) {
  EXPECT_EQ(mistake(manifest(
                {.container =
                     "    env: &env [{name: A, values: b}]\n  - {name: two, image: busybox, env: *env}\n"})),
            "9:26 unknown field \"values\" in an environment variable (did you mean \"value\"?)");
}

TEST(Parse, NumbersAndBooleansMustBeQuotedInAStringField) {
  const auto arg = [](std::string_view value) {
    return mistake(manifest({.container = fmt::format("    args: [{}]\n", value)}));
  };
  for (const char* number :
       {"8080", "-1", "+1", "1.5", ".5", "1e3", "0x1F", "0o17", "0644", "1_000", ".inf", "-.INF", ".nan"})
    EXPECT_EQ(arg(number),
              fmt::format("9:12 args[0] must be a string, but {0} is a number (quote it: \"{0}\")", number));
  for (const char* boolean : {"true", "False", "yes", "NO", "on", "Off", "y", "N"})
    EXPECT_EQ(
        arg(boolean),
        fmt::format("9:12 args[0] must be a string, but {0} is a boolean (quote it: \"{0}\")", boolean));
  for (const char* text : {"1.2.3", "10.0.0.1:80", "8080:80", "-", "-v", "1e", "0xg", "0x", "truer", "yes!",
                           "'8080'", "!!str 8080", "2001-12-14", "._", "é"})
    EXPECT_EQ(mistakes(manifest({.container = fmt::format("    args: [{}]\n", text)})),
              std::vector<std::string>{})
        << text;
  EXPECT_EQ(arg("[a]"), "9:12 args[0] must be a string, but this is a list");
  EXPECT_EQ(arg("{a: b}"), "9:12 args[0] must be a string, but this is a mapping");
}

TEST(Parse, BooleansAreThoseOfYaml11) {
  const auto read_only = [](std::string_view value) {
    return manifest({.container = fmt::format("    securityContext:\n      readOnlyRootFilesystem: {}\n", value)});
  };
  for (const char* yes : {"true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "Y"})
    EXPECT_TRUE(parse(read_only(yes)).value().spec.containers[0].security_context.read_only_root_filesystem) << yes;
  for (const char* no : {"false", "False", "no", "NO", "off", "Off", "n"})
    EXPECT_FALSE(parse(read_only(no)).value().spec.containers[0].security_context.read_only_root_filesystem) << no;
  for (const char* neither : {"1", "tRUE", "yEs", "truer", "t"})
    EXPECT_EQ(mistake(read_only(neither)),
              fmt::format("10:31 readOnlyRootFilesystem must be true or false, but this is \"{}\"", neither));
  EXPECT_EQ(mistake(read_only("\"true\"")),
            "10:31 readOnlyRootFilesystem must be true or false, but this is \"true\" (write true without quotes)");
  EXPECT_EQ(mistake(read_only("[]")), "10:31 readOnlyRootFilesystem must be true or false, but this is a list");
  EXPECT_EQ(mistake(read_only("{}")), "10:31 readOnlyRootFilesystem must be true or false, but this is a mapping");
}

TEST(Parse, IntegersAreThoseOfYaml11) {
  const auto user = [](std::string_view value) {
    return manifest({.container = fmt::format("    securityContext:\n      runAsUser: {}\n", value)});
  };
  for (const auto& [text, value] : {std::pair{"0644", 420},
                                    {"0o644", 420},
                                    {"0x1F", 31},
                                    {"0b11", 3},
                                    {"+5", 5},
                                    {"1_000", 1000},
                                    {"0", 0},
                                    {"00", 0},
                                    {"1.0", 1},
                                    {"80.", 80},
                                    {"1e3", 1000},
                                    {"8.08E+3", 8080},
                                    {"120e-1", 12},
                                    {"1_000.0", 1000},
                                    {"-0.0", 0}})
    EXPECT_EQ(parse(user(text)).value().spec.containers[0].security_context.run_as_user, value) << text;
  for (const char* other : {"08", "0x", "1.5", "15e-1", "1e", ".", "0x1.0", "abc", "true", "_1", "--1"})
    EXPECT_EQ(mistake(user(other)), fmt::format("10:18 runAsUser \"{}\" must be a whole number", other));
  EXPECT_EQ(mistake(user("1e30")), "10:18 runAsUser \"1e30\" is too large");
  EXPECT_EQ(mistake(user("1e300")), "10:18 runAsUser \"1e300\" is too large");
  EXPECT_EQ(mistake(user("99999999999999999999")), "10:18 runAsUser \"99999999999999999999\" is too large");
  EXPECT_EQ(mistake(user("'1000'")),
            "10:18 runAsUser must be a whole number, but this is a string (write 1000 without quotes)");
  EXPECT_EQ(mistake(user("-1")), "10:18 runAsUser must be from 0 to 2147483647");
  EXPECT_EQ(mistake(user("2147483648")), "10:18 runAsUser must be from 0 to 2147483647");
}

TEST(Parse, ANulInAStringIsAMistake) {
  EXPECT_EQ(mistake(manifest({.container = "    args: [\"a\\0b\"]\n"})),
            "9:12 args[0] must not contain a NUL character");
}

TEST(Parse, AnUnknownFieldHasAHint) {
  EXPECT_EQ(mistake(manifest({.spec = "  restartpolicy: Never\n"})),
            "6:3 unknown field \"restartpolicy\" in spec (did you mean \"restartPolicy\"?)");
  EXPECT_EQ(mistake(manifest({.container = "    cheese: true\n"})), "9:5 unknown field \"cheese\" in a container");
}

TEST(Parse, AKnownFieldInTheWrongPlaceIsToldWhereItBelongs) {
  EXPECT_EQ(mistake(manifest({.container = "    hostNetwork: true\n"})),
            "9:5 unknown field \"hostNetwork\" in a container (hostNetwork belongs under spec)");
  EXPECT_EQ(mistake("restartPolicy: Never\n" + manifest()),
            "1:1 unknown field \"restartPolicy\" in the manifest (restartPolicy belongs under spec or under "
            "spec.containers[])");
  EXPECT_EQ(
      mistake(manifest({.spec = "  volumeMounts: []\n"})),
      "6:3 unknown field \"volumeMounts\" in spec (volumeMounts belongs under spec.containers[])");
  EXPECT_EQ(mistake(manifest({.spec = "  kind: Pod\n"})),
            "6:3 unknown field \"kind\" in spec (kind belongs at the top)");
}

TEST(Parse, AMisspeltFieldIsNotAlsoReportedAsMissing) {
  EXPECT_EQ(
      mistake(
          "apiVersion: v1\nkind: Pod\nmetadata: {nmae: web}\nspec: {containers: [{name: a, image: b}]}\n"),
      "3:12 unknown field \"nmae\" in metadata (did you mean \"name\"?)");
  EXPECT_EQ(mistake(manifest({.spec = "  volumes:\n  - {name: a, emptydir: {}}\n"})),
            "7:15 unknown field \"emptydir\" in a volume (did you mean \"emptyDir\"?)");
}

TEST(Parse, AMissingOrEmptyRequiredFieldIsAMistake) {
  EXPECT_EQ(mistakes("kind: Pod\nspec: {containers: []}\nmetadata:\n"),
            (std::vector<std::string>{"1:1 the field \"apiVersion\" is missing in the manifest",
                                      "2:8 containers must not be empty", "3:1 metadata must not be empty"}));
  EXPECT_EQ(mistakes(manifest({.container = "  - {}\n  -\n"})),
            (std::vector<std::string>{"9:5 the field \"name\" is missing in a container",
                                      "9:5 the field \"image\" is missing in a container",
                                      "10:3 the field \"name\" is missing in a container",
                                      "10:3 the field \"image\" is missing in a container"}));
}

TEST(Parse, AVolumeHasAtMostOneSource) {
  const auto volume = [](std::string_view fields) {
    return mistake(manifest({.spec = fmt::format("  volumes:\n  - {{name: a{}}}\n", fields)}));
  };
  const std::string kinds =
      "emptyDir, hostPath, configMap, secret, downwardAPI, projected, persistentVolumeClaim, image, ephemeral";
  EXPECT_EQ(volume(""), "0 mistakes: ");
  EXPECT_EQ(volume(", emptyDir: {}, hostPath: {path: /a}"),
            "7:29 a volume has one of " + kinds + ", not two (emptyDir is given already)");
  EXPECT_EQ(volume(", emptyDir: null"), "0 mistakes: ");
  EXPECT_EQ(volume(", emptyDir: null, hostPath: {path: /a}"), "0 mistakes: ");
  EXPECT_EQ(volume(", emptyDir: {mode: 7}"), "7:26 unknown field \"mode\" in an emptyDir");
  EXPECT_EQ(volume(", hostPath: {}"), "7:25 the field \"path\" is missing in a hostPath");
}

TEST(Parse, OnlyKindPodOfApiVersionV1IsAccepted) {
  EXPECT_EQ(mistake("apiVersion: apps/v1\nkind: Deployment\nspec: {template: {}}\n"),
            "2:7 podrun runs manifests of kind Pod, but this is \"Deployment\"");
  EXPECT_EQ(
      mistake("apiVersion: v1\nkind: pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n"),
      "2:7 kind must be Pod, but this is \"pod\"");
  EXPECT_EQ(
      mistake("apiVersion: v2\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n"),
      "1:13 apiVersion must be v1, but this is \"v2\"");
}

TEST(Parse, AManifestMustBeAMapping) {
  EXPECT_EQ(mistake("[a]"), "1:1 a manifest must be a mapping, but this is a list");
  EXPECT_EQ(mistake("text"), "1:1 a manifest must be a mapping, but this is \"text\"");
  EXPECT_EQ(mistakes("apiVersion: v1\nkind: Pod\nmetadata: x\nspec: [x]\n"),
            (std::vector<std::string>{"3:11 metadata must be a mapping, but this is \"x\"",
                                      "4:7 spec must be a mapping, but this is a list"}));
}

}  // namespace
}  // namespace podrun::pod
