// The rules for names, paths and references, and the rules between parts of a manifest.
#include "pod/manifest/validate.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/value_syntax.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

using Strings = std::vector<std::string_view>;

void expect_rule(TextRule rule, const Strings& good, const Strings& bad) {
  for (const std::string_view value : good) EXPECT_EQ(rule(value), "") << value;
  for (const std::string_view value : bad) EXPECT_NE(rule(value), "") << value;
}

const std::string a63(63, 'a');
const std::string a64(64, 'a');

TEST(Rules, OnlyValidDnsLabelsAreAccepted) {
  expect_rule(dns_label, {"a", "web-1", "0", a63},
              {"", "-a", "a-", "A", "a.b", "a_b", "a/b", "..", ".a", "é", a64, "a\n"});
}

TEST(Rules, OnlyValidDnsSubdomainsAreAccepted) {
  const std::string long_name = a63 + "." + a63 + "." + a63 + "." + std::string(61, 'a');
  expect_rule(dns_subdomain, {"a", "web.site-1", long_name},
              {"", ".", "..", ".a", "a.", "a..b", "a/b", "A", "a_b", long_name + "a"});
}

TEST(Rules, OnlyValidQualifiedNamesAreAccepted) {
  expect_rule(qualified_name, {"app", "A_b.c-d", "example.com/app", a63},
              {"", "/a", "a/", "a/b/c", "Example.com/a", "-a", "a b", a64, "é"});
}

TEST(Rules, OnlyValidLabelValuesAreAccepted) {
  expect_rule(label_value, {"", "a", "A_b.c", a63}, {"-a", "a b", "a/b", a64});
}

TEST(Rules, OnlyValidPodUidsAreAccepted) {
  expect_rule(pod_uid, {"0b5c1e6e-6f0c-4c1e-9d8f-000000000000", "A", a64},
              {"", "-", ".", "..", "a/b", "a.b", "a_b", a64 + "a"});
}

TEST(Rules, OnlyValidEnvironmentNamesAreAccepted) {
  expect_rule(env_name, {"A", "a.b-c", "with space", "1"}, {"", "A=B", "=", "é", "a\n"});
}

TEST(Rules, OnlyValidAbsolutePathsAreAccepted) {
  expect_rule(absolute_path, {"/", "/a", "/a/", "/a//b", "/a/./b", "/..a", "/a b:c", "/é"},
              {"", "a", "./a", "/..", "/a/..", "/a/../b", "/a\nb", "/" + std::string(256, 'a')});
  std::string long_path;
  while (long_path.size() < 4096) long_path += "/aaaaaaa";
  EXPECT_EQ(absolute_path(long_path), "must be at most 4095 bytes long");
}

TEST(Rules, OnlyValidMountPathsAreAccepted) {
  expect_rule(mount_path, {"/a", "/a/b"}, {"", "a", "/", "//", "/.", "/a:b", "/a/.."});
}

TEST(Rules, OnlyValidImageReferencesAreAccepted) {
  expect_rule(image_reference,
              {"busybox", "busybox:1.36", "localhost/busybox", "localhost:5000/a/b:V1", "a.b/c_d-e",
               "rootfs:/", "rootfs:/srv/root fs", "a@sha256:" + std::string(64, '0'),
               "a.b/c:1@sha256:" + std::string(64, 'f')},
              {"",     ":",     "a:",      ":a",        "Busybox",        "/a",
               "a/",   "a//b",  "../a",    "a/..",      "a/../b",         "a/.b",
               "a..b", "a:.b",  "a:..",    "a:b/c:d:e", "a/b:c/d",        "a@sha256:00",
               "a@sha512:" + std::string(64, '0'), "a@sha256:" + std::string(64, 'F'),
               "@sha256:" + std::string(64, '0'),
               "a b",  "a:b c", "rootfs:", "rootfs:a",  "rootfs:/a/../b", "é"});
}

