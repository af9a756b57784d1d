// Volumes of ConfigMaps, Secrets and the downward API, and claims, as a container sees them.
#include <signal.h>

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

const std::string objects =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {a.conf: from a}\nbinaryData: {b.bin: AAH/}\n"
    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2hunter2}\n"
    "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n";

class VolumeObjects : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::vector<ContainerText>& containers,
                    const std::string& spec) const {
    return root_.write(name + ".yaml", objects + manifest(name, containers, spec));
  }
  TemporaryRoot root_;
};

TEST_F(VolumeObjects, ObjectVolumesAreReadOnlyFilesOfTheFsGroup) {
  const std::string script =
      "cd /all; readlink a.conf; readlink keys; readlink ..data | sed 's/[0-9]/N/g'\n"
      "for f in a.conf keys/password labels; do echo $(cat $f); done; od -An -tx1 b.bin\n"
      "stat -Lc '%n %a %g' . ..data a.conf b.bin keys keys/password labels\n"
      "(touch x) 2>&1 | sed 's/.*: //'\n"
      "cat /one/password /part; echo; mount | grep -E ' /(all|one|part) ' | sed 's/.* on \\([^ ]*\\) type \\([^ ]*\\) "
      ".*/\\1 \\2/' | sort\n";
  PodRun pod(root_, {write("files",
                           {{"c", "exec 2>&1\n" + script,
                             "securityContext: {runAsUser: 1000}\nvolumeMounts: [{name: all, mountPath: /all}, "
                             "{name: one, mountPath: /one}, {name: one, mountPath: /part, subPath: password}]"}},
                           "restartPolicy: Never\nsecurityContext: {fsGroup: 2000}\nvolumes:\n"
                           "- name: all\n  projected:\n    sources:\n    - configMap: {name: app}\n"
                           "    - secret: {name: db, items: [{key: password, path: keys/password, mode: 0400}]}\n"
                           "    - serviceAccountToken: {path: token}\n"
                           "    - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.name}}]}\n"
                           "- name: one\n  secret: {secretName: db, defaultMode: 0400}\n")});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(pod.out(),
            "c | ..data/a.conf\nc | ..data/keys\nc | ..NNNN_NN_NN_NN_NN_NN.NNNNNNNNN\n"
            "c | from a\nc | hunter2hunter2\nc | files\nc |  00 01 ff\n"
            "c | . 2777 2000\nc | ..data 2755 2000\nc | a.conf 644 2000\nc | b.bin 644 2000\nc | keys 2755 2000\n"
            "c | keys/password 440 2000\nc | labels 644 2000\n"
            "c | Read-only file system\n"
            "c | hunter2hunter2hunter2hunter2\nc | /all tmpfs\nc | /one tmpfs\nc | /part tmpfs\n");
}

TEST_F(VolumeObjects, VolumesAreMountedInsideVolumesOfFiles) {
  PodRun pod(root_, {write("nested",
                           {{"c",
                             "ls /config; cat /config/keys/password /config/deep/er/a.conf; echo; "
                             "touch /config/x/y; ls /config/x",
                             "volumeMounts: [{name: map, mountPath: /config}, {name: secret, mountPath: /config/keys}, "
                             "{name: map, mountPath: /config/deep/er}, {name: dir, mountPath: /config/x}, "
                             "{name: secret, mountPath: /secret}, {name: dir, mountPath: /secret/dir}]"}},
                           "restartPolicy: Never\nvolumes:\n- {name: map, configMap: {name: app}}\n"
                           "- {name: secret, secret: {secretName: db}}\n- {name: dir, emptyDir: {}}\n")});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(pod.out(), "c | a.conf\nc | b.bin\nc | deep\nc | keys\nc | x\nc | hunter2hunter2from a\nc | y\n");
}

