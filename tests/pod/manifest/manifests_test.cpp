// Several documents, kinds and files: the pods that result, and the diagnostics of the rest.
#include "pod/manifest/manifests.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/pod/manifests.hpp"
#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

std::string named(std::string_view name) { return manifest({.metadata = fmt::format("  name: {}\n", name)}); }

const std::string config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n";

TEST(Manifests, EachDocumentOfEachFileYieldsItsPod) {
  const auto manifests = read({named("a") + "---\n" + named("b"), named("c") + "...\n---\n"});
  EXPECT_EQ(said(manifests), Lines{});
  EXPECT_EQ(pods(manifests), (Lines{"default_a", "default_b", "default_c"}));
  EXPECT_EQ(manifests.pods[2].source, 1U);
}

TEST(Manifests, AListIsReplacedByItsItems) {
  const auto manifests =
      read({"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: x}\n"
            "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n"
            "  spec: {containers: [{name: c, image: busybox}]}\n"});
  EXPECT_EQ(said(manifests), Lines{});
  EXPECT_EQ(pods(manifests), Lines{"default_a"});
  EXPECT_NE(manifests.pods[0].pod.objects.config_map("x"), nullptr);
}

TEST(Manifests, APodFindsObjectsOfOtherFilesInItsOwnNamespaceOnly) {
  const std::string elsewhere =
      "apiVersion: v1\nkind: Secret\nmetadata: {name: key, namespace: other}\nstringData: {a: b}\n";
  const auto manifests = read({named("a"), config_map + "---\n" + elsewhere});
  EXPECT_EQ(said(manifests), Lines{});
  EXPECT_NE(manifests.pods[0].pod.objects.config_map("settings"), nullptr);
  EXPECT_EQ(manifests.pods[0].pod.objects.secret("key"), nullptr);
}

TEST(Manifests, FileKeyRefNeedsADeclaredEmptyDirAndARelativePath) {
  const auto with = [](const std::string& volume, const std::string& path = "a") {
    return said(
        read({manifest({.spec = "  volumes: [{name: data, emptyDir: {}}, {name: host, hostPath: {path: /srv}}]\n",
                        .container = "    volumeMounts: [{name: data, mountPath: /a}, {name: host, mountPath: /b}]\n"
                                     "    env:\n    - name: X\n      valueFrom: {fileKeyRef: {volumeName: " +
                                     volume + ", path: " + path + ", key: K}}\n"})}));
  };
  EXPECT_EQ(with("data"), Lines{});
  EXPECT_EQ(with("dat"), Lines{"1:13:44 error: no volume is called \"dat\" (volumes are declared under spec.volumes)"});
  EXPECT_EQ(
      with("host"),
      Lines{"1:13:44 error: the volume \"host\" is not an emptyDir (variables come only from files of an emptyDir)"});
  EXPECT_EQ(with("data", "../a"), Lines{"1:13:56 error: path \"../a\" must not contain \"..\""});
  EXPECT_EQ(with("data", "/a"), Lines{"1:13:56 error: path \"/a\" must be a relative path"});
}

TEST(Manifests, AReferenceToAMissingObjectIsAnErrorAtItsPlace) {
  const auto with = [](const std::string& from) {
    return said(read({manifest({.container = "    env:\n    - name: X\n      valueFrom: {" + from + "}\n"}) + "---\n" +
                      config_map}));
  };
  EXPECT_EQ(with("configMapKeyRef: {name: settings, key: colour}"), Lines{});
  EXPECT_EQ(
      with("configMapKeyRef: {name: setings, key: colour}"),
      Lines{"1:11:43 error: there is no ConfigMap \"setings\" in namespace \"default\" (did you mean \"settings\"?)"});
  EXPECT_EQ(with("configMapKeyRef: {name: settings, key: color}"),
            Lines{"1:11:58 error: the ConfigMap \"settings\" has no key \"color\" (did you mean \"colour\"?)"});
  EXPECT_EQ(with("configMapKeyRef: {name: other, key: color, optional: true}"), Lines{});
  EXPECT_EQ(
      with("fieldRef: {fieldPath: metadata.labels}"),
      Lines{"1:11:41 error: a variable cannot have the field \"metadata.labels\" (metadata.name, .namespace, .uid, "
            ".labels['KEY'], .annotations['KEY'], spec.nodeName, spec.serviceAccountName, status.hostIP, .hostIPs, "
            ".podIP or .podIPs)"});
}

