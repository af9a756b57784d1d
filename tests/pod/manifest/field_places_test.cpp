// Where the fields of a pod are in its text.
#include "pod/manifest/field_places.hpp"

#include <gtest/gtest.h>

#include <string>

#include "pod/manifest/manifests.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view web =
    "kind: Pod\napiVersion: v1\nmetadata: {name: web}\nspec:\n  securityContext:\n    runAsNonRoot: true\n"
    "  containers:\n  - name: a\n    image: first\n"
    "  - name: b\n    image: second\n    securityContext: {runAsUser: 1}\n";

/// The rest of the text at a field, up to the end of the line.
std::string text_at(const Manifests& manifests, std::string_view text, std::string_view field, std::size_t pod = 0) {
  const std::string_view rest = text.substr(manifests.pods.at(pod).places.at(field));
  return std::string(rest.substr(0, rest.find('\n')));
}

TEST(FieldPlaces, AFieldIsFoundByItsName) {
  const Manifests manifests = read_manifests({{"web.yaml", std::string(web)}}, {});
  EXPECT_EQ(text_at(manifests, web, "spec.containers[1].image"), "second");
  EXPECT_EQ(text_at(manifests, web, "metadata.name"), "web}");
  EXPECT_EQ(text_at(manifests, web, "spec.containers[1].securityContext.runAsUser"), "1}");
}

TEST(FieldPlaces, AFieldThatIsNotThereIsAtTheNearestOneAbove) {
  const Manifests manifests = read_manifests({{"web.yaml", std::string(web)}}, {});
  EXPECT_EQ(text_at(manifests, web, "spec.containers[1].command"), "name: b");
  EXPECT_EQ(text_at(manifests, web, "spec.containers[7].image"), "- name: a");
  EXPECT_EQ(text_at(manifests, web, ""), "kind: Pod");
}

TEST(FieldPlaces, WhatAContainerInheritsIsAtThePodsField) {
  const Manifests manifests = read_manifests({{"web.yaml", std::string(web)}}, {});
  EXPECT_EQ(text_at(manifests, web, "spec.containers[0].securityContext.runAsNonRoot"), "true");
  EXPECT_EQ(text_at(manifests, web, "spec.containers[1].securityContext.runAsNonRoot"), "true");
}

TEST(FieldPlaces, EachDocumentOfATextHasItsOwn) {
  const std::string two = std::string(web) + "---\n" + "apiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec:\n" +
                          "  containers: [{name: c, image: third}]\n";
  const Manifests manifests = read_manifests({{"two.yaml", two}}, {});
  EXPECT_EQ(text_at(manifests, two, "spec.containers[0].image", 0), "first");
  EXPECT_EQ(text_at(manifests, two, "spec.containers[0].image", 1), "third}]");
}

TEST(FieldPlaces, TheTemplateOfAWorkloadHasThoseOfItsText) {
  const std::string text =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {a: b}}\n"
      "  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers: [{name: c, image: inner}]\n";
  const Manifests manifests = read_manifests({{"web.yaml", text}}, {});
  EXPECT_EQ(text_at(manifests, text, "spec.containers[0].image"), "inner}]");
}

TEST(FieldPlaces, AFieldBelowAKnownErrorIsNotSound) {
  const std::string wrong = std::string(web) + "    colour: red\n";
  const Manifests manifests = read_manifests({{"web.yaml", wrong}}, {});
  const FieldPlaces& places = manifests.pods.at(0).places;
  EXPECT_FALSE(places.is_sound("spec.containers[1].workingDir")) << "the container has a wrong field";
  EXPECT_TRUE(places.is_sound("spec.containers[1].image")) << "which no other field changes";
  EXPECT_TRUE(places.is_sound("spec.containers[0].image"));
  EXPECT_TRUE(places.is_sound("spec.securityContext.runAsNonRoot"));
  EXPECT_FALSE(places.is_sound(""));
}

TEST(FieldPlaces, WithoutARootNothingIsSoundOnceAnErrorIsKnown) {
  EXPECT_TRUE(FieldPlaces().is_sound("spec"));
  EXPECT_FALSE(FieldPlaces({}, nullptr, {7}).is_sound("spec"));
}

TEST(FieldPlaces, AContainerIsNotSoundIfWhatItInheritsIsWrong) {
  std::string wrong(web);
  wrong.replace(wrong.find("runAsNonRoot: true"), 18, "runAsNonRoot: 1234");
  const Manifests manifests = read_manifests({{"web.yaml", wrong}}, {});
  const FieldPlaces& places = manifests.pods.at(0).places;
  EXPECT_FALSE(places.is_sound("spec.containers[0].securityContext.runAsNonRoot"));
  EXPECT_TRUE(places.is_sound("spec.containers[0].image"));
}

TEST(FieldPlaces, SysctlsOfAPodAreNotInherited) {
  std::string wrong(web);
  wrong.insert(wrong.find("    runAsNonRoot: true"), "    sysctls: [{name: kernel.msgmax, value: a}]\n");
  const Manifests manifests = read_manifests({{"web.yaml", wrong}}, {});
  const FieldPlaces& places = manifests.pods.at(0).places;
  EXPECT_FALSE(places.is_sound("spec.securityContext.sysctls"));
  EXPECT_TRUE(places.is_sound("spec.containers[0].securityContext.runAsNonRoot"));
}

TEST(Validate, AWrongFieldDoesNotHideAWrongAnnotation) {
  const std::string text =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    podrun.io/limit-nofile: \"x: 5\"\n"
      "spec:\n  colour: red\n  hostPID: true\n  shareProcessNamespace: true\n  containers: [{name: a, image: a}]\n";
  std::vector<std::size_t> lines;
  const Manifests manifests = read_manifests({{"web.yaml", text}}, {});
  for (const Diagnostic& each : manifests.diagnostics.at(0))
    if (each.severity == Severity::Error) lines.push_back(each.at.line);
  EXPECT_EQ(lines, (std::vector<std::size_t>{6, 8, 10}));
}

}  // namespace
}  // namespace podrun::pod