TEST(Validate, ANameThatIsUnsafeInAPathIsRefused) {
  for (const char* name : {"..", ".a", "a/b", "A", "a_b", "\"\""}) {
    EXPECT_TRUE(mistake(manifest({.metadata = fmt::format("  name: {}\n", name)})).starts_with("4:")) << name;
  }
  EXPECT_EQ(mistake(manifest({.metadata = "  name: web\n  namespace: a.b\n"})),
            "5:14 namespace \"a.b\" must be lower-case letters, digits and \"-\", with a letter or digit at "
            "both ends, at most 63 characters");
  EXPECT_EQ(mistake(manifest({.metadata = "  name: web\n  uid: ../x\n"})),
            "5:8 uid \"../x\" must be letters, digits and \"-\", beginning with a letter or digit, at most "
            "64 characters");
}

TEST(Validate, NamesAreUnique) {
  EXPECT_EQ(mistake(manifest({.container = "  - {name: app, image: b}\n"})),
            "9:12 the container name \"app\" is taken (first on line 7)");
  EXPECT_EQ(
      mistake(manifest({.spec = "  volumes:\n  - {name: a, emptyDir: {}}\n  - {name: a, emptyDir: {}}\n"})),
      "8:12 the volume name \"a\" is taken (first on line 7)");
}

TEST(Validate, APodHasAsManyContainersAsItsPauseCanHold) {
  std::string more;
  for (std::size_t i = 1; i < most_containers; ++i) more += fmt::format("  - {{name: c{}, image: b}}\n", i);
  EXPECT_EQ(mistakes(manifest({.container = more})), std::vector<std::string>{});
  more += "  - {name: last, image: b}\n";
  EXPECT_EQ(mistake(manifest({.container = more})),
            "7:3 241 containers; at most 240 are possible (podrun's own rule: its pause can hold no more)");
}

TEST(Validate, EnvironmentVariablesMayRepeat) {
  EXPECT_EQ(mistakes(manifest({.container = "    env: [{name: A, value: b}, {name: A, value: c}]\n"})),
            std::vector<std::string>{});
}

TEST(Validate, AMountOfAnUndeclaredVolumeIsAMistake) {
  constexpr std::string_view volumes = "  volumes:\n  - {name: data, emptyDir: {}}\n";
  EXPECT_EQ(
      mistake(manifest({.spec = volumes, .container = "    volumeMounts: [{name: dta, mountPath: /a}]\n"})),
      "11:27 no volume is called \"dta\" (did you mean \"data\"?)");
  EXPECT_EQ(mistake(manifest({.container = "    volumeMounts: [{name: data, mountPath: /a}]\n"})),
            "9:27 no volume is called \"data\" (volumes are declared under spec.volumes)");
}

TEST(Validate, ContradictoryMountOptionsAreRefused) {
  const auto of = [](const std::string& fields) {
    return mistake(manifest({.spec = "  volumes:\n  - {name: data, emptyDir: {}}\n",
                             .container = "    volumeMounts: [{name: data, mountPath: /a, " + fields + "}]\n"}));
  };
  EXPECT_TRUE(of("recursiveReadOnly: Enabled").ends_with(" recursiveReadOnly needs readOnly: true"));
  EXPECT_TRUE(of("readOnly: true, recursiveReadOnly: Enabled, mountPropagation: HostToContainer")
                  .ends_with(" recursiveReadOnly cannot be together with mountPropagation"));
  EXPECT_TRUE(of("mountPropagation: Bidirectional")
                  .ends_with(" mountPropagation Bidirectional needs securityContext.privileged: true"));
  EXPECT_TRUE(of("subPath: a, subPathExpr: b").ends_with(" subPath and subPathExpr exclude each other"));
}

TEST(Validate, AVolumeMayBeMountedTwiceOrNever) {
  EXPECT_EQ(mistakes(manifest(
                {.spec = "  volumes: [{name: a, emptyDir: {}}, {name: b, emptyDir: {}}]\n",
                 .container = "    volumeMounts: [{name: a, mountPath: /a}, {name: a, mountPath: /b}]\n"})),
            std::vector<std::string>{});
}

TEST(Validate, ARepeatedMountPathIsAMistakeHoweverItIsWritten) {
  EXPECT_EQ(
      mistake(manifest(
          {.spec = "  volumes: [{name: a, emptyDir: {}}]\n",
           .container = "    volumeMounts: [{name: a, mountPath: /x/y}, {name: a, mountPath: /x/.//y/}]\n"})),
      "10:69 the mountPath \"/x/.//y/\" is taken (first on line 10, as \"/x/y\"; podrun's own rule: one would hide the "
      "other)");
}

