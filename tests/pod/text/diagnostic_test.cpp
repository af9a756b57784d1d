// The printed form of diagnostics, and the search for similar names.
#include "pod/text/diagnostic.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace podrun::pod {
namespace {

std::string shown(Location at, std::string_view text) {
  return render({at, "wrong", ""}, "f", text);
}

TEST(Diagnostic, ADiagnosticShowsTheLineACaretAndTheHint) {
  EXPECT_EQ(render({{2, 3}, "unknown field \"b\"", "did you mean \"a\"?"}, "web.yaml", "x:\n  b: 1\n"),
            "web.yaml:2:3: error: unknown field \"b\"\n"
            "    2 |   b: 1\n"
            "      |   ^ did you mean \"a\"?\n");
}

TEST(Diagnostic, ADiagnosticWithoutALocationIsOneLine) {
  EXPECT_EQ(render({{}, "the manifest is empty", ""}, "f", ""), "f: error: the manifest is empty\n");
}

TEST(Diagnostic, TheCaretStandsUnderTheCodePointNotTheByte) {
  EXPECT_EQ(shown({1, 6}, "ä: é, b"), "f:1:6: error: wrong\n    1 | ä: é, b\n      |      ^\n");
}

TEST(Diagnostic, WideCharactersBeforeTheCaretTakeWideSpaces) {
  EXPECT_EQ(shown({1, 5}, "世界: b"), "f:1:5: error: wrong\n    1 | 世界: b\n      | \u3000\u3000  ^\n");
}

TEST(Diagnostic, CombiningMarksBeforeTheCaretTakeNoSpace) {
  EXPECT_EQ(shown({1, 3}, "e\u0301x"), "f:1:3: error: wrong\n    1 | e\u0301x\n      |  ^\n");
}

TEST(Diagnostic, ATabTakesOneColumn) {
  EXPECT_EQ(shown({1, 4}, "a:\tb"), "f:1:4: error: wrong\n    1 | a: b\n      |    ^\n");
}

TEST(Diagnostic, ACarriageReturnAtTheEndOfALineIsNotShown) {
  EXPECT_EQ(shown({1, 1}, "a: b\r\nc: d\r\n"), "f:1:1: error: wrong\n    1 | a: b\n      | ^\n");
}

TEST(Diagnostic, AByteOrderMarkTakesNoColumn) {
  EXPECT_EQ(shown({1, 2}, "\uFEFFab"), "f:1:2: error: wrong\n    1 | ab\n      |  ^\n");
}

TEST(Diagnostic, ControlCharactersInALineAreReplaced) {
  const std::string out = shown({1, 1},
                                "a\x1b[2J\x07\x7f\xc2\x9b"
                                "b\u202Ec\xff");
  EXPECT_EQ(out, "f:1:1: error: wrong\n    1 | a [2J   b c\uFFFD\n      | ^\n");
}

TEST(Diagnostic, AColumnPastTheEndOfALineIsShown) {
  EXPECT_EQ(shown({1, 3}, "ab"), "f:1:3: error: wrong\n    1 | ab\n      |   ^\n");
}

TEST(Diagnostic, ALineThatDoesNotExistIsNotShown) {
  EXPECT_EQ(shown({9, 1}, "ab"), "f: error: wrong\n");
}

TEST(Diagnostic, ALongLineIsCutAroundTheCaret) {
  const std::string text = std::string(5000, 'a') + "!" + std::string(5000, 'b');
  const std::string out = shown({1, 5001}, text);
  EXPECT_LT(out.size(), 400U);
  const std::size_t line = out.find('\n') + 1;
  const std::size_t caret_line = out.find('\n', line) + 1;
  // "…" has three bytes and one column.
  EXPECT_EQ(out.find('!') - line - 2, out.find('^') - caret_line);
  EXPECT_NE(out.find("…aaa"), out.npos);
  EXPECT_NE(out.find("bbb…"), out.npos);
}

TEST(Diagnostics, DiagnosticsAreSortedByLocationAndCounted) {
  const std::string out =
      render({{{}, "file", ""}, {{2, 1}, "second", ""}, {{1, 2}, "first", ""}}, "f", "ab\ncd\n");
  EXPECT_EQ(out,
            "f:1:2: error: first\n    1 | ab\n      |  ^\n\n"
            "f:2:1: error: second\n    2 | cd\n      | ^\n\n"
            "f: error: file\n\n"
            "3 errors\n");
}

TEST(Diagnostics, OneErrorIsCountedInTheSingular) {
  EXPECT_EQ(render(std::vector<Diagnostic>{{{}, "file", ""}}, "f", ""), "f: error: file\n\n1 error\n");
}

TEST(Nearest, AMisspeltNameIsFound) {
  const std::vector<std::string_view> fields{"name", "image", "command", "args", "readOnly", "containers"};
  EXPECT_EQ(nearest("imagee", fields), "image");
  EXPECT_EQ(nearest("iamge", fields), "image");
  EXPECT_EQ(nearest("nmae", fields), "name");
  EXPECT_EQ(nearest("comand", fields), "command");
  EXPECT_EQ(nearest("container", fields), "containers");
  EXPECT_EQ(nearest("arg", fields), "args");
}

TEST(Nearest, CaseAndSeparatorsAreIgnored) {
  EXPECT_EQ(nearest("read_only", {"readOnly"}), "readOnly");
  EXPECT_EQ(nearest("READONLY", {"readOnly"}), "readOnly");
}

TEST(Nearest, ADistantNameIsNotSuggested) {
  const std::vector<std::string_view> fields{"name", "image", "command", "args", "env"};
  EXPECT_EQ(nearest("ports", fields), "");
  EXPECT_EQ(nearest("tty", fields), "");
  EXPECT_EQ(nearest("resources", fields), "");
  EXPECT_EQ(nearest("", fields), "");
  EXPECT_EQ(nearest("x", {"y"}), "");
  EXPECT_EQ(nearest("name", {}), "");
  EXPECT_EQ(nearest(std::string(1 << 20, 'n'), fields), "");
}

TEST(Nearest, TheNearestOfSeveralNamesIsChosen) {
  EXPECT_EQ(nearest("volumeMount", {"volumes", "volumeMounts"}), "volumeMounts");
}

}  // namespace
}  // namespace podrun::pod