TEST_F(VolumeObjects, ASecretIsNeitherOnDiskNorInPodrunsOutput) {
  const std::string file = write("quiet", {{"c", until_stopped_after("cat /one/password > /dev/null; echo read"),
                                            "volumeMounts: [{name: one, mountPath: /one}]"}},
                                 "restartPolicy: Never\nvolumes: [{name: one, secret: {secretName: db}}]");
  PodRun pod(root_, {file});
  ASSERT_TRUE(pod.wait_for_out("c | read"));
  // All files of the running pod below the root are searched.
  for (const auto& entry : fs::recursive_directory_iterator(root_.path() + "/var"))
    EXPECT_FALSE(entry.is_regular_file() && holds(contents_of(entry.path()), "hunter2")) << entry.path();
  EXPECT_FALSE(holds(contents_of(root_.layout().state("default_quiet")), "hunter2"));
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"plan", file}, {"plan", "-o", "json", file}, {"script", file}, {"timeline", "quiet"}}) {
    const Finished said = run(root_, words);
    EXPECT_EQ(said.status, 0) << words[0] << said.err;
    EXPECT_FALSE(holds(said.out + said.err, "hunter2")) << words[0];
  }
  EXPECT_TRUE(holds(run(root_, {"plan", "-o", "json", file}).out, "<secret db/password>"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_FALSE(holds(pod.out() + pod.err(), "hunter2"));
}

TEST_F(VolumeObjects, AClaimOutlivesItsPodsAndIsRemovedWhenNoneUsesIt) {
  const std::string mount = "volumeMounts: [{name: v, mountPath: /v}]",
                    volumes = "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]";
  PodRun first(
      root_,
      {write("first", {{"c", "echo kept > /v/file; stat -c %a /v", mount + "\nsecurityContext: {runAsUser: 1000}"}},
             "restartPolicy: Never\n" + volumes)});
  EXPECT_EQ(first.wait_exit(), 0) << first.err();
  EXPECT_EQ(first.out(), "c | 777\n");
  PodRun second(root_,
                {write("second", {{"c", "stat -c '%a %g' /v /v/file; cat /v/file; " + ready_until_stopped, mount}},
                       "restartPolicy: Never\nsecurityContext: {fsGroup: 2000}\n" + volumes)});
  ASSERT_TRUE(second.wait_for_out("c | 2777 2000\nc | 664 2000\nc | kept\nc | ready\n")) << second.err();
  const auto listed = nlohmann::json::parse(run(root_, {"volumes", "-o", "json"}).out);
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["name"], "data");
  EXPECT_EQ(listed[0]["usedBy"], nlohmann::json::array({"second"}));
  EXPECT_GT(listed[0]["bytes"], 0);
  const Finished refused = run(root_, {"volumes", "rm", "data"});
  EXPECT_EQ(refused.status, 4);
  EXPECT_TRUE(holds(refused.err, "volume data is used by second"));
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait_exit(), 0) << second.err();
  EXPECT_TRUE(holds(run(root_, {"volumes"}).out, "data"));
  EXPECT_EQ(run(root_, {"volumes", "rm", "data"}).status, 0);
  EXPECT_EQ(run(root_, {"volumes", "-o", "json"}).out, "[]\n");
  EXPECT_EQ(run(root_, {"volumes", "rm", "data"}).status, 4);
  EXPECT_EQ(run(root_, {"volumes", "rm", "../pods"}).status, 4);
}

TEST_F(VolumeObjects, AMissingKeyIsRefusedBeforeTheStart) {
  const Finished refused =
      run(root_, {write("missing", {{"c", "true", "volumeMounts: [{name: v, mountPath: /v}]"}},
                        "volumes: [{name: v, secret: {secretName: db, items: [{key: pin, path: pin}]}}]")});
  EXPECT_EQ(refused.status, 2);
  EXPECT_TRUE(holds(refused.err, "pin") && holds(refused.err, "db")) << refused.err;
}

}  // namespace
}  // namespace podrun::test
