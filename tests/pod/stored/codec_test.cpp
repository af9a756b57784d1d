// The codec of single types: versions, unknown fields, wrong types.
#include "pod/stored/codec_lists.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "pod/stored/run_names.hpp"

namespace podrun::pod::stored {

/// A class whose second member came with version 2, and whose third is not stored.
struct Grown {
  std::string name;
  int size = 7;
  std::string secret = "default";
};
template <>
inline constexpr auto field_names<Grown> = std::array{FieldName("name"), FieldName("size", 2), FieldName(not_stored)};

namespace {

template <typename T>
std::string written(const T& value) {
  Writer to;
  Codec<T>::write(to, value);
  return std::move(to).take();
}

template <typename T>
struct Outcome {
  T value{};
  std::string mistake;
};

template <typename T>
Outcome<T> read(const std::string& text, unsigned version = 2) {
  Outcome<T> outcome;
  Reader from(text);
  from.version = version;
  Codec<T>::read(from, outcome.value);
  from.finish();
  outcome.mistake = from.mistake();
  return outcome;
}

TEST(Codec, AMemberThatIsNotStoredKeepsItsDefault) {
  EXPECT_EQ(written(Grown{.name = "a", .size = 1, .secret = "hidden"}), "d4:name1:a4:sizei1ee");
  const auto outcome = read<Grown>("d4:name1:a4:sizei1ee");
  EXPECT_EQ(outcome.mistake, "");
  EXPECT_EQ(outcome.value.name, "a");
  EXPECT_EQ(outcome.value.size, 1);
  EXPECT_EQ(outcome.value.secret, "default");
}

TEST(Codec, AFieldThatAnOlderVersionDoesNotHaveGetsItsDefault) {
  const auto outcome = read<Grown>("d4:name1:ae", 1);
  EXPECT_EQ(outcome.mistake, "");
  EXPECT_EQ(outcome.value.size, 7);
}

TEST(Codec, AFieldThatTheVersionHasMustBeThere) {
  EXPECT_EQ(read<Grown>("d4:name1:ae", 2).mistake, "what is at byte 11 follows an object without size");
  EXPECT_EQ(read<Grown>("d4:sizei1ee", 2).mistake, "what is at byte 11 follows an object without name");
}

TEST(Codec, AnUnknownFieldIsAMistake) {
  EXPECT_EQ(read<Grown>("d4:name1:a4:sizei1e5:coloure").mistake,
            "what is at byte 26 follows a field that this version does not have: colou");
  EXPECT_NE(read<Grown>("d4:name1:a4:sizei1e0:1:xe").mistake, "") << "the name of what is not stored";
}

TEST(Codec, AFieldOfANewerVersionIsAMistakeInAnOlderOne) {
  EXPECT_EQ(read<Grown>("d4:name1:a4:sizei1ee", 1).mistake,
            "what is at byte 16 follows a field that this version does not have: size");
}

TEST(Codec, AFieldThatIsThereTwiceIsAMistake) {
  EXPECT_NE(read<Grown>("d4:name1:a4:name1:b4:sizei1ee").mistake, "");
}

TEST(Codec, AKeyThatIsThereTwiceIsAMistake) {
  using Numbers = std::map<std::string, int>;
  EXPECT_EQ(read<Numbers>("d1:ai1e1:bi2ee").value, (Numbers{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(read<Numbers>("d1:ai1e1:ai2ee").mistake, "what is at byte 10 follows a key that was there before: a");
}

TEST(Codec, AnEnumeratorIsAWord) {
  EXPECT_EQ(written(NamespaceKind::Time), "4:Time");
  EXPECT_EQ(read<NamespaceKind>("4:Time").value, NamespaceKind::Time);
  EXPECT_NE(read<NamespaceKind>("5:Space").mistake, "");
  EXPECT_NE(read<NamespaceKind>("0:").mistake, "");
}

TEST(Codec, AnOptionalIsAListOfAtMostOne) {
  EXPECT_EQ(written(std::optional<int>()), "le");
  EXPECT_EQ(written(std::optional<int>(5)), "li5ee");
  EXPECT_EQ(read<std::optional<int>>("li5ee").value, 5);
  EXPECT_FALSE(read<std::optional<int>>("le").value);
  EXPECT_NE(read<std::optional<int>>("li5ei6ee").mistake, "");
}

TEST(Codec, AnArrayHasItsLength) {
  using Pair = std::array<int, 2>;
  EXPECT_EQ(read<Pair>("li1ei2ee").value, (Pair{1, 2}));
  EXPECT_NE(read<Pair>("li1ee").mistake, "");
  EXPECT_NE(read<Pair>("li1ei2ei3ee").mistake, "");
}

TEST(Codec, AStepIsADictionaryOfItsName) {
  EXPECT_EQ(written(ChildStep(step::Gate{.gate = 2})), "d4:Gated4:gatei2eee");
  const auto outcome = read<ChildStep>("d4:Gated4:gatei2eee");
  EXPECT_EQ(outcome.mistake, "");
  ASSERT_TRUE(std::holds_alternative<step::Gate>(outcome.value));
  EXPECT_EQ(std::get<step::Gate>(outcome.value).gate, 2);
  EXPECT_EQ(read<ChildStep>("d5:Teleportdee").mistake,
            "what is at byte 8 follows an alternative that this version does not have: Telep");
  EXPECT_NE(read<ChildStep>("de").mistake, "");
  EXPECT_NE(read<ChildStep>("d4:Gated4:gatei2ee4:Gated4:gatei2eee").mistake, "");
}

TEST(Codec, ANumberOtherThan0And1IsNoBoolean) {
  EXPECT_TRUE(read<bool>("i1e").value);
  EXPECT_NE(read<bool>("i2e").mistake, "");
}

}  // namespace
}  // namespace podrun::pod::stored
