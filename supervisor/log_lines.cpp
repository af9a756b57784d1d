// Log files for people; see log_lines.hpp.
#include "supervisor/log_lines.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace podrun::supervisor {
namespace {

constexpr std::size_t chunk = 32 * 1024;

// Foreground colours of ECMA-48 that are legible on dark and on light; red is left to errors.
constexpr std::array<std::string_view, 5> colours = {"\033[36m", "\033[33m", "\033[32m", "\033[35m",
                                                     "\033[34m"};
constexpr std::string_view plain = "\033[0m";

bool same_file(int a, int b) {
  struct stat x {
  }, y{};
  return ::fstat(a, &x) == 0 && ::fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
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
  const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
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
  if (open_ != line) {
    end_line(out);
    begin_line(out, source, record);
  }
  out += record.text;
  open_ = line;
  if (!record.partial) end_line(out);
}

void Screen::end_line(std::string& out) {
  if (open_) out += '\n';
  open_.reset();
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

Display Display::of(int out, int err, bool colours) {
  return {.colours = {colours && ::isatty(out) == 1, colours && ::isatty(err) == 1},
          .one_screen = same_file(out, err)};
}

Screens::Screens(const Display& display, std::size_t name_width, bool times)
    : screens_{Screen({.name_width = name_width, .colours = display.colours[0], .times = times}),
               Screen({.name_width = name_width, .colours = display.colours[1], .times = times})},
      one_(display.one_screen) {}

}  // namespace podrun::supervisor
