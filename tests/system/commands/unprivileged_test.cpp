// The verbs that need no root: schema, check, plan and script. The tests run them as another user.
#include <grp.h>
#include <unistd.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

/// A manifest with two unknown fields and two fields without effect.
const std::string mixed =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: mixed}\nspec:\n"
    "  colour: red\n"
    "  nodeSelector: {disk: ssd}\n"
    "  containers:\n"
    "  - flavour: sweet\n"
    "    name: c\n"
    "    image: localhost/busybox\n"
    "    resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]\n";

class Unprivileged : public testing::Test {
 protected:
  Unprivileged() { fs::permissions(root_.path(), fs::perms(0755)); }

  static void become_nobody() {
    constexpr unsigned nobody = 65534;
    if (::geteuid() == 0 && (::setgroups(0, nullptr) < 0 || ::setgid(nobody) < 0 || ::setuid(nobody) < 0)) ::_exit(99);
  }
  Finished as_nobody(const std::vector<std::string>& words) const {
    return run(root_, words, {.before_exec = become_nobody});
  }
  /// "ok" or "not ok", and each diagnostic of `check -o json` as "SEVERITY LINE:COLUMN".
  static std::vector<std::string> summary(const Finished& ended) {
    const auto json = nlohmann::json::parse(ended.out, nullptr, false);
    std::vector<std::string> lines{json.value("ok", false) ? "ok" : "not ok"};
    for (const auto& each : json.value("diagnostics", nlohmann::json::array()))
      lines.push_back(each.value("severity", "") + " " + std::to_string(each.value("line", 0)) + ":" +
                      std::to_string(each.value("column", 0)));
    return lines;
  }

  TemporaryRoot root_;
};

TEST_F(Unprivileged, SchemaIsOneJsonSchemaOfEveryKind) {
  PodRun podrun(std::vector<std::string>{build_folder + "/podrun", "schema"}, {.before_exec = become_nobody});
  EXPECT_EQ(podrun.wait_exit(), 0) << podrun.err();
  const auto schema = nlohmann::json::parse(podrun.out(), nullptr, false);
  ASSERT_TRUE(schema.is_object());
  EXPECT_TRUE(holds(schema.value("$schema", ""), "json-schema.org/draft-07"));
  for (const char* type : {"Pod", "Container", "ConfigMap", "Secret"})
    EXPECT_TRUE(schema["definitions"].contains(type)) << type;
}

TEST_F(Unprivileged, CheckTellsMistakesAndTheirRemedies) {
  const Finished ended = as_nobody({"check", root_.write("mixed.yaml", mixed)});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(holds(ended.err, "mixed.yaml:5:3: error: unknown field \"colour\" in spec\n    5 |   colour: red\n"))
      << ended.err;
  EXPECT_TRUE(holds(ended.err, "\n2 errors\n")) << ended.err;
  EXPECT_FALSE(holds(ended.err, "nodeSelector"));
}

TEST_F(Unprivileged, VerboseCheckReportsFieldsWithoutEffect) {
  const std::string plain = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  nodeSelector: {disk: ssd}\n"
                            "  containers: [{name: c, image: localhost/busybox, command: ['true']}]\n";
  const std::string path = root_.write("plain.yaml", plain);
  const Finished terse = as_nobody({"check", path});
  EXPECT_EQ(terse.status, 0) << terse.err;
  EXPECT_EQ(terse.err, "");
  EXPECT_EQ(terse.out,
            path + ": ok\npod p, 1 container\n1 field without effect on one node: podrun check -v tells why\n");
  const Finished verbose = as_nobody({"check", "-v", path});
  EXPECT_EQ(verbose.status, 0);
  EXPECT_EQ(verbose.out, path + ": ok\npod p, 1 container\n");
  EXPECT_TRUE(holds(verbose.err, "plain.yaml:5:3: note: nodeSelector has no effect: there is one node\n"))
      << verbose.err;
}

TEST_F(Unprivileged, CheckReportsEveryDiagnosticInJson) {
  const std::string path = root_.write("mixed.yaml", mixed);
  const Finished strict = as_nobody({"check", "-o", "json", path});
  EXPECT_EQ(strict.status, 2);
  EXPECT_EQ(strict.err, "");
  EXPECT_EQ(nlohmann::json::parse(strict.out, nullptr, false).value("file", ""), path);
  EXPECT_EQ(summary(strict),
            (std::vector<std::string>{"not ok", "error 5:3", "note 6:3", "error 8:5", "note 11:5"}));
  const Finished lenient = as_nobody({"check", "--lenient", "-o", "json", path});
  EXPECT_EQ(lenient.status, 0);
  EXPECT_EQ(summary(lenient),
            (std::vector<std::string>{"ok", "warning 5:3", "note 6:3", "warning 8:5", "note 11:5"}));
}

TEST_F(Unprivileged, LenientLeavesOutWhatItWarnsOf) {
  const std::string path = root_.write("mixed.yaml", mixed);
  for (const std::string verb : {"check", "plan", "script"}) {
    EXPECT_EQ(as_nobody({verb, path}).status, 2) << verb;
    const Finished ended = as_nobody({verb, "--lenient", path});
    EXPECT_EQ(ended.status, 0) << verb << ended.err;
    EXPECT_TRUE(
        holds(ended.err, "mixed.yaml:8:5: warning: unknown field \"flavour\" in a container; it is left out"))
        << ended.err;
  }
  EXPECT_FALSE(fs::exists(root_ / "run") || fs::exists(root_ / "var"));
}

TEST_F(Unprivileged, RunIsRefusedWithoutRoot) {
  const Finished refused = as_nobody({"--lenient", root_.write("mixed.yaml", mixed)});
  EXPECT_EQ(refused.status, 3);
  EXPECT_TRUE(holds(refused.err, "podrun: this needs root (check, plan, script, info and schema do not)\n"));
}

}  // namespace
}  // namespace podrun::test
