// The whole report of a manifest with many mistakes.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "pod/manifest/parse.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

TEST(ParseReport, OnlyTheFirstHundredMistakesAreShown) {
  std::string text = manifest();
  for (int i = 0; i < 2'000; ++i) text += fmt::format("f{}: 1\n", i);
  const std::vector<std::string> all = mistakes(text);
  ASSERT_EQ(all.size(), 101U);
  EXPECT_EQ(all.back(), "0:0 only the first 100 mistakes are shown");
}

constexpr std::string_view broken_manifest =
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata:\n"
    "  name: web\n"
    "  annotations:\n"
    "    podrun.io/netwrok: none\n"
    "    größe: {世界: 1}\n"
    "restartPolicy: Never\n"
    "spec:\n"
    "  containers:\n"
    "  - name: app\n"
    "    imagee: busybox\n"
    "    command: [sh, \"-c\", \"echo 世界 é\", yes]\t# tab\n"
    "    env: [{name: \"A\",\tvalue: 8080}]\n"
    "    securityContext:\n"
    "      runAsUser: 0689\n"
    "    volumeMounts:\n"
    "    - {name: site, mountPath: srv/..}\n";

constexpr std::string_view whole_report =
    R"(web.yaml:6:5: error: podrun has no annotation "podrun.io/netwrok"
    6 |     podrun.io/netwrok: none
      |     ^ did you mean "podrun.io/network"?

web.yaml:7:5: error: the key "größe" must be letters, digits, "-", "_" and ".", with a letter or digit at both ends, at most 63 characters, after a DNS name and "/" or without them
    7 |     größe: {世界: 1}
      |     ^

web.yaml:7:12: error: annotations["größe"] must be a string, but this is a mapping
    7 |     größe: {世界: 1}
      |            ^

web.yaml:8:1: error: unknown field "restartPolicy" in the manifest
    8 | restartPolicy: Never
      | ^ restartPolicy belongs under spec or under spec.containers[]

web.yaml:12:5: error: unknown field "imagee" in a container
   12 |     imagee: busybox
      |     ^ did you mean "image"?

web.yaml:13:38: error: command[3] must be a string, but yes is a boolean
   13 |     command: [sh, "-c", "echo 世界 é", yes] # tab
      |                               )"
    "\u3000\u3000"
    R"(     ^ quote it: "yes"

web.yaml:14:30: error: value must be a string, but 8080 is a number
   14 |     env: [{name: "A", value: 8080}]
      |                              ^ quote it: "8080"

web.yaml:16:18: error: runAsUser "0689" must be a whole number
   16 |       runAsUser: 0689
      |                  ^

web.yaml:18:14: error: no volume is called "site"
   18 |     - {name: site, mountPath: srv/..}
      |              ^ volumes are declared under spec.volumes

web.yaml:18:31: error: mountPath "srv/.." must not contain ".."
   18 |     - {name: site, mountPath: srv/..}
      |                               ^ podrun's own rule: it must be one place below the root, whatever links the image has

10 errors
)";

TEST(ParseReport, AReportReadsLikeACompilers) {
  const auto pod = parse(broken_manifest);
  ASSERT_FALSE(pod);
  EXPECT_EQ(render(pod.error(), "web.yaml", broken_manifest), whole_report);
}

}  // namespace
}  // namespace podrun::pod
