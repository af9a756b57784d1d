// Shows log files to people; see log_screen.hpp.
#include "supervisor/logs/log_screen.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace podrun::supervisor {
namespace {

constexpr std::size_t chunk = 32 * 1024;

// Foreground colours of ECMA-48 that are legible on dark and light backgrounds. Red is reserved for errors.
constexpr std::array<std::string_view, 5> colours = {"\033[36m", "\033[33m", "\033[32m", "\033[35m",
                                                     "\033[34m"};
constexpr std::string_view plain = "\033[0m";

bool same_file(int a, int b) {
  struct stat x {
  }, y{};
  return ::fstat(a, &x) == 0 && ::fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

Screen screen(const Display& display, std::size_t stream, std::size_t name_width, bool times) {
  return Screen({.name_width = name_width,
                 .colours = display.colours[stream],
                 .times = times,
                 .sanitized = display.sanitized[stream]});
}

}  // namespace

Result<std::string> read_lines(int file, off_t offset) {
  std::string text;
  ssize_t n = 0;
  text.resize_and_overwrite(chunk, [&](char* data, std::size_t size) {
    n = ::pread(file, data, size, offset);
    return n < 0 ? 0 : static_cast<std::size_t>(n);
  });
  if (n < 0) return fail_system("cannot read a log");
  const std::size_t whole = text.rfind('\n') + 1;  // 0 without a newline: npos + 1 is 0
  if (whole > 0 || text.size() < chunk) text.resize(whole);
  return text;
}

std::string_view cut_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

Record record_or_text(std::string_view line) {
  return parse_record(line).value_or(
      Record{.time = {}, .stream = Stream::Out, .partial = false, .text = line});
}

void Screen::append(std::string& out, const LogSource& source, const Record& record) {
  const Line line{.index = source.index, .instance = source.instance, .stream = record.stream};
  const bool begins = open_ != line;
  if (begins) {
    end_line(out);
    begin_line(out, source, record);
  }
  open_ = line;
  if (style_.sanitized) {
    TerminalText text = take_text(line);
    if (begins) text.resume(out);
    text.append(out, record.text);
    if (!record.partial) text.end_line(out);
    if (!text.is_idle()) texts_.push_back({.line = line, .text = std::move(text)});
  } else {
    out += record.text;
  }
  if (!record.partial) end_line(out);
}

void Screen::end_line(std::string& out) {
  end_colours(out);
  if (open_) out += '\n';
  open_.reset();
}

void Screen::end_colours(std::string& out) const {
  for (const Text& each : texts_)
    if (each.line == open_) each.text.suspend(out);
}

/// Takes the filter state of a line's stream. The state of an earlier instance is discarded: its line is never
/// completed.
TerminalText Screen::take_text(const Line& line) {
  TerminalText text;
  std::erase_if(texts_, [&](Text& each) {
    if (each.line == line) text = std::move(each.text);
    return each.line.index == line.index && each.line.stream == line.stream;
  });
  return text;
}

void Screen::begin_line(std::string& out, const LogSource& source, const Record& record) const {
  if (style_.name_width > 0) {
    if (style_.colours) out += colours[source.index % colours.size()];
    out += source.name;
    out.append(style_.name_width - std::min(style_.name_width, source.name.size()), ' ');
    out += " |";
    if (style_.colours) out += plain;
    out += ' ';
  }
  if (style_.times) out.append(record.time) += ' ';
}

Display Display::of(int out, int err, bool colours, bool raw) {
  const std::array<bool, 2> terminals = {::isatty(out) == 1, ::isatty(err) == 1};
  return {.colours = {colours && terminals[0], colours && terminals[1]},
          .sanitized = {!raw && terminals[0], !raw && terminals[1]},
          .one_screen = same_file(out, err)};
}

Screens::Screens(const Display& display, std::size_t name_width, bool times)
    : screens_{screen(display, 0, name_width, times), screen(display, 1, name_width, times)},
      one_(display.one_screen) {}

}  // namespace podrun::supervisor
