// Tables of text: the widths of columns.
#include "supervisor/core/text_table.hpp"

#include <gtest/gtest.h>

namespace podrun::supervisor {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCellAndThreeBlanksApart) {
  EXPECT_EQ(aligned({{"NAME", "READY"}, {"web", "3/3"}, {"long-name", "1/1"}}),
            "NAME        READY\n"
            "web         3/3\n"
            "long-name   1/1\n");
}

TEST(Table, NoLineEndsInBlanks) {
  EXPECT_EQ(aligned({{"a", "wide", "z"}, {"b", "", ""}, {"c"}}), "a   wide   z\nb\nc\n");
}

TEST(Table, ALastCellOfAShortRowWidensNoColumn) {
  EXPECT_EQ(aligned({{"a", "b"}, {"a whole sentence"}}), "a   b\na whole sentence\n");
}

TEST(Table, CellWidthsAreCountedInTerminalColumns) {
  EXPECT_EQ(aligned({{"→é", "x"}, {"漢字", "x"}, {"a\u0301", "x"}}), "→é     x\n漢字   x\na\u0301      x\n");
}

TEST(Table, RowsMayBeIndented) {
  EXPECT_EQ(aligned({{"a", "b"}, {}}, 2), "  a   b\n\n");
}

TEST(Table, TextIsWrappedBetweenItsWords) {
  EXPECT_EQ(wrapped("one two\nthree four\n", 9), "one two\nthree\nfour\n");
  EXPECT_EQ(wrapped("one\n\ntwo\nthree\n", 80), "one\n\ntwo three\n");
  EXPECT_EQ(wrapped("a-long-word b", 4), "a-long-word\nb\n");
}

TEST(Table, ALongTermHasALineOfItsOwn) {
  EXPECT_EQ(definition_list({{"a", "one two three"}, {"a long term", "four"}, {"abc", "five"}}, 5, 16),
            "  a    one two\n       three\n  a long term\n       four\n  abc  five\n");
}

}  // namespace
}  // namespace podrun::supervisor
