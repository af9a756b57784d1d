// Values as text and back, against nlohmann-json's own values; what a reader makes of bad members.
#include "pod/json/json.hpp"

#include <gtest/gtest.h>

#include <limits>

#include <nlohmann/json.hpp>

#include "pod/json/reader.hpp"

namespace podrun::pod::json {
namespace {

using Library = nlohmann::ordered_json;

std::string reparsed(std::string_view text) {
  const auto value = parse(text);
  return value ? dump(*value) : "error: " + value.error().message;
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(Json, ATextIsWrittenAsNlohmannJsonWritesIt) {
  for (const std::string text :
       {R"(null)", R"(true)", R"(0)", R"(-1)", R"(18446744073709551615)", R"(-9223372036854775808)", R"(1.5)",
        R"(1e300)", R"(-0)", R"(18446744073709551616)", R"("")",
        R"("\u0000\u001f\"\\\/\b\f\n\r\t\u007f é \ud83d\ude00")", R"([])", R"({})", R"([[],{},[null]])",
        R"({"z":1,"a":{"c":[1,2,{"d":null}],"b":""},"":0})", " [1 , 2]\n"}) {
    const auto value = parse(text);
    ASSERT_TRUE(value) << text << ": " << value.error().message;
    const Library library = Library::parse(text);
    EXPECT_EQ(dump(*value), library.dump());
    for (const int indent : {0, 1, 2, 4}) EXPECT_EQ(dump_lines(*value, indent), library.dump(indent) + "\n");
  }
}

TEST(Json, AnErrorIsWordedAsNlohmannJsonWordsIt) {
  for (const std::string text :
       {"", " ", "{", "[1,]", "[1]]", "nul", "\"\xff\"", "{\"a\" 1}", "\"\\ud83d\"", "1e999"}) {
    const auto value = parse(text);
    ASSERT_FALSE(value) << text;
    try {
      [[maybe_unused]] const Library made = Library::parse(text);
      ADD_FAILURE() << text;
    } catch (const Library::exception& error) {
      EXPECT_TRUE(std::string_view(error.what()).ends_with("] " + value.error().message)) << value.error().message;
    }
  }
}

TEST(Json, AnErrorIsShortWhateverTheText) {
  const auto value = parse(std::string(100'000, '9') + "e9999");
  ASSERT_FALSE(value);
  EXPECT_LT(value.error().message.size(), 400U);
  EXPECT_TRUE(value.error().message.starts_with("number overflow parsing '999"));
}

TEST(Json, OfEqualNamesTheLastValueCountsInTheFirstPlace) {
  EXPECT_EQ(reparsed(R"({"a":1,"b":2,"a":3,"c":4,"b":5,"a":6})"), R"({"a":6,"b":5,"c":4})");
  EXPECT_EQ(reparsed(R"([{"a":1},{"a":{"x":1,"x":2}}])"), R"([{"a":1},{"a":{"x":2}}])");
}

TEST(Json, AHundredThousandNamesAreParsedInNoTimeThatGrowsWithTheirSquare) {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  const auto value = parse(text + R"("0":1})");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->members().size(), 100'000U);
  EXPECT_EQ(*value->find("0")->unsigned_number(), 1U);
}

TEST(Json, DeepNestingDoesNotOverflowTheStack) {
  std::string objects;
  for (int i = 0; i < 200'000; ++i) objects += "{\"a\":";
  for (const std::string& text : {nested(500'000), objects + "0" + std::string(200'000, '}')}) EXPECT_TRUE(parse(text));
  EXPECT_FALSE(parse(std::string(1'000'000, '[')));
  EXPECT_FALSE(parse(objects));
}

TEST(Json, ANumberKeepsItsSignAndItsRange) {
  EXPECT_EQ(*parse("7")->unsigned_number(), 7U);
  EXPECT_EQ(parse("7")->signed_number(), nullptr);
  EXPECT_EQ(*parse("-7")->signed_number(), -7);
  EXPECT_EQ(*parse("7.0")->floating(), 7.0);
  EXPECT_NE(parse("18446744073709551616")->floating(), nullptr);
}

TEST(Json, AByteOrderMarkIsSkipped) { EXPECT_EQ(reparsed("\xef\xbb\xbf[1]"), "[1]"); }

TEST(Json, BytesThatAreNotUtf8AreWrittenAsReplacementCharacters) {
  for (const std::string text : {"a\xff/", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf0\x9f\x98", "\xc3(", "ok"}) {
    const std::string expected = Library(text).dump(-1, ' ', false, Library::error_handler_t::replace);
    EXPECT_EQ(dump(text), expected);
    EXPECT_EQ(dump(object({{text, 1}})), "{" + expected + ":1}");
  }
}

TEST(Json, AnObjectIsBuiltInTheOrderItIsWrittenIn) {
  Value value = object({{"z", 1}, {"a", json::Array{"x", true, Value()}}, {"o", object()}});
  value["new"] = std::vector<std::string>{"p", "q"};
  value["z"] = -1;
  value["o"]["inner"].push_back(std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(dump(value), R"({"z":-1,"a":["x",true,null],"o":{"inner":[18446744073709551615]},"new":["p","q"]})");
}

TEST(Json, AValueOfAnotherTypeHasNoMembersOrItems) {
  const Value text = "text";
  EXPECT_EQ(text.find("a"), nullptr);
  EXPECT_TRUE(text.members().empty());
  EXPECT_TRUE(text.items().empty());
  EXPECT_EQ(text.boolean(), nullptr);
}

/// The first mistake that READ makes a reader of TEXT note.
template <typename Read>
std::string mistake(std::string_view text, Read read) {
  const auto value = parse(text);
  std::string error;
  read(Reader(*value, error));
  return error;
}

TEST(JsonReader, ReadsWhatIsThere) {
  const auto value = parse(R"({"t":"x","f":true,"n":-5,"l":["a","b"],"w":"two","o":{"n":1},"null":null})");
  std::string error;
  const Reader from(*value, error);
  constexpr std::array<std::string_view, 2> words{"one", "two"};
  EXPECT_EQ(from.text("t"), "x");
  EXPECT_TRUE(from.flag("f"));
  EXPECT_EQ(from.number<int>("n"), -5);
  EXPECT_EQ(from.texts("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(from.word("w", words), 1U);
  EXPECT_EQ(from.member("o").number<std::uint8_t>("n"), 1);
  EXPECT_TRUE(from.member("null").is_null());
  EXPECT_EQ(from.text_or("none", "absent"), "absent");
  EXPECT_EQ(from.number_or<int>("none", 3), 3);
  EXPECT_TRUE(from.flag_or("none", true));
  EXPECT_EQ(error, "");
}

TEST(JsonReader, NotesTheFirstMistake) {
  EXPECT_EQ(mistake("{}", [](const Reader& from) { from.text("a"); from.text("b"); }), "a is missing");
  EXPECT_EQ(mistake(R"({"a":1})", [](const Reader& from) { from.text("a"); }), "a is no string");
  EXPECT_EQ(mistake(R"({"a":null})", [](const Reader& from) { from.flag_or("a", true); }), "a is no boolean");
  EXPECT_EQ(mistake(R"({"a":256})", [](const Reader& from) { from.number<std::uint8_t>("a"); }),
            "a is no number of its range");
  EXPECT_EQ(mistake(R"({"a":-1})", [](const Reader& from) { from.number<unsigned>("a"); }),
            "a is no number of its range");
  EXPECT_EQ(mistake(R"({"a":1.5})", [](const Reader& from) { from.number<int>("a"); }), "a is no number of its range");
  EXPECT_EQ(mistake(R"({"a":["x",1]})", [](const Reader& from) { from.texts("a"); }), "a is no array of strings");
  EXPECT_EQ(mistake(R"({"a":{}})", [](const Reader& from) { from.items("a"); }), "a is no array");
  EXPECT_EQ(mistake("[]", [](const Reader& from) { from.text_or("a", ""); }),
            "a is not there: what should have it is no object");
}

}  // namespace
}  // namespace podrun::pod::json
