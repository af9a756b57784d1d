// Shows log files to people: reads whole lines from a file, and formats records of several containers for one screen.
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

/// The whole lines of a log file from `offset` on, at most 32 KiB; "" if there is none (yet). A longer line, which
/// cannot be a record, is returned in pieces.
Result<std::string> read_lines(int file, off_t offset);

/// Removes the first line from `text` and returns it without its newline.
std::string_view cut_line(std::string_view& text);

/// Parses a line as a record. A line that is not a record is taken as text of stdout.
Record record_or_text(std::string_view line);

/// The origin of a record.
struct LogSource {
  std::string_view name;
  std::size_t index;       ///< index of the container in the pod: selects the colour
  std::uint64_t instance;  ///< number of the instance: a line never continues in the next one
};

/// The form of records on a screen.
struct ScreenStyle {
  std::size_t name_width = 0;  ///< width of the name in the prefix "name | "; 0: no prefix
  bool colours = false;        ///< show the prefix in the container's colour
  bool times = false;          ///< begin each line with its time stamp
  bool sanitized = false;       ///< remove control sequences except colours: TerminalText
};

/// Formats records as text: joins `P` records with their continuation, and ends an unfinished line before text of
/// another source. If sanitized, the colours that a source left on apply to its next line, and not to lines of other
/// sources. Copies are independent: assigning an earlier copy restores its state.
class Screen {
 public:
  explicit Screen(ScreenStyle style = {}) : style_(style) {}

  /// Appends to `out` the text for a record.
  void append(std::string& out, const LogSource& source, const Record& record);
  /// Appends to `out` what ends an unfinished line.
  void end_line(std::string& out);
  /// Appends to `out` what resets the colours of an unfinished line; the line itself remains unfinished.
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
      texts_;  // the streams with an unfinished sequence or a colour set; only those of the newest instance
};

/// The destinations of the two streams.
struct Display {
  std::array<bool, 2> colours = {};
  std::array<bool, 2> sanitized = {};  ///< ScreenStyle::sanitized
  bool one_screen = false;            ///< both have the same destination, and so one cursor

  /// The form for two descriptors. Terminals get colours if `colours`, and no control sequences unless `raw`.
  static Display of(int out, int err, bool colours, bool raw);
};

/// The screens of the two streams, which may be one.
class Screens {
 public:
  Screens(const Display& display, std::size_t name_width, bool times);
  Screen& of(Stream stream) { return screens_[one_ ? 0 : static_cast<std::size_t>(stream)]; }
  /// Whether both streams have the same screen.
  bool one() const { return one_; }

 private:
  std::array<Screen, 2> screens_;
  bool one_;
};

}  // namespace podrun::supervisor
