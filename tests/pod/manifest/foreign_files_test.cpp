// Files that are not manifests: one error says what each is, and what to do.
#include "pod/manifest/foreign_files.hpp"

#include <gtest/gtest.h>

#include "tests/pod/manifests.hpp"
#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

const std::string compose =
    "this is a Compose file, not a Kubernetes manifest (write a Pod with a container for each "
    "service (podrun-pod(5)), or convert the file: kompose convert)";

TEST(ForeignFiles, AComposeFileIsOneError) {
  const std::string services =
      "services:\n  web:\n    image: nginx\n    ports: [\"8080:80\"]\n    depends_on: [db]\n"
      "  db: {image: postgres, environment: {POSTGRES_PASSWORD: x}}\n";
  EXPECT_EQ(errors(services), Lines{"1:1 " + compose});
  EXPECT_EQ(errors("version: \"3.8\"\n\n" + services + "volumes: {data: }\n"), Lines{"1:1 " + compose});
  EXPECT_EQ(errors("# shop\nname: shop\nx-common: &c {restart: always}\n" + services), Lines{"2:1 " + compose});
  EXPECT_EQ(errors("services:\n  web:\n    image: nginx\n    ports: !override [\"80:80\"]\n"), Lines{"1:1 " + compose});
  EXPECT_EQ(errors("web:\n  image: nginx\ndb:\n  build: ./db\n"), Lines{"1:1 " + compose});
  EXPECT_EQ(errors("services:\n"), Lines{"1:1 " + compose});
}

TEST(ForeignFiles, ATemplateIsOneErrorAtItsFirstBrackets) {
  const std::string what =
      "this is a template, not a manifest yet (render it first: helm template FOLDER | podrun run -)";
  EXPECT_EQ(errors("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\nspec:\n  containers: []\n"),
            Lines{"4:9 " + what});
  EXPECT_EQ(errors("{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n").size(), 1U);
  EXPECT_TRUE(errors("{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n").front().ends_with(what));
  EXPECT_EQ(
      errors("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    {{- include \"labels\" . | nindent 4 "
             "}}\nspec: {}\n")
          .size(),
      1U);
  EXPECT_EQ(errors(manifest({.metadata = "  name: \"{{ name }}\"\n"})), Lines{"4:9 " + what});
  EXPECT_EQ(errors("{% for a in b %}\napiVersion: v1\n{% endfor %}\n").size(), 1U);
}

TEST(ForeignFiles, APlaceholderTakesThePlaceOfItsErrors) {
  EXPECT_EQ(errors(manifest({.metadata = "  name: ${NAME}\n", .container = "    tty: 5\n"})),
            (Lines{"4:9 this is a placeholder, not a value yet (fill it in first: envsubst <FILE | podrun run -)",
                   "9:10 tty must be true or false, but this is \"5\""}));
  EXPECT_EQ(errors(manifest({.metadata = "  name: \"<name>\"\n"})),
            Lines{"4:9 this is a placeholder, not a value yet (write the value in its place)"});
}

TEST(ForeignFiles, BracketsInAGoodValueAreNoTemplate) {
  EXPECT_EQ(errors(manifest({.container = "    args: [\"{{.Name}}\", \"${HOME}\"]\n"})), Lines{});
  EXPECT_EQ(errors(manifest({.container = "    args: [\"{{.Name}}\", \"${HOME}\", 5]\n"})),
            Lines{"9:36 args[2] must be a string, but 5 is a number (quote it: \"5\")"});
}

TEST(ForeignFiles, OtherFilesAreNamed) {
  EXPECT_EQ(errors("# build\nFROM alpine:3\nRUN apk add curl\n"),
            Lines{"2:1 this is a Dockerfile, not a Kubernetes manifest (build the image, and name it in a Pod: "
                  "podrun-pod(5))"});
  EXPECT_EQ(errors("ARG V=3\nFROM alpine:${V}\nCMD [\"sh\", \"-c\", \"a: b\"]\n").size(), 1U);
  for (const std::string_view section : {"Unit", "Container", "Kube"})
    EXPECT_EQ(errors(fmt::format("[{}]\nDescription=a\nYaml=pod.yaml\n", section)),
              Lines{"1:1 this is a unit of systemd, not a Kubernetes manifest (podrun reads the manifest that a [Kube] "
                    "unit names; podrun(1) has a unit for it)"});
  EXPECT_EQ(errors("#!/bin/sh\npodman run -d nginx\n"), Lines{"1:1 this is a script, not a Kubernetes manifest"});
  EXPECT_EQ(
      errors("apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
      Lines{"1:1 this describes a Helm chart and is not a manifest (render the chart first: helm template FOLDER | "
            "podrun run -)"});
  EXPECT_EQ(
      errors("{\"ociVersion\": \"1.0.2\", \"process\": {}}\n"),
      Lines{"1:1 this is the configuration of an OCI runtime, not a Kubernetes manifest (write a Pod with the image "
            "rootfs:/FOLDER: podrun-pod(5))"});
  for (const std::string_view other : {"global: {scrape_interval: 15s}\n", "on: push\njobs: {}\n", "{}\n"})
    EXPECT_EQ(errors(other), Lines{"1:1 this is not a Kubernetes manifest: it has neither apiVersion nor kind (a Pod "
                                   "begins with apiVersion: v1 and kind: Pod: podrun-pod(5))"});
}

TEST(ForeignFiles, ATextWithoutFieldsIsOneError) {
  for (const std::string_view other :
       {"hello world\n", "- hosts: all\n", "[{\"Id\": \"a\"}]", "<?xml version=\"1\"?><a/>\n"})
    EXPECT_EQ(errors(other), Lines{"1:1 this is not a Kubernetes manifest: it does not consist of fields (a Pod begins "
                                   "with apiVersion: v1 and kind: Pod: podrun-pod(5))"});
}

TEST(ForeignFiles, AKustomizationIsSkippedWithAWarning) {
  const std::string warning =
      "warning: podrun does not carry out a kustomization; it is skipped (carry it out first: "
      "kubectl kustomize FOLDER | podrun run -)";
  EXPECT_EQ(said(read({"resources: [pod.yaml]\nnamePrefix: a-\n"})), Lines{"1:1:1 " + warning});
  EXPECT_EQ(said(read({"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [pod.yaml]\n"})),
            Lines{"1:2:7 warning: podrun skips kind \"Kustomization\" (carry it out first: kubectl kustomize FOLDER | "
                  "podrun run -)"});
}

TEST(ForeignFiles, AManifestWithAMistakeIsNoForeignFile) {
  EXPECT_EQ(errors("kind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n"),
            Lines{"1:1 the field \"apiVersion\" is missing in the manifest"});
  EXPECT_EQ(errors("metadata: {name: a}\nspec: {containers: [{name: a, image: b}]}\n").size(), 2U);
  EXPECT_EQ(errors("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  t: |\n    {{ define }}\n  u: 5\n"),
            Lines{"7:6 data[\"u\"] must be a string, but 5 is a number (quote it: \"5\")"});
}

}  // namespace
}  // namespace podrun::pod
