// The output of containers on a terminal: colours are passed on, and no other control sequences.
#include "supervisor/core/terminal_text.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <random>

#include "pod/text/utf8_text.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::string_literals;

const std::string replacement = "\xEF\xBF\xBD";

/// The text that is printed, without the sequence that resets colours at its end.
std::string shown(std::string_view text) {
  std::string out;
  TerminalText stream;
  stream.append(out, text);
  stream.end_line(out);
  return out;
}

struct Case {
  const char* name;
  std::string text, shown;
};

class TerminalTextTable : public testing::TestWithParam<Case> {};

TEST_P(TerminalTextTable, OnlyHarmlessSequencesAreShown) { EXPECT_EQ(shown(GetParam().text), GetParam().shown); }

TEST_P(TerminalTextTable, TheResultDoesNotDependOnHowTheInputIsSplit) {
  const auto& [name, text, expected] = GetParam();
  for (std::size_t first = 0; first <= text.size(); ++first)
    for (std::size_t second = first; second <= text.size(); ++second) {
      std::string out;
      TerminalText stream;
      for (const auto& piece : {text.substr(0, first), text.substr(first, second - first), text.substr(second)})
        stream.append(out, piece);
      stream.end_line(out);
      ASSERT_EQ(out, expected) << "split at " << first << " and " << second;
    }
}

const Case cases[] = {
    {"Text", "a b~\t\r\n", "a b~\t\r\n"},
    {"Backspace", "a\bb", "a\bb"},
    {"Utf8", "äö→😀", "äö→😀"},
    {"Colours", "\033[31mred\033[0m", "\033[31mred\033[0m"},
    {"ColoursWithoutParameters", "\033[mx", "\033[mx"},
    {"TrueColours", "\033[38;2;255;0;0;48;5;17m\033[4:3m", "\033[38;2;255;0;0;48;5;17m\033[4:3m"},
    {"ColoursInC1", "\xC2\x9B"s + "31mx", "\033[31mx"},
    {"KeyModifierOptions", "a\033[>4;2mb", "ab"},
    {"QueryOfKeyModifierOptions", "a\033[?4mb", "ab"},
    {"ColoursWithAnIntermediate", "a\033[1 mb", "ab"},
    {"CursorPosition", "a\033[6nb", "ab"},
    {"DeviceAttributes", "a\033[c\033[>c\033[=cb", "ab"},
    {"Erasure", "a\033[2J\033[Kb", "ab"},
    {"PrivateModes", "a\033[?1049h\033[?2004hb", "ab"},
    {"Title", "a\033]0;title\ab", "ab"},
    {"TitleWithStringTerminator", "a\033]2;title\033\\b", "ab"},
    {"TitleInC1", "a\xC2\x9D" "0;title\xC2\x9C" "b", "ab"},
    {"TitleWithTheByteOfAStringTerminator", "a\033]0;✓ ü\ab", "ab"},
    {"Clipboard", "a\033]52;c;SGVsbG8=\ab", "ab"},
    {"DeviceControl", "a\033Pq#0;2;0;0;0\033\\b", "ab"},
    {"Application", "a\033_G\033\\b", "ab"},
    {"Privacy", "a\033^x\033\\b", "ab"},
    {"StartOfString", "a\033Xx\033\\b", "ab"},
    {"ABellEndsAString", "a\033Px\ab", "ab"},
    {"ColoursEndAString", "a\033]0;x\033[31mb", "a\033[31mb"},
    {"TwoBytes", "a\033c\0337\0338\033=b", "ab"},
    {"Designation", "a\033(0\033%Gb", "ab"},
    {"AnIntermediateByteAndABracket", "a\033([31mb", "a31mb"},
    {"TwoEscapes", "a\033\033[31mb", "a\033[31mb"},
    {"CancelledSequence", "a\033[31\x18mb\033]0;x\x1A" "c", "ambc"},
    {"ControlCharactersWithin", "\033[3\r1\tmx", "\r\t\033[31mx"},
    {"TextThatNoSequenceHas", "\033[3ü1m\033ü", "ü1mü"},
    {"OtherControlCharacters", "a\0\a\v\f\x0E\x0F\x05\x7F"s + "b", "ab"},
    {"NextLineAndOthersOfC1", "a\xC2\x85\xC2\x8D\xC2\x80" "b", "ab"},
    {"BytesOfC1", "a\x9B" "6n\x9D" "0;b", "a" + replacement + "6n" + replacement + "0;b"},
    {"BytesThatAreNotUtf8", "a\xFF\xE4" "b", "a" + replacement + replacement + "b"},
    {"AByteThatWouldMeetAnother", "\xC2\a\x9B" "6n", replacement + replacement + "6n"},
    {"ACharacterThatIsCut", "a\xE2\x86", "a" + replacement},
    {"ASequenceThatIsCut", "a\033[31", "a"},
    {"AStringEndsWithItsLine", "a\033]0;title\nb", "a\nb"},
    {"ASequenceEndsWithItsLine", "a\033[31\nmb", "a\nmb"},
};