TEST(Manifests, TwoObjectsOfTheSameNameAreAnError) {
  EXPECT_EQ(said(read({named("a") + "---\n" + named("a")})),
            Lines{"1:13:9 error: the Pod \"a\" of namespace \"default\" is there already"});
  EXPECT_EQ(said(read({config_map, config_map})),
            Lines{"2:3:18 error: the ConfigMap \"settings\" of namespace \"default\" is there already"});
}

TEST(Manifests, TheNamespaceOptionAppliesToManifestsThatNameNone) {
  const auto manifests = read({named("a") + "---\n" + config_map}, {.namespace_name = "lab"});
  EXPECT_EQ(pods(manifests), Lines{"lab_a"});
  EXPECT_NE(manifests.pods[0].pod.objects.config_map("settings"), nullptr);
  EXPECT_EQ(said(read({manifest({.metadata = "  name: a\n  namespace: home\n"})}, {.namespace_name = "lab"})),
            Lines{"1:5:14 error: the manifest's namespace is \"home\", but --namespace says \"lab\""});
}

TEST(Manifests, UnsupportedKindsAreSkippedWithADiagnostic) {
  EXPECT_EQ(said(read({"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\n"})),
            Lines{"1:2:7 warning: podrun skips kind \"Ingress\""});
  EXPECT_EQ(said(read({"apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: x}\n"})),
            Lines{"1:2:7 error: there is no kind \"Deploymnet\" (did you mean \"Deployment\"?)"});
}

TEST(Manifests, AKindOfAnotherGroupIsNoMisspelling) {
  const auto kind = [](std::string_view version, std::string_view name) {
    return said(read({fmt::format("apiVersion: {}\nkind: {}\nmetadata: {{name: x}}\n", version, name)}));
  };
  EXPECT_EQ(kind("apiregistration.k8s.io/v1", "APIService"), Lines{"1:2:7 warning: podrun skips kind \"APIService\""});
  EXPECT_EQ(kind("serving.knative.dev/v1", "Service"), Lines{"1:2:7 warning: podrun skips kind \"Service\""});
  EXPECT_EQ(kind("v1", "Servce"), Lines{"1:2:7 error: there is no kind \"Servce\" (did you mean \"Service\"?)"});
}

TEST(Manifests, AClaimThatNoDocumentDeclaresIsMadeWithAWarning) {
  const auto with = [](const std::string& claim) {
    return loud(read({manifest({.spec = "  volumes: [{name: v, persistentVolumeClaim: {claimName: " + claim + "}}]\n",
                                .container = "    volumeMounts: [{name: v, mountPath: /v}]\n"}) +
                      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
                      "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"}));
  };
  EXPECT_EQ(with("data"), Lines{});
  EXPECT_EQ(with("pages"), Lines{"1:6:58 warning: no document declares the PersistentVolumeClaim \"pages\": podrun "
                                 "makes a directory for it"});
  EXPECT_EQ(with("dat"), Lines{"1:6:58 warning: no document declares the PersistentVolumeClaim \"dat\": podrun makes a "
                               "directory for it (did you mean \"data\"?)"});
}