TEST(Validate, APrivilegedContainerCannotForbidPrivilegeEscalation) {
  EXPECT_EQ(
      mistake(manifest({.container = "    securityContext: {privileged: true, allowPrivilegeEscalation: false}\n"})),
      "9:67 allowPrivilegeEscalation cannot be false with privileged: true");
  EXPECT_EQ(mistake(manifest({.container = "    securityContext:\n"
                                           "      allowPrivilegeEscalation: false\n"
                                           "      capabilities: {add: [SYS_ADMIN]}\n"})),
            "10:33 allowPrivilegeEscalation cannot be false with the capability SYS_ADMIN added (podrun's own rule: "
            "Kubernetes refuses this only where it is spelt CAP_SYS_ADMIN, which means the same)");
}

TEST(Validate, GracePeriodIsNotNegative) {
  EXPECT_EQ(mistake(manifest({.spec = "  terminationGracePeriodSeconds: -1\n"})),
            "6:34 terminationGracePeriodSeconds must be from 0 to 2147483647");
  EXPECT_EQ(mistakes(manifest({.spec = "  terminationGracePeriodSeconds: 0\n"})), std::vector<std::string>{});
}

TEST(Validate, AnUnknownRestartPolicyIsAMistakeThatListsTheValues) {
  EXPECT_EQ(mistake(manifest({.spec = "  restartPolicy: always\n"})),
            "6:18 restartPolicy must be one of Always, OnFailure, Never, but this is \"always\" (did you "
            "mean \"Always\"?)");
}

TEST(Validate, AnUnknownPodrunAnnotationOrValueIsAMistake) {
  const auto annotation = [](std::string_view line) {
    return mistake(manifest({.metadata = fmt::format("  name: web\n  annotations:\n    {}\n", line)}));
  };
  EXPECT_EQ(annotation("podrun.io/network: none"), "0 mistakes: ");
  EXPECT_EQ(annotation("podrun.io/network: default"), "0 mistakes: ");
  EXPECT_EQ(annotation("podrun.io/network: host"),
            "6:24 podrun.io/network must be none or default, but this is \"host\"");
  EXPECT_EQ(annotation("podrun.io/network: 1"),
            "6:24 annotations[\"podrun.io/network\"] must be a string, but 1 is a number (quote it: \"1\")");
  EXPECT_EQ(annotation("podrun.io/netwrok: none"),
            "6:5 podrun has no annotation \"podrun.io/netwrok\" (did you mean \"podrun.io/network\"?)");
  EXPECT_EQ(annotation("podrun.io/ports: none"),
            "6:5 podrun has no annotation \"podrun.io/ports\" (there is podrun.io/network, "
            "podrun.io/network.CONTAINER, podrun.io/systemd-ready, podrun.io/backoff-initial, "
            "podrun.io/backoff-max, podrun.io/backoff-reset, podrun.io/namespaces, "
            "podrun.io/time-offsets, podrun.io/limit-cpu, podrun.io/limit-fsize, podrun.io/limit-data, "
            "podrun.io/limit-stack, "
            "podrun.io/limit-core, podrun.io/limit-rss, podrun.io/limit-nproc, podrun.io/limit-nofile, "
            "podrun.io/limit-memlock, podrun.io/limit-as, podrun.io/limit-locks, podrun.io/limit-sigpending, "
            "podrun.io/limit-msgqueue, podrun.io/limit-nice, podrun.io/limit-rtprio, podrun.io/limit-rttime)");
  EXPECT_EQ(annotation("example.com/network: any"), "0 mistakes: ");
}

