// The env files of fileKeyRef: their syntax is the kubelet's, and their variables are like others.
#include "pod/environment/env_file.hpp"

#include <gtest/gtest.h>

#include "pod/environment/environment.hpp"
#include "pod/plan/describe.hpp"
#include "pod/script/script.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::Words;

std::string found(std::string_view text, std::string_view key = "K") {
  const auto value = find_in_env_file(text, key);
  if (!value) return value.error().message;
  return value->value_or("(none)");
}

TEST(EnvFileText, AnEnvFileHasKeysWithSingleQuotedValues) {
  EXPECT_EQ(found("A='1'\nK='v'\n"), "v");
  EXPECT_EQ(found("  \tK=''"), "");
  EXPECT_EQ(found("K=' a  \"b\" # $C \\n '"), " a  \"b\" # $C \\n ") << "nothing in quotes has a meaning";
  EXPECT_EQ(found("# K='no'\n\n \t\n  # x\nK='v' # said"), "v");
  EXPECT_EQ(found("K='a=b'"), "a=b");
  EXPECT_EQ(found("K='1'\nK='2'"), "1") << "the first one";
  EXPECT_EQ(found("K='v'\r\n"), "v");
  EXPECT_EQ(found("K= 'v'"), "") << "as for a shell";
  EXPECT_EQ(found("KEY='v'"), "(none)");
  EXPECT_EQ(found(""), "(none)");
}

TEST(EnvFileText, AQuotedValueMaySpanSeveralLines) {
  EXPECT_EQ(found("A='x\nK='\nK='1\n\n # 2\n 3'\n", "A"), "x\nK=");
  EXPECT_EQ(found("A='x\nK='\nK='1\n\n # 2\n 3'\n"), "1\n\n # 2\n 3") << "in A's value is no key";
}

TEST(EnvFileText, AMistakeBeforeTheKeyIsAnErrorThatNamesTheLine) {
  EXPECT_EQ(found("A='1'\nexport\nK='v'"), "line 2: it is not KEY='value'");
  EXPECT_EQ(found("='1'\nK='v'"), "line 1: there is no name before its \"=\"");
  EXPECT_EQ(found("K ='v'"), "line 1: there is a blank before its \"=\"");
  EXPECT_EQ(found("\nK=v"), "line 2: its value is not in single quotes");
  EXPECT_EQ(found("K=\"v\""), "line 1: its value is not in single quotes");
  EXPECT_EQ(found("K='v'w"), "line 1: only a comment may follow the closing quote");
  EXPECT_EQ(found("A='1'\nK='v\n\n"), "line 2: its quote is not closed");
  EXPECT_EQ(found("K='v'\n???"), "v") << "what comes after is not looked at";
  EXPECT_EQ(found("K='" + std::string(longest_env_value, 'x') + "'"), std::string(longest_env_value, 'x'));
  EXPECT_EQ(found("\nK='" + std::string(longest_env_value + 1, 'x') + "'"), "line 2: its value has more than 32 KiB");
}

/// The value of the variable X, which comes from the key K of the file "a" in the volume "v".
std::string value(Result<std::optional<std::string>> text, bool optional = false) {
  Pod pod = fixtures::pod();
  pod.spec.containers[0].env = {{"X", FileKeyRef{"v", "a", "K", optional}}, {"Y", "[$(X)]"}};
  const std::string name = pod.spec.containers[0].name;
  const auto made = declared_variables(pod, pod.spec.containers[0], "0c5a", fixtures::facts(),
                                       {.container = name, .texts = {{{"v", "a"}, std::move(text)}}});
  if (!made) return made.error().message;
  EXPECT_EQ(made->values.at("Y"), made->values.contains("X") ? "[" + made->values.at("X") + "]" : "[$(X)]");
  if (!made->values.contains("X")) return "(unset)";
  EXPECT_EQ(made->shown.at("X"), "<file v/a K>");
  return made->values.at("X");
}

TEST(Variables, AVariableIsReadFromAFileInAVolume) {
  EXPECT_EQ(value("K='$(Y)'"), "$(Y)");
  EXPECT_EQ(value(std::nullopt), "container app: env X: the file \"a\" in the volume \"v\" is not there");
  EXPECT_EQ(value("L='1'"), "container app: env X: the file \"a\" in the volume \"v\" has no key \"K\"");
  EXPECT_EQ(value("K=1"),
            "container app: env X: the file \"a\" in the volume \"v\": line 1: its value is not in single quotes");
  EXPECT_EQ(value(fail("it is not a regular file")),
            "container app: env X: the file \"a\" in the volume \"v\": it is not a regular file");
  EXPECT_EQ(value(std::nullopt, true), "(unset)");
  EXPECT_EQ(value("L='1'", true), "(unset)");
  EXPECT_EQ(value("K=1", true), value("K=1")) << "a mistake is one all the same";
}

TEST(Variables, AnUnreadFileVariableIsPrintedAsItsSource) {
  Pod pod = fixtures::pod();
  pod.spec.containers[0].env = {{"X", FileKeyRef{"v", "a", "K"}}, {"Y", "-$(X)"}};
  pod.spec.containers[0].command = {"run", "$(Y)"};
  const auto plan = fixtures::plan_of(pod);
  const auto exec = fixtures::all<step::Exec>(plan.containers.at(0).child).at(0);
  EXPECT_EQ(exec.argv, (Words{"run", "-<file v/a K>"}));
  for (const std::string& text : {to_text(plan), to_script(plan)}) EXPECT_NE(text.find("<file v/a K>"), text.npos);
}

}  // namespace
}  // namespace podrun::pod