// Kubernetes' controller of ephemeral volumes refuses such a claim: it "was not created for pod".
TEST(Manifests, AnEphemeralVolumeTakesNoClaimOfADocument) {
  const auto with = [](const std::string& metadata) {
    return loud(read({manifest({.spec = "  volumes:\n  - name: v\n    ephemeral: {volumeClaimTemplate: {spec: "
                                        "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}\n",
                                .container = "    volumeMounts: [{name: v, mountPath: /v}]\n"}) +
                      "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {" + metadata + "}\n"
                      "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"}));
  };
  EXPECT_EQ(with("name: web-v"),
            Lines{"1:7:11 error: the claim of this ephemeral volume would be \"web-v\", but a document declares a "
                  "PersistentVolumeClaim of that name, which is not the volume's (rename one of them, or mount that "
                  "claim with persistentVolumeClaim)"});
  EXPECT_EQ(with("name: web-w"), Lines{});
  EXPECT_EQ(with("name: web-v, namespace: shop"), Lines{});
  // As kubectl get pod,pvc prints it.
  EXPECT_EQ(with("name: web-v, ownerReferences: [{apiVersion: v1, kind: Pod, name: web, uid: '1'}]"), Lines{});
}

TEST(Manifests, AnObjectOfAnotherNamespaceIsToldApart) {
  const auto with = [](const std::string& spec, const std::string& container, const std::string& object) {
    return loud(read({manifest({.spec = spec, .container = container}) + "---\napiVersion: v1\n" + object}));
  };
  EXPECT_EQ(with("", "    envFrom: [{configMapRef: {name: map}}]\n",
                 "kind: ConfigMap\nmetadata: {name: map, namespace: shop}\ndata: {a: b}\n"),
            Lines{"1:9:37 error: there is no ConfigMap \"map\" in namespace \"default\" (there is one in namespace "
                  "\"shop\": give it and the pod the same namespace)"});
  EXPECT_EQ(with("  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]\n",
                 "    volumeMounts: [{name: v, mountPath: /v}]\n",
                 "kind: PersistentVolumeClaim\nmetadata: {name: data, namespace: shop}\n"
                 "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"),
            Lines{"1:6:58 warning: no document declares the PersistentVolumeClaim \"data\": podrun makes a directory "
                  "for it (there is one in namespace \"shop\": give it and the pod the same namespace)"});
}

TEST(Manifests, AMissingObjectIsToldHowToBeGiven) {
  const auto with = [](const std::string& from) {
    return said(read({manifest({.container = "    envFrom: [" + from + "]\n"}) + "---\n" + config_map}));
  };
  EXPECT_EQ(with("{configMapRef: {name: other}}"),
            Lines{"1:9:37 error: there is no ConfigMap \"other\" in namespace \"default\" (give the file of the "
                  "ConfigMap along: podrun run POD.yaml FILE)"});
  EXPECT_EQ(with("{secretRef: {name: settings}}"),
            Lines{"1:9:34 error: there is no Secret \"settings\" in namespace \"default\" (give the file of the Secret "
                  "along: podrun run POD.yaml FILE)"});
  EXPECT_EQ(errors(manifest({.container = "    env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: "
                                          "other}}}]\n"}) +
                   "---\n" + config_map),
            Lines{"9:72 the ConfigMap \"settings\" has no key \"other\" (its keys are colour)"});
}

TEST(Manifests, AConfigMapOrSecretMayHaveOneMebibyteOfContent) {
  const auto content = [](std::size_t size) {
    return errors("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\nbinaryData: {b: YWJj}\ndata:\n  a: " +
                  std::string(size, 'x') + "\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n" +
                  "  a: " + std::string(size, 'x') + "\n");
  };
  constexpr std::size_t limit = 1U << 20, of_bytes = 3;
  EXPECT_EQ(content(limit - of_bytes), Lines{});
  EXPECT_EQ(content(limit - of_bytes + 1),
            Lines{"2:7 the content of this ConfigMap has 1048577 bytes; 1 MiB (1048576) is the limit"});
  EXPECT_EQ(content(limit + 1),
            (Lines{"2:7 the content of this ConfigMap has 1048580 bytes; 1 MiB (1048576) is the limit",
                   "9:7 the content of this Secret has 1048577 bytes; 1 MiB (1048576) is the limit"}));
}

}  // namespace
}  // namespace podrun::pod
