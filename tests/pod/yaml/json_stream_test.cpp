// JSON documents one behind the other, with and without "---".
#include "pod/yaml/json_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/yaml/yaml.hpp"

namespace podrun::pod::yaml {
namespace {

/// The value of "a" of each document with its place: "1@6".
std::vector<std::string> documents(std::string_view text) {
  DiagnosticCollector report(text);
  const Document document = read(text, report);
  std::vector<std::string> values;
  for (const Node* root : document.roots)
    if (const Node* a = root->find("a")) values.push_back(fmt::format("{}@{}", a->text, a->at));
  for (const Diagnostic& d : report.diagnostics())
    values.push_back(fmt::format("{}:{} {}", d.at.line, d.at.column, d.message));
  return values;
}

using Values = std::vector<std::string>;

TEST(JsonStream, DocumentsFollowEachOtherWithoutAMark) {
  EXPECT_EQ(documents(R"({"a":1}{"a":2})"), (Values{"1@5", "2@12"}));
  EXPECT_EQ(documents("{\"a\":1}\n{\"a\":2}\n\n  {\"a\":3}\n"), (Values{"1@5", "2@13", "3@24"}));
  EXPECT_EQ(documents("{\n\t\"a\": 1\n}\r\n{\n\t\"a\": 2\n}\n"), (Values{"1@8", "2@21"}));
}

TEST(JsonStream, MarksMayStandBetweenThem) {
  EXPECT_EQ(documents("{\"a\":1}\n---\n{\"a\":2}{\"a\":3}\n"), (Values{"1@5", "2@17", "3@24"}));
  EXPECT_EQ(documents("---\n{\"a\":1}\n{\"a\":2}\n---\na: 3\n"), (Values{"1@9", "2@17", "3@27"}));
  EXPECT_EQ(documents("a: 1\n---\n{\"a\":2}\n{\"a\":3}\n"), (Values{"1@3", "2@14", "3@22"}));
}

TEST(JsonStream, BracketsInStringsAreNotThoseOfADocument) {
  EXPECT_EQ(documents(R"({"a":"}{","b":"\"}{\\"}{"a":2})"), (Values{"}{@5", "2@28"}));
}

TEST(JsonStream, SurrogatePairsKeepTheirPlacesInEachDocument) {
  EXPECT_EQ(documents(R"({"b":"\ud83d\ude00","a":1}{"b":"\ud83d\ude00","a":2})"), (Values{"1@24", "2@50"}));
}

TEST(JsonStream, AMistakeIsReportedAtItsPlaceInTheText) {
  EXPECT_EQ(documents("{\"a\":1}\n{\"a\":2,}}\n"), (Values{"1@5", "2:9 this bracket closes nothing"}));
  EXPECT_EQ(documents("{\"a\":1}\n{\"a\":"), (Values{"1@5", "2:1 this bracket is never closed"}));
  EXPECT_EQ(documents("{\"a\":1}\n{\"a\":2,\"a\":3}\n"), (Values{"1@5", "2@13", "2:8 \"a\" is given twice"}));
}

TEST(JsonStream, OtherTextsNeedAMark) {
  EXPECT_EQ(json_documents_behind_others("{a: 1}\n{a: 2}\n"), std::vector<std::size_t>{});
  EXPECT_EQ(json_documents_behind_others("{\"a\":1}\na: 2\n"), std::vector<std::size_t>{});
  EXPECT_EQ(json_documents_behind_others("{\"a\":1}, {\"a\":2}"), std::vector<std::size_t>{});
  EXPECT_EQ(json_documents_behind_others("a: |\n  {}{}\n"), std::vector<std::size_t>{});
  EXPECT_EQ(json_documents_behind_others("{\"a\":\"{}{}"), std::vector<std::size_t>{});
  EXPECT_EQ(json_documents_behind_others("\n{}\n\n{}"), std::vector<std::size_t>{5});
}

}  // namespace
}  // namespace podrun::pod::yaml
