// Text of a manifest as it is printed on a terminal.
#include <gtest/gtest.h>

#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_literals;

TEST(Quote, ControlCharactersAreEscaped) {
  EXPECT_EQ(escaped("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(escaped("\x1b[2J\a\x7f"), "\\x1b[2J\\x07\\x7f");
  EXPECT_EQ(escaped("a\0b"s), "a\\x00b");
  EXPECT_EQ(escaped("\u009b2J"), "\\u009b2J");
}

TEST(Quote, BidirectionalControlCharactersAreEscaped) {
  EXPECT_EQ(escaped("a\u202eb\u2066c"), "a\\u202eb\\u2066c");
}

TEST(Quote, BytesThatAreNotUtf8AreEscaped) {
  EXPECT_EQ(escaped("a\xff\xc3"), "a\\xff\\xc3");
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80");
}

TEST(Quote, PrintableTextIsUnchanged) {
  EXPECT_EQ(escaped("/srv/größe → 世界 \\n"), "/srv/größe → 世界 \\n");
}

TEST(Quote, WordsAreQuotedOnlyWhereAShellNeedsIt) {
  EXPECT_EQ(shell_words({"/bin/httpd", "-f", "-p", "8080", "A=b,c:d@e%+_"}),
            "/bin/httpd -f -p 8080 A=b,c:d@e%+_");
  EXPECT_EQ(shell_words({"echo", "", "a b", "$x", "~"}), "echo '' 'a b' '$x' '~'");
}

TEST(Quote, AWordWithAQuoteOrAControlCharacterIsAnAnsiCString) {
  EXPECT_EQ(shell_words({"it's"}), R"($'it\'s')");
  EXPECT_EQ(shell_words({"a\nb\\c"}), R"($'a\nb\\c')");
  EXPECT_EQ(shell_words({"\x1b[2J"}), R"($'\x1b[2J')");
}

TEST(Quote, ALongTextIsCutAtWholeCharacters) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abcde…");
  EXPECT_EQ(shortened("äöüäöü", 4), "äöü…");
  EXPECT_EQ(shortened("世界世界", 4), "世…");
  EXPECT_EQ(width(shortened(std::string(1000, 'x'), 92)), 92U);
}

}  // namespace
}  // namespace podrun::pod