INSTANTIATE_TEST_SUITE_P(All, TerminalTextTable, testing::ValuesIn(cases),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(TerminalText, AnUnfinishedSequenceHidesABoundedAmountOfText) {
  for (const std::string begin : {"\033]52;c;", "\033P", "\033["}) {
    std::string out;
    TerminalText stream;
    stream.append(out, begin);
    for (int piece = 0; piece < 10; ++piece) stream.append(out, std::string(TerminalText::longest_sequence / 8, '1'));
    stream.append(out, "still there");
    EXPECT_TRUE(out.ends_with("1still there")) << begin.substr(1);
    EXPECT_LT(out.size(), TerminalText::longest_sequence / 2);
  }
}

TEST(TerminalText, ColoursAreRestoredAfterAnInterruption) {
  std::string out;
  TerminalText stream;
  stream.append(out, "\033[31mred \033[1mbold");
  EXPECT_FALSE(stream.is_idle());
  out.clear();
  stream.suspend(out);
  out += '|';
  stream.resume(out);
  EXPECT_EQ(out, "\033[0m|\033[31m\033[1m");
}

TEST(TerminalText, AResetClearsTheRememberedColours) {
  for (const std::string reset : {"\033[0m", "\033[m", "\033[00m", "\033[;m"}) {
    std::string out;
    TerminalText stream;
    stream.append(out, "\033[31mred" + reset);
    EXPECT_TRUE(stream.is_idle()) << reset.substr(1);
  }
  std::string out;
  TerminalText stream;
  stream.append(out, "\033[31mred\033[0;32mgreen");
  out.clear();
  stream.resume(out);
  EXPECT_EQ(out, "\033[0;32m");
}

TEST(TerminalText, TheRememberedColoursAreBounded) {
  std::string out;
  TerminalText stream;
  for (int round = 0; round < 1000; ++round) stream.append(out, "\033[31mx\033[39m");
  out.clear();
  stream.resume(out);
  EXPECT_EQ(out, "\033[31m\033[39m") << "the same colours, once";
  for (int colour = 0; colour < 256; ++colour) stream.append(out, "\033[38;5;" + std::to_string(colour) + "m");
  out.clear();
  stream.resume(out);
  EXPECT_LE(out.size(), 128U);
  EXPECT_TRUE(out.ends_with("\033[38;5;255m"));
}

/// The end of an SGR sequence that begins at `at`; npos if none does.
std::size_t end_of_colours(const std::string& text, std::size_t at) {
  if (text.compare(at, 2, "\033[") != 0) return text.npos;
  const std::size_t end = text.find_first_not_of("0123456789;:", at + 2);
  return end != text.npos && text[end] == 'm' ? end + 1 : text.npos;
}

TEST(TerminalText, RandomInputYieldsOnlyTextAndColours) {
  std::mt19937 random(12);
  const std::string likely =
      "\033\033\033[[]P^_X\\;:019mnhc?>! \a\r\t\n\b\x18\x7F\xC2\xC2\x9B\x9D\x9C\x90\xE2\x86\x92"
      "ab";
  for (int run = 0; run < 2000; ++run) {
    std::string out;
    TerminalText stream;
    for (int piece = 0; piece < 8; ++piece) {
      std::string text;
      for (int byte = 0; byte < 16; ++byte) text += likely[random() % likely.size()];
      stream.append(out, text);
    }
    stream.end_line(out);
    for (std::size_t at = 0; at < out.size();) {
      const pod::CodePoint c = pod::code_point_at(out, at);
      ASSERT_NE(c.value, pod::not_utf8);
      if (const std::size_t end = end_of_colours(out, at); end != out.npos) {
        at = end;
        continue;
      }
      const bool control = c.value < 0x20 || (c.value >= 0x7F && c.value < 0xA0);
      ASSERT_TRUE(!control || "\t\n\r\b"s.contains(static_cast<char>(c.value))) << pod::in_quotes(out.substr(at));
      at += c.size;
    }
  }
}

TEST(TerminalText, AWholeTextEndsWithItsColoursReset) {
  EXPECT_EQ(text_for_terminal("podrun: \033[31m\033]0;x\a\"y\""), "podrun: \033[31m\"y\"\033[0m");
  EXPECT_EQ(text_for_terminal("podrun: plain\n"), "podrun: plain\n");
}

}  // namespace
}  // namespace podrun::supervisor
