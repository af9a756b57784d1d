// Text and colours of a program's output, without the control sequences that could misuse a terminal that shows it.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace podrun::supervisor {

/// Filters a stream of output for a terminal. Characters, tab, newline, carriage return and backspace pass, and so do
/// colours and other attributes (SGR, `ESC [ … m`, ECMA-48 8.3.117). Every other control sequence is removed as a
/// whole: CSI, OSC, DCS, APC, PM, SOS, shorter escapes, C1 in UTF-8, and each other control character. A byte that is
/// not UTF-8 becomes U+FFFD, so that the remaining bytes cannot form a new sequence. The output is valid UTF-8.
///
/// Sequences and characters may be split anywhere between two calls. An unfinished sequence ends with its line, or when
/// it is longer than `longest_sequence`; what follows is text again.
class TerminalText {
 public:
  /// In bytes. Sequences that set the clipboard or draw an image are long.
  static constexpr std::size_t longest_sequence = 64 * 1024;

  /// Filters `text`, which continues the text of the last call, and appends the result to `out`.
  void append(std::string& out, std::string_view text);
  /// Ends the line or the output, and with it an unfinished sequence or character.
  void end_line(std::string& out);

  /// Appends the sequence that resets the terminal's colours, if the text has changed them: other text is shown next.
  void suspend(std::string& out) const;
  /// Appends the sequences that set the text's colours again.
  void resume(std::string& out) const { out += style_; }

  /// Whether the state is the initial one: no sequence or character is unfinished, and no colour is set.
  bool is_idle() const { return mode_ == Mode::Text && cut_.empty() && style_.empty(); }

 private:
  enum class Mode : std::uint8_t {
    Text,
    Escape,        // after ESC
    Intermediate,  // after ESC and a byte of 0x20 to 0x2F
    Csi,           // after ESC [
    String,        // after what begins an OSC, DCS, APC, PM or SOS
  };

  void take(std::string& out, char32_t c, std::string_view bytes);
  void take_control(std::string& out, char32_t c);
  void begin_sequence(char32_t introducer);
  void end_csi(std::string& out, char32_t final);
  void remember(const std::string& colours);

  Mode mode_ = Mode::Text;
  std::size_t length_ = 0;  // length of the unfinished sequence
  std::string parameters_;  // parameters of the unfinished CSI
  std::string cut_;         // the first bytes of an unfinished character
  std::string style_;       // the SGR sequences since the last reset, each once
};

/// Filters a whole text, which may quote other programs or files.
std::string text_for_terminal(std::string_view text);

/// The same without colours, carriage returns, and what moves the cursor or turns the direction of a line: a quoted
/// text cannot look like the lines around it.
std::string plain_text_for_terminal(std::string_view text);

}  // namespace podrun::supervisor
