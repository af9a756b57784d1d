// check, plan, script and the start judge a manifest alike, and report all of its mistakes at once.
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

/// A pod whose container runs COMMAND and has these lines, each with its line end.
std::string pod_with(std::string_view lines, std::string_view command = "exit 0") {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: judged}}\nspec:\n  restartPolicy: Never\n"
      "  terminationGracePeriodSeconds: 0\n  volumes: [{{name: data, emptyDir: {{}}}}]\n  containers:\n  - name: c\n"
      "    image: localhost/busybox\n    command: [sh, -c, '{}']\n{}",
      command, lines);
}

/// The lines that begin with the file's name and say "error".
std::vector<std::string> errors_in(const std::string& report, const std::string& path) {
  std::vector<std::string> errors;
  for (std::size_t at = 0; at < report.size();) {
    const std::size_t end = std::min(report.find('\n', at), report.size());
    const std::string line = report.substr(at, end - at);
    if (line.starts_with(path + ":") && line.contains(": error: ")) errors.push_back(line.substr(path.size()));
    at = end + 1;
  }
  return errors;
}

struct Refused {
  std::string_view lines;   ///< of the container, from line 12 on
  std::string_view begins;  ///< how the only error begins, behind the file's name
};

constexpr std::array refused{
    Refused{"    securityContext: {runAsUser: 0, runAsNonRoot: true}\n",
            ":12:51: error: container c: runAsNonRoot, but its user is root"},
    Refused{"    securityContext: {runAsNonRoot: true}\n", ":12:37: error: container c: runAsNonRoot, but"},
    Refused{"    securityContext: {seccompProfile: {type: Localhost}}\n",
            ":12:46: error: a seccompProfile of type Localhost needs localhostProfile"},
    Refused{"    securityContext: {capabilities: {add: [FLY]}}\n", ":12:44: error: add[0] \"FLY\" must be ALL or"},
    Refused{"    securityContext:\n      allowPrivilegeEscalation: false\n      capabilities: {add: [sys_admin]}\n",
            ":13:33: error: allowPrivilegeEscalation cannot be false"},
    Refused{"    volumeMounts: [{name: data, mountPath: /proc/x}]\n", ":12:44: error: container c: mountPath /proc/x"},
    Refused{"    volumeMounts: [{name: data, mountPath: /a, subPathExpr: $(NONE)}]\n",
            ":12:61: error: container c: subPathExpr"},
    Refused{"    terminationMessagePath: /proc/x\n", ":12:29: error: container c: terminationMessagePath"},
    Refused{"    resources: {limits: {gpu: 1}}\n", ":12:26: error: the resource \"gpu\" must be cpu"},
    Refused{"    env: [{name: A, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 2}}}]\n",
            ":12:83: error: divisor \"2\" must be 1 or 1m"},
    Refused{"    ports: [{containerPort: 1, name: a--b}]\n", ":12:38: error: name \"a--b\" must be"},
};

TEST_F(Verbs, EveryVerbReportsAMistakeAtTheSamePlace) {
  for (const auto& [lines, begins] : refused) {
    const std::string path = root_.write("judged.yaml", pod_with(lines));
    for (const std::string verb : {"check", "plan", "script", "run"}) {
      const Finished ended = run(root_, {verb, path});
      EXPECT_EQ(ended.status, 2) << verb << lines;
      const auto errors = errors_in(ended.err, path);
      ASSERT_EQ(errors.size(), 1U) << verb << lines << ended.err;
      EXPECT_TRUE(errors[0].starts_with(begins)) << verb << ": " << errors[0];
    }
  }
  EXPECT_FALSE(std::filesystem::exists(root_ / "run"));
}

