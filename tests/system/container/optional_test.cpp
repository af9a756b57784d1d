// Optional ConfigMaps and Secrets that are missing: `check` calls the manifest good, and the container finds an empty
// place.
#include <fmt/format.h>

#include "tests/system/support/container_view.hpp"

namespace podrun::test {
namespace {

class Optional : public testing::Test {
 protected:
  /// The output of a script in a container that mounts the volume at /all, and its app.conf at /part.
  std::string of(const std::string& volume, const std::string& script, const std::string& objects = "") {
    const std::string fields =
        "volumeMounts: [{name: v, mountPath: /all}, {name: v, mountPath: /part, subPath: app.conf}]";
    const std::string file =
        root_.write("optional.yaml", objects + manifest("optional", {{"c", "exec 2>&1\n" + script, fields}},
                                                        "restartPolicy: Never\nvolumes: [{name: v, " + volume + "}]"));
    const Finished checked = run(root_, {"check", file});
    EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
    const Finished ended = run(root_, {file});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.out;
  }
  TemporaryRoot root_;
};

/// Prints the names at the top that are not the volume's own, the kind of /part and what is in it.
constexpr char looks[] = "cd /all; ls; stat -c %F /part; ls -A /part; (touch /part/x) 2>&1 | sed 's/.*: //'";
constexpr char empty_place[] = "c | directory\nc | Read-only file system\n";
/// The directory for the part is made in the volume, as by the kubelet.
const std::string only_the_part = "c | app.conf\n" + std::string(empty_place);
const std::string part_and_other = "c | app.conf\nc | other\n" + std::string(empty_place);

TEST_F(Optional, APartOfAMissingObjectIsAnEmptyDirectory) {
  EXPECT_EQ(of("configMap: {name: none, optional: true}", looks), only_the_part);
  EXPECT_EQ(of("secret: {secretName: none, optional: true}", looks), only_the_part);
  EXPECT_EQ(of("projected: {sources: [{configMap: {name: none, optional: true}}]}", looks), only_the_part);
  EXPECT_EQ(of("projected: {sources: [{secret: {name: none, optional: true}}, {configMap: {name: none, optional: "
               "true}}]}",
               looks),
            only_the_part);
}

TEST_F(Optional, AMissingObjectIsAnEmptyVolume) {
  for (const char* source : {"configMap: {name: none, optional: true}", "secret: {secretName: none, optional: true}",
                             "projected: {sources: [{secret: {name: none, optional: true}}]}"})
    EXPECT_EQ(seen(root_, {.script = "ls /m; echo started",
                           .fields = "volumeMounts: [{name: v, mountPath: /m}]",
                           .spec = std::string("volumes: [{name: v, ") + source + "}]"}),
              "started");
}

TEST_F(Optional, AMissingItemIsLeftOutAndItsPartIsAnEmptyDirectory) {
  const std::string config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {other: text}\n---\n";
  const std::string items = "items: [{key: other, path: other}, {key: app.conf, path: app.conf}], optional: true";
  EXPECT_EQ(of("configMap: {name: app, " + items + "}", looks, config), part_and_other);
  EXPECT_EQ(of("projected: {sources: [{configMap: {name: app, " + items + "}}]}", looks, config), part_and_other);
  const std::string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: app}\nstringData: {other: text}\n---\n";
  EXPECT_EQ(of("secret: {secretName: app, " + items + "}", looks, secret), part_and_other);
}

// The kubelet makes the directory, too, and a start never fails for it.
TEST_F(Optional, APartThatNoKeyHasIsAnEmptyDirectoryAndAWarning) {
  const std::string config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\ndata: {other: text}\n---\n";
  EXPECT_EQ(of("configMap: {name: app}", looks, config), part_and_other);
  const Finished checked = run(root_, {"check", root_ / "optional.yaml"});
  EXPECT_TRUE(holds(checked.out + checked.err,
                    "warning: the volume \"v\" has no \"app.conf\": an empty directory is mounted, as by Kubernetes"))
      << checked.out << checked.err;
}

TEST_F(Optional, MissingVariablesAreAbsent) {
  EXPECT_EQ(
      seen(root_, {.script = "env | grep -c ^OPTIONAL; echo \"$OPTIONAL_A$OPTIONAL_B\"",
                   .fields = "env:\n"
                             "- {name: OPTIONAL_A, valueFrom: {configMapKeyRef: {name: none, key: k, optional: "
                             "true}}}\n"
                             "- {name: OPTIONAL_B, valueFrom: {secretKeyRef: {name: none, key: k, optional: true}}}\n"
                             "envFrom:\n- {configMapRef: {name: none, optional: true}}\n"
                             "- {secretRef: {name: none, optional: true}}"}),
      "0\n");
}

}  // namespace
}  // namespace podrun::test
