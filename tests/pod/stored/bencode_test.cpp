// The reader of bencode: what it accepts, and that no text, however wrong, is more than a mistake.
#include "pod/stored/bencode.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace podrun::pod::bencode {
namespace {

template <typename Number>
Number number_in(const std::string& text) {
  Reader from(text);
  const Number number = from.number<Number>();
  from.finish();
  EXPECT_EQ(from.mistake(), "") << text;
  return number;
}

std::string mistake_of(const std::string& text, const auto& read) {
  Reader from(text);
  read(from);
  return from.mistake();
}

TEST(Bencode, WhatWasWrittenIsReadInTheSameOrder) {
  Writer to;
  to.begin_dictionary();
  to.text("list");
  to.begin_list();
  to.number(std::int64_t{-3});
  to.text(std::string("\0\xff:", 3));
  to.end();
  to.end();
  const std::string text = std::move(to).take();
  EXPECT_EQ(text, std::string("d4:listli-3e3:\0\xff:ee", 19));
  Reader from(text);
  from.open_dictionary();
  ASSERT_TRUE(from.more());
  EXPECT_EQ(from.text(), "list");
  from.open_list();
  ASSERT_TRUE(from.more());
  EXPECT_EQ(from.number<int>(), -3);
  ASSERT_TRUE(from.more());
  EXPECT_EQ(from.text(), std::string("\0\xff:", 3));
  EXPECT_FALSE(from.more());
  EXPECT_FALSE(from.more());
  from.finish();
  EXPECT_EQ(from.mistake(), "");
}

TEST(Bencode, EachIntegerOfATypeIsRead) {
  EXPECT_EQ(number_in<std::uint64_t>("i18446744073709551615e"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(number_in<std::int64_t>("i-9223372036854775808e"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(number_in<std::uint8_t>("i255e"), 255);
}

TEST(Bencode, AnIntegerBeyondItsTypeIsAMistake) {
  for (const char* text : {"i256e", "i-1e", "ie", "i1", "i1x", "i", "", "1:a", "i 1e"})
    EXPECT_NE(mistake_of(text, [](Reader& from) { (void)from.number<std::uint8_t>(); }), "") << text;
}

TEST(Bencode, AStringLongerThanItsTextIsAMistake) {
  for (const char* text : {"4:abc", "18446744073709551615:a", "99999999999999999999999:a", "3", ":abc", "-1:a", "i3e"})
    EXPECT_NE(mistake_of(text, [](Reader& from) { EXPECT_EQ(from.text(), ""); }), "") << text;
}

TEST(Bencode, AfterAMistakeEverythingIsEmptyAndTheFirstMistakeIsKept) {
  Reader from("li1e");
  from.open_dictionary();
  const std::string first = from.mistake();
  EXPECT_EQ(first, "what is at byte 0 is no dictionary");
  from.open_list();
  EXPECT_FALSE(from.more());
  EXPECT_EQ(from.number<int>(), 0);
  EXPECT_EQ(from.text(), "");
  from.finish();
  EXPECT_EQ(from.mistake(), first);
}

TEST(Bencode, AListWithoutAnEndIsAMistake) {
  Reader from("l1:a");
  from.open_list();
  ASSERT_TRUE(from.more());
  EXPECT_EQ(from.text(), "a");
  EXPECT_FALSE(from.more());
  EXPECT_EQ(from.mistake(), "what is at byte 4 is missing");
}

}  // namespace
}  // namespace podrun::pod::bencode
