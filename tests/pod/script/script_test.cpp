// The text of `podrun script`: it has each step, and all text of a manifest is quoted for the shell.
#include "pod/script/script.hpp"

#include <gtest/gtest.h>

#include "tests/pod/compile/fixtures.hpp"
#include "pod/plan/describe.hpp"
#include "pod/script/script_text.hpp"

namespace podrun::pod {
namespace {

using namespace fixtures;

TEST(ScriptText, AWordIsQuotedOnlyIfAShellNeedsIt) {
  EXPECT_EQ(script::word("/bin/sh"), "/bin/sh");
  EXPECT_EQ(script::word(""), "''");
  EXPECT_EQ(script::word("a b"), "'a b'");
  EXPECT_EQ(script::word("it's $HOME\n`id`"), "'it'\\''s $HOME\n`id`'");
  EXPECT_EQ(script::word("~"), "'~'");
}

TEST(ScriptText, PathsInThePodsStorageBeginWithItsVariable) {
  EXPECT_EQ(script::path_word("/pods/0c5a", "/pods/0c5a"), "\"$storage\"");
  EXPECT_EQ(script::path_word("/pods/0c5a/etc/hosts", "/pods/0c5a"), "\"$storage\"/etc/hosts");
  EXPECT_EQ(script::path_word("/pods/0c5ab", "/pods/0c5a"), "/pods/0c5ab");
}

TEST(ScriptText, AHereDocumentsDelimiterIsNotInItsText) {
  EXPECT_EQ(script::in_background("sh", "true\n"), "sh <<'END' &\ntrue\nEND\n");
  EXPECT_EQ(script::in_background("sh", "echo 'END\n'\n"), "sh <<'END_' &\necho 'END\n'\nEND_\n");
}

TEST(ScriptText, ARepeatedReasonIsPrintedOnce) {
  script::Reasons reasons;
  script::Lines lines;
  reasons.give(lines, "because");
  reasons.give(lines, "because");
  EXPECT_EQ(lines.text(), "# because\n");
}

TEST(Script, TheScriptDescribesEachStepInThePlansWords) {
  const PodPlan plan = plan_of(pod({container("one"), container("two")}));
  const std::string text = to_script(plan);
  const auto expect = [&](const StepText& step) {
    EXPECT_NE(text.find("\n## " + step.action + " " + step.detail + "\n"), std::string::npos)
        << step.action << step.detail;
  };
  for (const auto& step : plan.files) expect(describe(step));
  for (const auto& step : plan.sandbox) expect(describe(step));
  ASSERT_FALSE(plan.networks.empty());
  for (const auto& each : plan.networks)
    for (const auto& step : each.steps) expect(describe(step));
  for (const auto& each : plan.containers) {
    for (const auto& step : each.host) expect(describe(step, each));
    for (const auto& step : each.child) expect(describe(step, each));
  }
}

TEST(Script, TheScriptSaysWhatOfTheLifecycleItLeavesOut) {
  const std::string plain = to_script(plan_of(pod({container("one")})));
  EXPECT_EQ(plain.find("# It "), plain.npos);
  Container probed = container("one"), hooked = container("two");
  probed.probes.liveness = Probe{.action = ExecAction{{"a"}}};
  hooked.hooks.pre_stop = SleepAction{1};
  hooked.stop_signal = 3;
  const std::string text = to_script(plan_of(pod({probed, hooked})));
  EXPECT_NE(text.find("\n# It probes no container.\n# It runs no postStart and no preStop.\n"
                      "# It ends every container with SIGTERM.\nset -eu\n"),
            text.npos)
      << text.substr(0, 600);
}

}  // namespace
}  // namespace podrun::pod
