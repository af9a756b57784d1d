// The output of a pod in the foreground; see foreground_terminal.hpp.
#include "supervisor/logs/foreground_terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace podrun::supervisor {
namespace {

// How many bytes of a log are shown before other events are handled.
constexpr off_t share = 1024 * 1024;

// How many bytes of text are formatted before they are written. If only a part can be written, the rest is formatted
// again. One slot of a pipe takes this much.
constexpr std::size_t longest_run = 4096;

// How many bytes may wait for a blocked terminal before messages are dropped.
constexpr std::size_t most_pending = 64 * 1024;

}  // namespace

Colours colours_by_environment() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color != nullptr && *no_color != '\0' ? Colours::Never : Colours::OnTerminals;
}

ForegroundTerminal::ForegroundTerminal(std::size_t name_width, Colours colours, int out, int err, bool raw)
    : outputs_{NonblockingOutput(out), NonblockingOutput(err)},
      screens_(Display::of(out, err, colours == Colours::OnTerminals, raw), name_width, false),
      out_is_terminal_(::isatty(out) == 1),
      err_is_terminal_(::isatty(err) == 1) {}

ForegroundTerminal::~ForegroundTerminal() {
  for (const Stream stream : streams) screens_.of(stream).end_line(pending(stream));
  flush();
}

bool ForegroundTerminal::show(const LogSource& source, int shown) {
  const bool all_flushed = flush();
  off_t position = ::lseek(shown, 0, SEEK_CUR);
  if (position < 0) return all_flushed;
  for (const off_t start = position;;) {
    const auto chunk = read_lines(shown, position);
    if (!chunk || chunk->empty()) return all_flushed;  // an unreadable log is treated as an empty one
    for (std::string_view left = *chunk; !left.empty();) {
      const Run run = render(source, left);
      if (!put(run, shown, position)) return false;
      if (position - start > share && output(run.stream).yield()) return false;
      left.remove_prefix(run.marks.back().log);
    }
  }
}

int ForegroundTerminal::blocked_fd(Stream stream) const {
  return outputs_[static_cast<std::size_t>(stream)].blocked_fd();
}

void ForegroundTerminal::message(std::string_view line) {
  std::string& waiting = pending(Stream::Err);
  if (waiting.size() + line.size() > most_pending) return;
  screens_.of(Stream::Err).end_line(waiting);
  waiting.append(err_is_terminal_ ? text_for_terminal(line) : line) += '\n';
  flush();
}

// Formats the first records of `chunk`, as long as they are of the same stream. Does not change the screens.
ForegroundTerminal::Run ForegroundTerminal::render(const LogSource& source, std::string_view chunk) {
  Run run;
  Screen screen;
  for (std::string_view left = chunk; !left.empty();) {
    const Record record = record_or_text(cut_line(left));
    if (run.marks.empty()) {
      run.stream = record.stream;
      screen = screens_.of(run.stream);
    }
    if (record.stream != run.stream || run.text.size() > longest_run) break;
    screen.append(run.text, source, record);
    run.marks.push_back({.text = run.text.size(), .log = chunk.size() - left.size(), .screen = screen});
  }
  return run;
}

// Writes as much of a run as possible and moves the log's position behind the last record that was begun. The rest of
// that record is kept and written first next time. False if not all of the run was written.
bool ForegroundTerminal::put(const Run& run, int shown, off_t& position) {
  if (!is_free(run.stream)) return false;
  const std::size_t written = output(run.stream).write(run.text);
  const bool all = written == run.text.size();
  if (written == 0 && !all) return false;
  const Run::Mark& last =
      all ? run.marks.back() : *std::ranges::lower_bound(run.marks, written, {}, &Run::Mark::text);
  pending(run.stream) = run.text.substr(written, last.text - written);
  screens_.of(run.stream) = last.screen;
  position = ::lseek(shown, position + static_cast<off_t>(last.log), SEEK_SET);
  return all;
}

// Writes the text that was kept. False if some of it remains.
bool ForegroundTerminal::flush() {
  for (const Stream stream : streams) {
    pending(stream).erase(0, output(stream).write(pending(stream)));
    if (screens_.one() && !pending(stream).empty()) return false;  // on a shared screen the order must be kept
  }
  return pending_[0].empty() && pending_[1].empty();
}

// Whether a record of `stream` may be begun: no other text waits for the same place.
bool ForegroundTerminal::is_free(Stream stream) const {
  if (screens_.one()) return pending_[0].empty() && pending_[1].empty();
  return pending_[static_cast<std::size_t>(stream)].empty();
}

}  // namespace podrun::supervisor
