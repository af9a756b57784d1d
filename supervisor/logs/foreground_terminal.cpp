// What the foreground shows; see foreground_terminal.hpp.
#include "supervisor/logs/foreground_terminal.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace podrun::supervisor {
namespace {

// How much of a log is shown before other events have their turn.
constexpr off_t share = 1024 * 1024;

// How much text is made before it is written: in vain, and again, where little can be written. A free slot of
// a pipe takes this much.
constexpr std::size_t longest_run = 4096;

// How much may wait for a terminal that takes nothing before messages are dropped.
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
    if (!chunk || chunk->empty()) return all_flushed;  // a log that cannot be read has nothing to show
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

// The records that CHUNK begins with, as long as they are of one stream. The screens do not change yet.
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

// Writes what can be written of a run and moves the log's position behind the last record that was begun; the
// rest of that one is kept and goes first next time. False if not all of the run was written.
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

// Writes what was kept back. False if some of it still is.
bool ForegroundTerminal::flush() {
  for (const Stream stream : streams) {
    pending(stream).erase(0, output(stream).write(pending(stream)));
    if (screens_.one() && !pending(stream).empty()) return false;  // nothing may overtake it there
  }
  return pending_[0].empty() && pending_[1].empty();
}

// Whether a record may be begun on STREAM: nothing else is waiting to go there before it.
bool ForegroundTerminal::is_free(Stream stream) const {
  if (screens_.one()) return pending_[0].empty() && pending_[1].empty();
  return pending_[static_cast<std::size_t>(stream)].empty();
}

}  // namespace podrun::supervisor
