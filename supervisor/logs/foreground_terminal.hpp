// What the foreground shows: the containers' logs and podrun's own words. It follows the log files and never
// delays supervision: a stopped terminal or a full pipe is left alone until it can be written to, a closed
// one for good.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor/logs/log_screen.hpp"
#include "supervisor/logs/nonblocking_output.hpp"

namespace podrun::supervisor {

/// Whether prefixes may have colours.
enum class Colours { Never, OnTerminals };
/// Never if $NO_COLOR is set and not empty: https://no-color.org.
Colours colours_by_environment();

class ForegroundTerminal {
 public:
  /// NAME_WIDTH is the longest container name's. RAW: containers' control sequences are shown as they are, also on a
  /// terminal. OUT and ERR stay open and the caller's.
  explicit ForegroundTerminal(std::size_t name_width, Colours colours = colours_by_environment(), int out = 1,
                    int err = 2, bool raw = false);

  /// Ends a line that a container left open, if there is room.
  ~ForegroundTerminal();
  ForegroundTerminal(const ForegroundTerminal&) = delete;
  ForegroundTerminal& operator=(const ForegroundTerminal&) = delete;

  /// Shows what SOURCE has logged behind the position of SHOWN, one of its log files opened for reading, and
  /// moves the position, which a later supervisor goes on from. True: everything is shown. False: call again
  /// when a blocked_fd() can be written to; there is one.
  bool show(const LogSource& source, int shown);

  /// What STREAM waits for (EPOLLOUT), or -1. It may be ready at once: a long log is shown in shares, so that
  /// other events come in between.
  int blocked_fd(Stream stream) const;

  /// Whether what containers print to stdout is shown on a terminal.
  bool is_terminal() const { return out_is_terminal_; }

  /// A line of podrun's own, without its newline, to stderr; dropped if much is waiting there already. On a terminal it
  /// is harmless, also where containers' output is raw.
  void message(std::string_view line);

 private:
  // Consecutive records of one stream on their way there.
  struct Run {
    // A record's end: in the text, in the chunk of the log, and what the screen looks like then.
    struct Mark {
      std::size_t text;
      std::size_t log;
      Screen screen;
    };
    Stream stream = Stream::Out;
    std::string text;
    std::vector<Mark> marks;
  };

  Run render(const LogSource& source, std::string_view chunk);
  bool put(const Run& run, int shown, off_t& position);
  bool flush();
  bool is_free(Stream stream) const;
  NonblockingOutput& output(Stream stream) { return outputs_[static_cast<std::size_t>(stream)]; }
  std::string& pending(Stream stream) { return pending_[static_cast<std::size_t>(stream)]; }

  std::array<NonblockingOutput, 2> outputs_;
  std::array<std::string, 2> pending_;  // the rest of a record that was written in part, then messages
  Screens screens_;
  bool out_is_terminal_, err_is_terminal_;
};

}  // namespace podrun::supervisor
