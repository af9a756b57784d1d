// The only use of yaml-cpp: the YAML that is accepted, the places of its nodes, and the limits.
#include "pod/yaml/yaml.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod::yaml {
namespace {

/// A text, its node and its diagnostics.
struct Reading {
  explicit Reading(std::string_view text) : report(text), document(read(text, report)) {}

  const Node* root() const { return document.root; }
  /// The first diagnostic as "LINE:COLUMN MESSAGE", "" if there is none.
  std::string complaint() const {
    const auto all = report.diagnostics();
    return all.empty() ? "" : fmt::format("{}:{} {}", all[0].at.line, all[0].at.column, all[0].message);
  }

  DiagnosticCollector report;
  Document document;
};

std::string complaint(std::string_view text) {
  return Reading(text).complaint();
}

std::string repeat(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

TEST(Yaml, AManifestBecomesATreeOfMappingsListsAndScalars) {
  const Reading r("a: [x, 'y']\nb: {c: null}\n");
  ASSERT_NE(r.root(), nullptr);
  const Node* a = r.root()->find("a");
  ASSERT_NE(a, nullptr);
  ASSERT_EQ(a->kind, Kind::Sequence);
  ASSERT_EQ(a->items.size(), 2U);
  EXPECT_EQ(a->items[0]->text, "x");
  EXPECT_FALSE(a->items[0]->quoted);
  EXPECT_TRUE(a->items[1]->quoted);
  const Node* b = r.root()->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->find("c")->kind, Kind::Null);
  EXPECT_EQ(b->find("d"), nullptr);
  EXPECT_EQ(r.complaint(), "");
}

TEST(Yaml, AQuotedOrTaggedScalarIsMarkedAsQuoted) {
  const Reading r("[\"a\", 'b', !!str c, ! d, e]");
  ASSERT_NE(r.root(), nullptr);
  const std::vector<bool> expected{true, true, true, true, false};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(r.root()->items[i]->quoted, expected[i]) << i;
  EXPECT_TRUE(Reading("|\n  8080\n").root()->quoted);
}

TEST(Yaml, ANodesLocationIsAByteOffsetInTheText) {
  const std::string text = "é: 1\r\n世界: {a: x}\r\n";
  const Reading r(text);
  ASSERT_NE(r.root(), nullptr);
  EXPECT_EQ(r.root()->find("é")->at, text.find('1'));
  EXPECT_EQ(r.root()->find("世界")->find("a")->at, text.find('x'));
}

TEST(Yaml, JsonIsAccepted) {
  const Reading r(R"({"a": {"b": [true, 1, null, "é\n\/"]}})");
  ASSERT_NE(r.root(), nullptr);
  EXPECT_EQ(r.root()->find("a")->find("b")->items[3]->text, "é\n/");
}

TEST(Yaml, AJsonSurrogatePairIsOneCharacter) {
  const std::string text = R"({"a": "\ud83d\ude00 \\ud83d \u00e9", "b": x})";
  const Reading r(text);
  ASSERT_NE(r.root(), nullptr);
  EXPECT_EQ(r.root()->find("a")->text, "😀 \\ud83d é");
  EXPECT_EQ(r.root()->find("b")->at, text.find('x')) << "places are those of the text as it was written";
}

TEST(Yaml, HalfASurrogatePairIsAMistake) {
  EXPECT_EQ(complaint(R"(a: "\ud83d")"), "1:5 this escape is half of a character");
  EXPECT_EQ(complaint(R"(a: "\ud83d\ude00 \ude00")"), "1:18 this escape is half of a character");
}

TEST(Yaml, AnAliasIsTheNodeOfItsAnchor) {
  const Reading r("a: &x {b: c}\nd: *x\n");
  ASSERT_NE(r.root(), nullptr);
  EXPECT_EQ(r.root()->find("a"), r.root()->find("d"));
}

TEST(Yaml, EmptyDocumentsAreIgnored) {
  EXPECT_NE(Reading("---\n---\na: 1\n---\n# end\n").root(), nullptr);
  EXPECT_EQ(complaint("---\n---\na: 1\n---\n...\n"), "");
}

TEST(Yaml, AnEmptyTextIsAMistake) {
  for (const std::string_view text : {"", "\n\n", "# only this\n", "---\n---\n", "~"})
    EXPECT_EQ(complaint(text), "0:0 the manifest is empty") << text;
}

TEST(Yaml, EachDocumentHasItsRoot) {
  const std::string text = "a: 1\n---\nb: 2\n...\nc: 3\n";
  DiagnosticCollector report(text);
  const Document document = read(text, report);
  ASSERT_TRUE(report.empty());
  ASSERT_EQ(document.roots.size(), 3U);
  EXPECT_EQ(document.root, document.roots[0]);
  EXPECT_NE(document.roots[2]->find("c"), nullptr);
}

TEST(Yaml, TrailingContentIsNotReportedAsASecondDocument) {
  EXPECT_EQ(complaint("- a\nb: c\n"), "2:1 this does not continue what stands above");
  EXPECT_EQ(complaint("{a: 1} b"), "1:8 this does not continue what stands above");
}

TEST(Yaml, ADuplicateKeyIsAMistakeAndTheFirstIsKept) {
  const Reading r("a: 1\nb: 2\n\"a\": 3\n");
  EXPECT_EQ(r.complaint(), "3:1 \"a\" is given twice");
  EXPECT_EQ(r.report.diagnostics()[0].hint, "first on line 1");
  ASSERT_NE(r.root(), nullptr);
  EXPECT_EQ(r.root()->find("a")->text, "1");
  EXPECT_EQ(r.root()->entries.size(), 2U);
}

TEST(Yaml, AKeyMustBePlainText) {
  EXPECT_EQ(complaint("? [a]\n: b\n"), "1:3 the name of a field must be plain text");
  EXPECT_EQ(complaint("{a: 1, : b}"), "1:6 the name of a field is missing here");
  EXPECT_EQ(complaint("{a: 1,, b: 2}"), "1:6 the name of a field is missing here");
}

TEST(Yaml, AMergeKeyAddsOnlyMissingFields) {
  const Reading r(
      "base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\none: {y: 3, <<: *b}\ntwo: {<<: [*m, *b], w: 4}\nkept: {\"<<\": "
      "5}\n");
  EXPECT_EQ(r.complaint(), "");
  const auto fields = [&](std::string_view name) {
    std::string out;
    for (const Entry& entry : r.document.root->find(name)->entries) out += entry.key->text + entry.value->text + " ";
    return out;
  };
  EXPECT_EQ(fields("one"), "y3 x1 ");
  EXPECT_EQ(fields("two"), "w4 y2 z2 x1 ");
  EXPECT_EQ(fields("kept"), "<<5 ");
  EXPECT_EQ(complaint("a: {<<: text}\n"), "1:9 \"<<\" takes a mapping or a list of mappings");
  EXPECT_EQ(complaint("a: {<<: {b: 1}, <<: {c: 1}}\n"), "1:17 \"<<\" is given twice");
}

TEST(Yaml, TagsOfYamlsOwnTypesAreAccepted) {
  const Reading r("{a: !!int \"5\", b: !!float 1.0, c: !!bool \"yes\", d: !!null \"\", e: !!str 5}");
  EXPECT_EQ(r.complaint(), "");
  for (const char* key : {"a", "b", "c"}) EXPECT_FALSE(r.root()->find(key)->quoted) << key;
  EXPECT_EQ(r.root()->find("d")->kind, Kind::Null);
  EXPECT_TRUE(r.root()->find("e")->quoted);
}

TEST(Yaml, OtherTagsAreRefused) {
  EXPECT_EQ(complaint("a: !!binary aGk=\n"), "1:4 tags are not supported, except those of YAML itself, such as !!str");
  EXPECT_EQ(complaint("a: !mine {b: c}\n"), "1:4 tags are not supported, except those of YAML itself, such as !!str");
  EXPECT_EQ(complaint("!!map {a: !!seq [b]}\n"), "");
}

TEST(Yaml, AnAliasWithoutACompleteAnchorIsAMistake) {
  EXPECT_EQ(complaint("a: *x\n"), "1:4 an alias names no anchor above it");
  EXPECT_EQ(complaint("a: &x [*x]\n"), "1:8 an alias is inside the value that it stands for");
}

TEST(Yaml, SyntaxErrorsAreReportedInPodrunsWords) {
  EXPECT_EQ(complaint("a:\n  b: x\n c: y\n"), "3:2 this does not continue what stands above");
  EXPECT_EQ(complaint("a: b: c\n"), "1:5 a \":\" cannot stand here");
  EXPECT_EQ(complaint("a: {b: [1, 2}\n"), "1:13 this bracket closes nothing");
  EXPECT_EQ(complaint("a: {b: c\nd: e\n"), "1:4 this bracket is never closed");
  EXPECT_EQ(complaint("a: @b\n"), "1:4 a value cannot begin like this");
  EXPECT_EQ(complaint("a: - b\n"), "1:4 a list cannot begin here");
  EXPECT_EQ(complaint(","), "1:1 this cannot stand here");
  EXPECT_EQ(complaint("a: \"\\世\"\n"), "1:5 there is no such escape");
  EXPECT_EQ(complaint("%YAML 3.0\n---\na: b\n"), "1:1 not YAML: \"YAML major version too large\"");
}

TEST(Yaml, AnUnclosedQuoteIsReportedWhereItBegins) {
  EXPECT_EQ(complaint("a: it's # \"\nb: \"x\nc: d\n"), "2:4 this quote is never closed");
  EXPECT_EQ(complaint("a: 'x\n"), "1:4 this quote is never closed");
  EXPECT_EQ(complaint("a: \"x\n"), "1:4 this quote is never closed") << "yaml-cpp alone accepts this one";
}

TEST(Yaml, ATabInTheIndentationIsExplained) {
  const Reading r("a:\n\tb: 1\n");
  EXPECT_EQ(r.report.diagnostics().at(0).hint, "YAML indents with spaces, not tabs");
}

TEST(Yaml, InvalidUtf8IsRefused) {
  EXPECT_EQ(complaint("a: \xff"), "1:4 the byte 0xff here is not UTF-8 text");
  EXPECT_EQ(complaint("a: \xc0\x80"), "1:4 the byte 0xc0 here is not UTF-8 text");
  EXPECT_EQ(complaint("é: \xed\xa0\x80"), "1:4 the byte 0xed here is not UTF-8 text");
  EXPECT_EQ(complaint("a: \xe4\xb8"), "1:4 the byte 0xe4 here is not UTF-8 text");
  EXPECT_EQ(complaint("\xff\xfe"
                      "a"),
            "1:1 the byte 0xff here is not UTF-8 text");
}

TEST(Yaml, ControlCharactersAndLoneCarriageReturnsAreRefused) {
  EXPECT_EQ(complaint("a: b\x04\nc: d\n"), "1:5 the control character U+0004 cannot stand in a manifest");
  EXPECT_EQ(complaint(std::string_view("a: \0", 4)),
            "1:4 the control character U+0000 cannot stand in a manifest");
  EXPECT_EQ(complaint("a: b\rc: d\n"), "1:5 a carriage return without a line feed: lines end in LF or CRLF");
}

TEST(YamlBounds, AFileMayHave64MebibytesAndNoMore) {
  const std::string text = "a: b\n#" + std::string(max_bytes - 6, 'x');
  EXPECT_EQ(complaint(text), "");
  EXPECT_EQ(complaint(text + "x"), "0:0 the file has 67108865 bytes; 64 MiB (67108864) is the limit");
}

TEST(YamlBounds, AManifestMayHave64LevelsAndNoMore) {
  EXPECT_EQ(complaint(repeat("[", 64) + repeat("]", 64)), "");
  EXPECT_EQ(complaint(repeat("[", 65) + repeat("]", 65)), "1:65 nested more than 64 levels deep");
  EXPECT_EQ(complaint(repeat("- ", 65) + "x"), "1:129 nested more than 64 levels deep");
  EXPECT_EQ(complaint(repeat("{a: ", 65) + repeat("}", 65)), "1:257 nested more than 64 levels deep");
  EXPECT_TRUE(complaint(repeat("[", 100'000)).ends_with("nested more than 64 levels deep"));
}

TEST(YamlBounds, LevelsBehindAliasesCount) {
  std::string text = "- &a0 [x]\n";
  for (int i = 1; i < 70; ++i) text += fmt::format("- &a{} [*a{}]\n", i, i - 1);
  EXPECT_EQ(complaint(text), "64:9 nested more than 64 levels deep");
}

TEST(YamlBounds, ADocumentMayHave500000ValuesAndNoMore) {
  EXPECT_EQ(complaint("[" + repeat("x,", max_nodes - 1) + "]"), "");
  EXPECT_EQ(complaint("[" + repeat("x,", max_nodes) + "]"),
            "1:1000000 the document has more than 500000 values, those behind aliases counted");
}

TEST(YamlBounds, AFileMayHave2000000ValuesAndNoMore) {
  // The list and its 499,999 items are half a million values.
  const std::string document = "--- [" + repeat("x,", max_nodes - 1) + "]\n";
  EXPECT_EQ(complaint(repeat(document, 4)), "");
  EXPECT_EQ(complaint(repeat(document, 4) + "--- a\n"),
            "5:5 the file has more than 2000000 values, those behind aliases counted");
}

TEST(YamlBounds, AnAliasBombIsCountedNotExpanded) {
  std::string text = "- &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c <= 'z'; ++c)
    text += fmt::format("- &{} [{}]\n", c, repeat(fmt::format("*{},", char(c - 1)), 10));
  EXPECT_TRUE(
      complaint(text).ends_with("the document has more than 500000 values, those behind aliases counted"));
}

TEST(YamlBounds, AnyTwoTokensAreReadToAnEnd) {
  // yaml-cpp 0.7 alone reads some of these for ever.
  const std::vector<std::string_view> tokens{",",  "[",  "]",     "{",    "}",  "?",   "-", ":",  "&a",
                                             "*a", "!",  "!!str", "|",    ">",  "'",   "%", "@",  "`",
                                             "#",  "--", "---",   "...",  "~",  "\"",  " ", "\n", "x",
                                             "\t", "<<", "a: ",   "\r\n", "\\", "\n  "};
  for (const std::string_view a : tokens)
    for (const std::string_view b : tokens) {
      const Reading r(fmt::format("{}{}", a, b));
      EXPECT_TRUE(r.root() != nullptr || !r.report.empty()) << a << b;
    }
}

}  // namespace
}  // namespace podrun::pod::yaml