TEST(Validate, ANetworkAnnotationIsAboutANamespaceThatIsThere) {
  const auto annotated = [](std::string_view lines, std::string_view spec = "") {
    return mistake(manifest({.metadata = fmt::format("  name: web\n  annotations:\n{}", lines), .spec = spec}));
  };
  const std::string own = "    podrun.io/namespaces: \"app: net=private\"\n";
  EXPECT_EQ(annotated(own + "    podrun.io/network.app: default\n"), "0 mistakes: ");
  EXPECT_EQ(annotated(own + "    podrun.io/network.app: none\n"), "0 mistakes: ");
  EXPECT_EQ(annotated(own + "    podrun.io/network.app: host\n"),
            "7:28 podrun.io/network.app must be none or default, but this is \"host\"");
  EXPECT_EQ(annotated("    podrun.io/network.app: default\n"),
            "6:28 podrun.io/network.app: app has no network of its own: podrun.io/namespaces must give it net=private");
  EXPECT_EQ(annotated("    podrun.io/network.ap: default\n"),
            "6:27 podrun.io/network.ap: no container is called \"ap\"; did you mean \"app\"?");
  EXPECT_EQ(annotated("    podrun.io/network.CONTAINER: none\n"),
            "6:34 podrun.io/network.CONTAINER: no container is called \"CONTAINER\"");
  for (const std::string_view value : {"none", "default"})
    EXPECT_EQ(annotated(fmt::format("    podrun.io/network: {}\n", value), "  hostNetwork: true\n"),
              "6:24 podrun.io/network: with hostNetwork: true the pod uses the host's network, and has none of its own "
              "that could be connected or not");
}

TEST(Validate, BackoffAnnotationsAreDurationsInBoundsAndInOrder) {
  const auto annotations = [](std::string_view lines) {
    return mistake(manifest({.metadata = fmt::format("  name: web\n  annotations:\n{}", lines)}));
  };
  EXPECT_EQ(annotations("    podrun.io/backoff-initial: 250ms\n    podrun.io/backoff-max: 1m30s\n"
                        "    podrun.io/backoff-reset: 1h\n"),
            "0 mistakes: ");
  for (const char* wrong : {"10", "-1s", "0s", "1ms", "25h", "soon", "10 s"})
    EXPECT_EQ(
        annotations(fmt::format("    podrun.io/backoff-reset: \"{}\"\n", wrong)),
        fmt::format("6:30 podrun.io/backoff-reset must be a duration from 10ms to 24h, such as 10s or 1m30s, but this "
                    "is \"{}\"",
                    wrong));
  EXPECT_EQ(annotations("    podrun.io/backoff-initial: 10m\n"),
            "6:32 podrun.io/backoff-initial (10m) must not exceed podrun.io/backoff-max (5m)");
  EXPECT_EQ(annotations("    podrun.io/backoff-max: 1s\n"),
            "6:28 podrun.io/backoff-initial (10s) must not exceed podrun.io/backoff-max (1s)");
}

TEST(Validate, NamespaceNameAndUidFitIntoOneFileName) {
  const std::string name = a63 + "." + a63 + "." + a63;  // 191 characters
  const auto metadata = [&](std::size_t length) {
    return fmt::format("  name: {}\n  namespace: {}\n", name, std::string(length, 'n'));
  };
  EXPECT_EQ(mistakes(manifest({.metadata = metadata(26)})), std::vector<std::string>{});
  EXPECT_EQ(mistake(manifest({.metadata = metadata(27)})),
            "4:9 namespace, name and uid name a directory and may have 255 characters together, two \"_\" "
            "included; these have 256");
}

TEST(FilePaths, ADuplicatePathInAProjectedVolumeIsAMistake) {
  const std::string mount = "    volumeMounts: [{name: v, mountPath: /v}]\n";
  EXPECT_EQ(
      mistake(manifest({.spec = "  volumes:\n  - name: v\n    projected:\n      sources:\n"
                                "      - configMap: {name: a, items: [{key: k, path: p}, {key: l, path: q}]}\n"
                                "      - downwardAPI: {items: [{path: p, fieldRef: {fieldPath: metadata.name}}]}\n",
                        .container = mount})),
      "11:38 the path \"p\" is taken (first on line 10)");
}

TEST(FilePaths, ADuplicatePathInAConfigMapVolumeIsAWarning) {
  const std::string text = manifest(
      {.spec = "  volumes:\n  - name: v\n    configMap: {name: a, items: [{key: k, path: p}, {key: l, path: p}]}\n",
       .container = "    volumeMounts: [{name: v, mountPath: /v}]\n"});
  const ParseResult judged = parse_with_diagnostics(text, Leniency::Strict);
  EXPECT_TRUE(judged.pod);
  ASSERT_EQ(judged.diagnostics.size(), 1U);
  EXPECT_EQ(judged.diagnostics[0].severity, Severity::Warning);
  EXPECT_EQ(judged.diagnostics[0].message, "the path \"p\" is taken: this file replaces the other");
}

}  // namespace
}  // namespace podrun::pod
