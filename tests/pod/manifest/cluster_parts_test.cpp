// Pods as a cluster prints them: what only a cluster has is left out, and said.
#include "pod/manifest/cluster_parts.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/pod/manifests.hpp"
#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

std::string printed_by_kubectl() {
  std::ifstream file(PODRUN_SOURCE_DIR "/tests/pod/manifest/data/kubectl-get-pod.yaml");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ClusterParts, APodThatAClusterPrintsIsAccepted) {
  const auto manifests = read({printed_by_kubectl()});
  EXPECT_EQ(loud(manifests),
            Lines{"1:118:17 warning: the ConfigMap \"kube-root-ca.crt\" is left out: there is no cluster whose "
                  "certificates it would have"});
  EXPECT_EQ(pods(manifests), Lines{"shop_web-7c5ddbdf54-x7k2p"});
  for (const char* field : {"nodeName", "tolerations", "managedFields", "ownerReferences", "status",
                            "serviceAccountToken", "enableServiceLinks", "imagePullSecrets", "schedulerName"}) {
    const bool is_used = std::string_view(field) == "nodeName" || std::string_view(field) == "imagePullSecrets";
    const Lines all = said(manifests);
    EXPECT_EQ(
        std::ranges::any_of(
            all, [&](const std::string& line) { return line.contains(fmt::format("note: {} has no effect", field)); }),
        !is_used)
        << field;
  }
}

TEST(ClusterParts, AListOfWhatAClusterPrintsIsAccepted) {
  std::string list = "apiVersion: v1\nkind: List\nmetadata: {resourceVersion: \"\"}\nitems:\n";
  const std::string pod = printed_by_kubectl();
  for (std::size_t at = 0; at < pod.size(); at = pod.find('\n', at) + 1)
    list += (at == 0 ? "- " : "  ") + pod.substr(at, pod.find('\n', at) + 1 - at);
  EXPECT_EQ(pods(read({list})), Lines{"shop_web-7c5ddbdf54-x7k2p"});
  EXPECT_TRUE(has_no_errors(read({list})));
  EXPECT_EQ(said(read({"apiVersion: v1\nkind: List\nitems: null\n"})), Lines{});
}

TEST(ClusterParts, ItemsOfAPodListHaveTheirKindFromIt) {
  const auto manifests =
      read({"apiVersion: v1\nkind: PodList\nitems:\n- metadata: {name: a}\n"
            "  spec: {containers: [{name: c, image: b}]}\n"});
  EXPECT_EQ(said(manifests), Lines{});
  EXPECT_EQ(pods(manifests), Lines{"default_a"});
}

TEST(ClusterParts, ACertificateThatADocumentDeclaresStays) {
  const std::string map =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kube-root-ca.crt, namespace: shop}\ndata: {ca.crt: a}\n";
  EXPECT_EQ(loud(read({printed_by_kubectl(), map})), Lines{});
}

TEST(ClusterParts, TheSecretOfAServiceAccountsTokenIsLeftOut) {
  const auto with = [](const std::string& name, const std::string& path) {
    return loud(read({manifest({.spec = "  volumes: [{name: t, secret: {secretName: " + name + "}}]\n",
                                .container = "    volumeMounts: [{name: t, mountPath: " + path + "}]\n"})}));
  };
  const std::string path = "/var/run/secrets/kubernetes.io/serviceaccount";
  EXPECT_EQ(with("default-token-x7k2p", path),
            Lines{"1:6:44 warning: the Secret \"default-token-x7k2p\" is left out: there is no API server to show its "
                  "token to"});
  EXPECT_EQ(with("default-token-x7k2p", "/srv").size(), 1U);
  EXPECT_TRUE(with("default-token-x7k2p", "/srv").front().contains("error: there is no Secret"));
  EXPECT_TRUE(with("password", path).front().contains("error: there is no Secret"));
}

TEST(ClusterParts, APodOfAWorkloadThatIsGivenIsLeftOut) {
  const auto owned = [](std::string_view kind, std::string_view name, std::string_view owner) {
    return fmt::format(
        "apiVersion: {}\nkind: {}\nmetadata:\n  name: {}\n  ownerReferences:\n"
        "  - {{apiVersion: apps/v1, kind: {}, name: web, uid: u, controller: true}}\nspec:\n",
        kind == "Pod" ? "v1" : "apps/v1", kind, name, owner);
  };
  const std::string containers = "containers: [{name: c, image: b}]\n";
  const std::string rest =
      "  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n"
      "    spec:\n      " +
      containers;
  const std::string deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n" + rest;
  const std::string set = owned("ReplicaSet", "web-1", "Deployment") + rest;
  const auto both = read({deployment + "---\n" + set});
  EXPECT_EQ(pods(both), Lines{"default_web"});
  EXPECT_TRUE(said(both).back().ends_with(
      "warning: \"web-1\" is left out: it belongs to the Deployment \"web\", which is given"));
  EXPECT_EQ(pods(read({set})), Lines{"default_web-1"});
}

}  // namespace
}  // namespace podrun::pod