TEST_F(Verbs, OneReportHasTheMistakesOfTheTextAndOfTheHost) {
  const std::string path = root_.write(
      "judged.yaml", pod_with("    securityContext: {runAsUser: 0, runAsNonRoot: true}\n"
                              "  - name: d\n    image: localhost/none\n"
                              "    securityContext: {seccompProfile: {type: Localhost, localhostProfile: none.json}}\n"
                              "  - name: e\n    image: localhost/busybox\n    ports: [{containerPort: 0}]\n"));
  const std::string start = run(root_, {path}).err;
  const auto errors = errors_in(start, path);
  ASSERT_EQ(errors.size(), 4U) << start;
  EXPECT_TRUE(errors[0].starts_with(":12:51: error: container c: runAsNonRoot")) << errors[0];
  EXPECT_TRUE(errors[1].starts_with(":14:12: error: image localhost/none: not found")) << errors[1];
  EXPECT_TRUE(errors[2].starts_with(":15:75: error: container d: there is no seccomp profile")) << errors[2];
  EXPECT_TRUE(errors[3].starts_with(":18:29: error: containerPort must be from 1")) << errors[3];

  const Finished checked = run(root_, {"check", path});
  EXPECT_EQ(errors_in(checked.err, path), (std::vector<std::string>{errors[0], errors[3]}))
      << "the image and the profile may be on another machine";
  EXPECT_TRUE(holds(checked.err, ":14:12: warning: image localhost/none: not found")) << checked.err;
  EXPECT_TRUE(holds(checked.err, ":15:75: warning: container d: there is no seccomp profile")) << checked.err;

  const Finished written = run(root_, {"check", "-o", "json", path});
  EXPECT_EQ(written.status, 2);
  const auto diagnostics = nlohmann::json::parse(written.out, nullptr, false).at("diagnostics");
  std::vector<std::string> places;
  for (const auto& each : diagnostics)
    if (each.at("severity") == "error")
      places.push_back(fmt::format("{}:{}", each.at("line").get<int>(), each.at("column").get<int>()));
  EXPECT_EQ(places, (std::vector<std::string>{"12:51", "18:29"}));
}

TEST_F(Verbs, AnErrorOfThePodHidesNoErrorOfAContainer) {
  std::string text = pod_with("    colour: red\n");
  text.replace(text.find("localhost/busybox"), 17, "localhost/none");
  text.insert(text.find("  volumes:"),
              "  securityContext: {runAsNonRoot: true, sysctls: [{name: kernel.msgmax, value: a}]}\n");
  const std::string path = root_.write("judged.yaml", text + "  - {name: d, image: localhost/busybox}\n");
  const std::string start = run(root_, {path}).err;
  const auto errors = errors_in(start, path);
  ASSERT_EQ(errors.size(), 4U) << start;
  EXPECT_TRUE(errors[0].starts_with(":7:35: error: container d: runAsNonRoot")) << errors[0];
  EXPECT_TRUE(errors[1].starts_with(":7:58: error: sysctl \"kernel.msgmax\"")) << errors[1];
  EXPECT_TRUE(errors[2].starts_with(":11:12: error: image localhost/none: not found")) << errors[2];
  EXPECT_TRUE(errors[3].starts_with(":13:5: error: unknown field \"colour\"")) << errors[3];
}

TEST_F(Verbs, AMissingImageAloneIsAWarningOfCheckAndAnErrorOfTheStart) {
  std::string text = pod_with("");
  text.replace(text.find("localhost/busybox"), 17, "localhost/none");
  const std::string path = root_.write("judged.yaml", text);
  const Finished checked = run(root_, {"check", path});
  EXPECT_EQ(checked.status, 0);
  EXPECT_TRUE(holds(checked.err, path + ":10:12: warning: image localhost/none: not found")) << checked.err;
  const Finished started = run(root_, {path});
  EXPECT_EQ(started.status, 3);
  EXPECT_TRUE(holds(started.err, path + ":10:12: error: image localhost/none: not found")) << started.err;
}

TEST_F(Verbs, CapabilitiesAreTakenInAnyCaseAndWithTheirPrefix) {
  for (const char* lines : {"    securityContext: {capabilities: {add: [chown, kill], drop: [all]}}\n",
                            "    securityContext: {capabilities: {add: [CAP_CHOWN, Kill], drop: [All]}}\n"}) {
    const std::string path = root_.write("judged.yaml", pod_with(lines, "grep CapEff /proc/self/status"));
    EXPECT_EQ(run(root_, {"check", path}).status, 0) << lines;
    const Finished ended = run(root_, {path});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_TRUE(holds(ended.out + ended.err, "0000000000000021")) << lines << ended.out << ended.err;
  }
}

}  // namespace
}  // namespace podrun::test
