// Whole files through the program: workloads, what a cluster prints, files that are no manifests, and large ones.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "supervisor/core/exit_status.hpp"
#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

constexpr int invalid = static_cast<int>(supervisor::ExitStatus::Invalid);

class ManifestFiles : public Verbs {
 protected:
  /// Runs a text in the foreground. `check` must accept it, too.
  Finished run_text(const std::string& text, const std::string& name = "pod.yaml") {
    const std::string path = root_.write(name, text);
    const Finished checked = run(root_, {"check", path});
    EXPECT_EQ(checked.status, 0) << checked.err;
    return run(root_, {path});
  }
  /// What `check` and a start say of a text that both refuse.
  std::string refusal(const std::string& text, const std::string& name = "pod.yaml") {
    const std::string path = root_.write(name, text);
    const Finished started = run(root_, {path}), checked = run(root_, {"check", path});
    EXPECT_EQ(started.status, invalid);
    EXPECT_EQ(checked.status, invalid);
    EXPECT_EQ(started.err, checked.err);
    return checked.err;
  }
};

TEST_F(ManifestFiles, WhatKubectlPrintsRuns) {
  const std::string text = contents_of(PODRUN_SOURCE_DIR "/tests/pod/manifest/data/kubectl-get-pod.yaml");
  const Finished ended = run_text(text);
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(ended.out, "web | shopnamespace\n") << "the namespace, and the only file";
  EXPECT_TRUE(holds(ended.err, "the ConfigMap \"kube-root-ca.crt\" is left out")) << ended.err;
}

TEST_F(ManifestFiles, AComposeFileIsOneErrorThatSaysWhatItIs) {
  const std::string said = refusal("services:\n  web:\n    image: nginx\n    ports: [\"80:80\"]\n", "compose.yaml");
  EXPECT_TRUE(holds(said, "compose.yaml:1:1: error: this is a Compose file")) << said;
  EXPECT_TRUE(said.ends_with("\n1 error\n")) << said;
}

TEST_F(ManifestFiles, AJobWithoutARestartPolicyIsRefused) {
  const std::string said = refusal(
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n"
      "      containers: [{name: c, image: localhost/busybox, command: ['true']}]\n");
  EXPECT_TRUE(holds(said, "7:7: error: the restartPolicy of a Job must be OnFailure or Never")) << said;
}

TEST_F(ManifestFiles, APodOfAnIndexedJobKnowsItsIndex) {
  const Finished ended = run_text(
      "apiVersion: batch/v1\nkind: Job\nmetadata: {name: sum}\nspec:\n  completions: 3\n  completionMode: Indexed\n"
      "  template:\n    spec:\n      restartPolicy: Never\n      containers:\n      - name: c\n"
      "        image: localhost/busybox\n        command: [sh, -c, 'echo $JOB_COMPLETION_INDEX $(hostname)']\n");
  EXPECT_EQ(ended.out, "c | 0 sum-0\n") << ended.err;
}

TEST_F(ManifestFiles, AStatefulSetsPodHasItsNamesAndClaims) {
  start(
      "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec:\n  serviceName: nodes\n"
      "  selector: {matchLabels: {app: db}}\n  template:\n    metadata: {labels: {app: db}}\n    spec:\n"
      "      containers:\n      - name: c\n        image: localhost/busybox\n        command: [sleep, '1000']\n"
      "        volumeMounts: [{name: data, mountPath: /data}]\n"
      "  volumeClaimTemplates:\n  - metadata: {name: data}\n"
      "    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n");
  EXPECT_EQ(run(root_, {"exec", "db-0", "--", "hostname", "-f"}).out, "db-0.nodes.default.svc.cluster.local\n");
  EXPECT_TRUE(holds(run(root_, {"volumes"}).out, "data-db-0"));
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "db-0"}).status, 0);
}

TEST_F(ManifestFiles, AClaimThatNoDocumentDeclaresIsMadeAndKept) {
  const std::string text =
      manifest("pod", {{"c", "cat /data/a; echo one >>/data/a", "volumeMounts: [{name: v, mountPath: /data}]"}},
               "restartPolicy: Never\nvolumes: [{name: v, persistentVolumeClaim: {claimName: pages}}]");
  const Finished first = run_text(text), second = run_text(text);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_TRUE(holds(first.err, "no document declares the PersistentVolumeClaim \"pages\"")) << first.err;
  EXPECT_EQ(second.out, "c | one\n");
  EXPECT_TRUE(holds(run(root_, {"volumes"}).out, "pages"));
}

TEST_F(ManifestFiles, WhatIsLeftOutHasItsDefault) {
  const Finished ended = run_text(manifest("pod",
                                           {{"c", "echo one >/data/a && cat /data/a",
                                             "lifecycle: {}\nenv: null\nvolumeMounts: [{name: v, mountPath: data}]\n"
                                             "securityContext: {runAsUser: 1e3, seLinuxOptions: {}}"}},
                                           "restartPolicy: Never\nvolumes: [{name: v}]\nhostAliases: null"));
  EXPECT_EQ(ended.out, "c | one\n") << ended.err;
}

TEST_F(ManifestFiles, JsonDocumentsFollowEachOther) {
  const auto pod = [](std::string_view name) {
    return fmt::format(
        R"({{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "{}"}}, "spec": {{"restartPolicy":)"
        R"( "Never", "containers": [{{"name": "c", "image": "localhost/busybox", "command": ["true"]}}]}}}})",
        name);
  };
  const Finished ended = run_text(pod("a") + "\n" + pod("b"), "pods.json");
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_TRUE(holds(ended.err, "pod a succeeded"));
  EXPECT_TRUE(holds(ended.err, "pod b succeeded"));
}

TEST_F(ManifestFiles, AFileMayHaveConfigMapsOfOneMebibyteEach) {
  const std::string content(1U << 20, 'x');
  std::string text;
  for (const std::string_view name : {"a", "b"})
    text += fmt::format("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\ndata: {{content: {}}}\n---\n", name,
                        content);
  const std::string pod = manifest("pod", {{"c", "wc -c </m/content", "volumeMounts: [{name: m, mountPath: /m}]"}},
                                   "restartPolicy: Never\nvolumes: [{name: m, configMap: {name: a}}]");
  const Finished ended = run_text(text + pod);
  EXPECT_EQ(ended.out, "c | 1048576\n") << ended.err;
  const std::string more =
      fmt::format("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{content: {}x}}\n---\n", content);
  EXPECT_TRUE(
      holds(refusal(more + pod), "the content of this ConfigMap has 1048577 bytes; 1 MiB (1048576) is the limit"));
}

TEST_F(ManifestFiles, AFileOfObjectsAloneIsToldHowItIsGiven) {
  const std::string said = refusal("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n", "secret.yaml");
  EXPECT_TRUE(holds(said, "secret.yaml: give it along with the file of a pod that uses it")) << said;
}

}  // namespace
}  // namespace podrun::test
