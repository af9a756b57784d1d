// What of a program's output may reach the terminal of somebody who only looks at it: text and its colours. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace podrun::supervisor {

/// A stream of output, made harmless for a terminal. Characters, tab, newline, carriage return and backspace pass, and
/// so do colours and the like (SGR, `ESC [ … m`, ECMA-48 8.3.117). Every other control sequence is left out as a whole:
/// CSI, OSC, DCS, APC, PM, SOS, shorter escapes, C1 in UTF-8, and each other control character. A byte that is not
/// UTF-8 becomes U+FFFD, so that no sequence can be put together of what is left. What comes out is valid UTF-8.
///
/// Sequences and characters may be split anywhere between two calls. One that does not end ends with its line, or when
/// it has become longer than `longest_sequence`: what follows is text again.
class TerminalText {
 public:
  /// In bytes; a clipboard or a picture may be large.
  static constexpr std::size_t longest_sequence = 64 * 1024;

  /// Appends to `out` what may be shown of `text`, which goes on where the last one ended.
  void append(std::string& out, std::string_view text);
  /// The line, or the output, ends here: so does a sequence or a character that is not complete.
  void end_line(std::string& out);

  /// Appends what gives the terminal back its own colours, if the text has changed them: something else is shown now.
  void suspend(std::string& out) const;
  /// Appends what gives the terminal the text's colours again.
  void resume(std::string& out) const { out += style_; }

  /// Whether it is as it was made: nothing is open, and no colour is on.
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
  std::size_t length_ = 0;  // of the sequence so far
  std::string parameters_;  // of a CSI
  std::string cut_;         // the beginning of a character
  std::string style_;       // the SGR sequences since the last reset, each once
};

/// A whole text, in which there may be words of others, as it may be shown on a terminal.
std::string text_for_terminal(std::string_view text);

}  // namespace podrun::supervisor
