// The output of a pod in the foreground: the containers' logs and podrun's own messages. It reads the log files and
// never delays supervision: a stopped terminal or a full pipe is retried when it becomes writable, a closed one is
// given up.
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

/// Whether prefixes are coloured.
enum class Colours { Never, OnTerminals };
/// Colours::Never if $NO_COLOR is set and not empty: https://no-color.org.
Colours colours_by_environment();

/// The stdout and stderr of a pod in the foreground.
class ForegroundTerminal {
 public:
  /// `name_width` is the width of the longest container name. With `raw`, control sequences of containers are shown
  /// unchanged, also on a terminal. The descriptors `out` and `err` remain the caller's.
  explicit ForegroundTerminal(std::size_t name_width, Colours colours = colours_by_environment(), int out = 1,
                    int err = 2, bool raw = false);

  /// Ends a line that a container left unfinished, if the output takes it.
  ~ForegroundTerminal();
  ForegroundTerminal(const ForegroundTerminal&) = delete;
  ForegroundTerminal& operator=(const ForegroundTerminal&) = delete;

  /// Shows the log of `source` from the position of `shown`, a descriptor of one of its log files, and moves that
  /// position; a later supervisor continues from it. True: everything is shown. False: call again when one of
  /// blocked_fd() is writable; there is at least one.
  bool show(const LogSource& source, int shown);

  /// The descriptor that `stream` waits for (EPOLLOUT), or -1. It may already be writable: a long log is shown in
  /// parts, so that other events are handled in between.
  int blocked_fd(Stream stream) const;

  /// Whether the containers' stdout is shown on a terminal.
  bool is_terminal() const { return out_is_terminal_; }

  /// Writes a message of podrun's own, without its newline, to stderr; drops it if much text is waiting there. On a
  /// terminal, control sequences are removed even with `raw`.
  void message(std::string_view line);

 private:
  // Consecutive records of one stream that are being written.
  struct Run {
    // The end of a record: its offset in the text, its offset in the chunk of the log, and the state of the screen
    // after it.
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
  std::array<std::string, 2> pending_;  // the rest of a record that was written partly, then messages
  Screens screens_;
  bool out_is_terminal_, err_is_terminal_;
};

}  // namespace podrun::supervisor
