// Log files for people: whole lines from a file, and records of several containers as the text of one screen.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/core/terminal_text.hpp"
#include "supervisor/logs/cri_log_format.hpp"

namespace podrun::supervisor {

/// The whole lines of a log file from OFFSET on, at most 32 KiB of them; "" if there is none (yet). A longer
/// line, which is no record, comes in pieces.
Result<std::string> read_lines(int file, off_t offset);

/// Cuts the first line off TEXT and returns it without its newline.
std::string_view cut_line(std::string_view& text);

/// LINE as a record; one that is none is shown as it stands, as a line of stdout.
Record record_or_text(std::string_view line);

/// Whose record it is.
struct LogSource {
  std::string_view name;
  std::size_t index;       ///< of the container in the pod: picks the colour
  std::uint64_t instance;  ///< one of its lines does not go on in another's
};

/// How records look on a screen.
struct ScreenStyle {
  std::size_t name_width = 0;  ///< a prefix "name | ", the name padded to this; 0: none
  bool colours = false;        ///< the prefix in the container's colour
  bool times = false;          ///< each line begins with its time stamp
  bool sanitized = false;       ///< of control sequences only colours are shown: see TerminalText
};

/// Text in which `P` records are joined with what follows, and a line left open ends before another source's
/// begins. Where it is harmless, colours that a source left on come back with its next line, and colour no other's. A
/// value: a copy comes back to a moment.
class Screen {
 public:
  explicit Screen(ScreenStyle style = {}) : style_(style) {}

  /// Appends to OUT what shows RECORD after all that came before.
  void append(std::string& out, const LogSource& source, const Record& record);
  /// Appends to OUT what ends an open line.
  void end_line(std::string& out);
  /// Appends to OUT what ends the colours of an open line, which itself stays as it is.
  void end_colours(std::string& out) const;

 private:
  struct Line {
    std::size_t index;
    std::uint64_t instance;
    Stream stream;
    bool operator==(const Line&) const = default;
  };
  struct Text {
    Line line;
    TerminalText text;
  };
  void begin_line(std::string& out, const LogSource& source, const Record& record) const;
  TerminalText take_text(const Line& line);

  ScreenStyle style_;
  std::optional<Line> open_;
  std::vector<Text>
      texts_;  // where a sequence is open or a colour is on; of each source's stream the newest instance's
};

/// Where the two streams are shown.
struct Display {
  std::array<bool, 2> colours = {};
  std::array<bool, 2> sanitized = {};  ///< ScreenStyle::sanitized
  bool one_screen = false;            ///< both in the same place, which then has one cursor

  /// Of two descriptors: colours on terminals, if `colours` at all; harmless on terminals, unless everything is to be
  /// shown as it is, `raw`.
  static Display of(int out, int err, bool colours, bool raw);
};

/// The screens of the two streams, or of both.
class Screens {
 public:
  Screens(const Display& display, std::size_t name_width, bool times);
  Screen& of(Stream stream) { return screens_[one_ ? 0 : static_cast<std::size_t>(stream)]; }
  /// Whether both are the same.
  bool one() const { return one_; }

 private:
  std::array<Screen, 2> screens_;
  bool one_;
};

}  // namespace podrun::supervisor
