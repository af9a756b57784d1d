// The report of an unpacker, which is read as if it were hostile.
#include "namespaces/images/unpack_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace podrun::unpacker {
namespace {

LayerReport some_report() {
  const std::string digest = "sha256:" + std::string(64, 'a');
  return {.diff_id = digest,
          .blob_digest = digest,
          .blob_bytes = 12,
          .archive_bytes = 18'446'744'073'709'551'615U,
          .tree = digest,
          .entries = 3,
          .bytes = 4,
          .has_root = true,
          .hides_all_below = false,
          .left_out = {{"device nodes", 2, {"\"a b\"", "\"c\""}}, {"others", 1, {}}}};
}

}  // namespace

TEST(UnpackReport, IsReadAsItWasWritten) {
  const auto report = parse_report(encode(some_report()));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(*report, some_report());
}

TEST(UnpackReport, AnErrorIsItsMessage) {
  EXPECT_EQ(parse_report(encode_error("the entry \"a\": no")).error().message, "the entry \"a\": no");
}

TEST(UnpackReport, EachTruncatedTextIsAnError) {
  const std::string text = encode(some_report());
  const std::size_t complete = text.find("left-out");
  for (std::size_t length = 0; length < complete; ++length)
    EXPECT_FALSE(parse_report(text.substr(0, length))) << length;
}

TEST(UnpackReport, TextThatIsNoReportIsAnError) {
  std::string text = encode(some_report());
  for (const std::string& other :
       {std::string(), std::string("\n"), std::string("diff-id x\n"), text + "more\n", text + "left-out x\ncount -1\n",
        "x" + text, text.substr(text.find('\n') + 1), std::string(100'000, 'x')})
    EXPECT_EQ(parse_report(other).error().message, "podrun-unpacker ended without a report");
}

TEST(UnpackReport, WhatItSaysIsPrintableAndShort) {
  const std::string message = parse_report("error \x1b[2J\xff" + std::string(5000, 'x') + "\n").error().message;
  EXPECT_TRUE(message.starts_with("?[2J?xxx")) << message;
  EXPECT_LT(message.size(), 1100U);
  std::string text = encode(some_report()) + "left-out \x07" "bell\ncount 1\n";
  for (int i = 0; i < 50; ++i) text += "example \x1b\n";
  const auto report = parse_report(text);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->left_out.back().what, "?bell");
  EXPECT_EQ(report->left_out.back().examples.size(), 8U);
  EXPECT_EQ(report->left_out.back().examples[0], "?");
}

TEST(UnpackReport, HasNoEndlessLists) {
  std::string text = encode(some_report());
  for (int i = 0; i < 1000; ++i) text += "left-out x\ncount 1\n";
  EXPECT_FALSE(parse_report(text));
}

}  // namespace podrun::unpacker
