// Removes control sequences from text for a terminal; see terminal_text.hpp.
#include "supervisor/core/terminal_text.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "pod/text/utf8_text.hpp"

namespace podrun::supervisor {
namespace {

constexpr char32_t bell = 0x07, cancel = 0x18, substitute = 0x1A, escape = 0x1B, erase = 0x7F, first_c1 = 0x80,
                   after_c1 = 0xA0;

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view reset = "\033[0m";

/// The longest parameters of an SGR sequence that is kept: no real one is longer.
constexpr std::size_t longest_parameters = 64;
/// The longest sequence of colours that is remembered: more than any screen needs. The oldest are dropped first.
constexpr std::size_t longest_style = 128;

bool is_plain(char c) { return c >= 0x20 && c < 0x7F; }
bool is_control(char32_t c) { return c < 0x20 || c == erase; }
bool is_c1(char32_t c) { return c >= first_c1 && c < after_c1; }

/// Whether `text` ends, from `at` on, in the middle of a character.
bool is_cut(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0xC2 || lead > 0xF4) return false;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  const std::string_view rest = text.substr(at + 1);
  return rest.size() + 1 < size && std::ranges::all_of(rest, [](char byte) { return (byte & 0xC0) == 0x80; });
}

/// Whether these are parameters of SGR: digits, `;` and `:` only. Others make the sequence another function (`CSI > …
/// m` sets what keys send).
bool are_colours(std::string_view parameters) {
  return parameters.size() <= longest_parameters && std::ranges::all_of(parameters, [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == ';' || c == ':';
  });
}

}  // namespace

void TerminalText::append(std::string& out, std::string_view text) {
  std::string joined;
  if (!cut_.empty()) {
    joined = std::exchange(cut_, {}).append(text);
    text = joined;
  }
  for (std::size_t at = 0; at < text.size();) {
    if (mode_ == Mode::Text) {
      const auto* const end = std::ranges::find_if_not(text.substr(at), is_plain);
      const auto run = static_cast<std::size_t>(end - (text.data() + at));
      out += text.substr(at, run);
      if ((at += run) == text.size()) return;
    }
    if (is_cut(text, at)) {
      cut_ = text.substr(at);
      return;
    }
    const pod::CodePoint c = pod::code_point_at(text, at);
    take(out, c.value, c.value == pod::not_utf8 ? replacement : text.substr(at, c.size));
    at += c.size;
  }
}

void TerminalText::end_line(std::string& out) {
  if (!cut_.empty() && mode_ == Mode::Text) out += replacement;
  cut_.clear();
  mode_ = Mode::Text;
}

void TerminalText::suspend(std::string& out) const {
  if (!style_.empty()) out += reset;
}

void TerminalText::take(std::string& out, char32_t c, std::string_view bytes) {
  if (mode_ != Mode::Text && (length_ += bytes.size()) > longest_sequence) mode_ = Mode::Text;
  if (c == escape) {
    mode_ = Mode::Escape;  // ends a string, too: what follows is its ST or another sequence
    length_ = 0;
    return;
  }
  if (is_c1(c)) return begin_sequence(c - first_c1 + '@');
  if (is_control(c)) return take_control(out, c);
  const bool in_range = c < erase;  // sequences consist of ASCII; any other character ends them, except strings
  switch (mode_) {
    case Mode::Text:
      out += bytes;
      return;
    case Mode::String:
      return;
    case Mode::Escape:
      if (in_range) return begin_sequence(c);
      break;
    case Mode::Intermediate:
      if (in_range) {
        if (c >= '0') mode_ = Mode::Text;
        return;
      }
      break;
    case Mode::Csi:
      if (in_range && c >= '@') return end_csi(out, c);
      if (in_range) {
        if (parameters_.size() <= longest_parameters) parameters_ += static_cast<char>(c);
        return;
      }
      break;
  }
  mode_ = Mode::Text;
  out += bytes;
}

/// Terminals obey most control characters within a sequence, too, which then continues.
void TerminalText::take_control(std::string& out, char32_t c) {
  const bool ends = c == '\n' || c == cancel || c == substitute || (c == bell && mode_ == Mode::String);
  if (ends) mode_ = Mode::Text;
  if (mode_ != Mode::String && (c == '\t' || c == '\n' || c == '\r' || c == '\b')) out += static_cast<char>(c);
}

/// `introducer` is the byte after ESC, or the one that a C1 control character stands for.
void TerminalText::begin_sequence(char32_t introducer) {
  length_ = 0;
  parameters_.clear();
  switch (introducer) {
    case '[':
      mode_ = Mode::Csi;
      return;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
      mode_ = Mode::String;
      return;
    default:
      mode_ = introducer < '0' ? Mode::Intermediate : Mode::Text;
  }
}

void TerminalText::end_csi(std::string& out, char32_t final) {
  mode_ = Mode::Text;
  if (final != 'm' || !are_colours(parameters_)) return;
  const std::string colours = "\033[" + parameters_ + "m";
  out += colours;
  remember(colours);
}

/// An SGR sequence that occurs again is kept once, in its later position, where it overrides earlier ones.
void TerminalText::remember(const std::string& colours) {
  const std::string_view parameters = parameters_;
  const std::string_view first = parameters.substr(0, parameters.find(';'));
  if (first.find_first_not_of('0') == first.npos) style_.clear();
  if (parameters.find_first_not_of("0;") == parameters.npos) return;
  if (const std::size_t former = style_.find(colours); former != style_.npos) style_.erase(former, colours.size());
  style_ += colours;
  while (style_.size() > longest_style) style_.erase(0, style_.find('m') + 1);
}

std::string text_for_terminal(std::string_view text) {
  std::string shown;
  TerminalText stream;
  stream.append(shown, text);
  stream.end_line(shown);
  stream.suspend(shown);
  return shown;
}

std::string plain_text_for_terminal(std::string_view text) {
  const std::string shown = text_for_terminal(text);
  std::string plain;
  for (std::size_t at = 0; at < shown.size();) {
    if (shown[at] == '\033') {  // colours: no other sequence is left
      at = std::min(shown.find('m', at), shown.size() - 1) + 1;
      continue;
    }
    const pod::CodePoint point = pod::code_point_at(shown, at);
    const bool passes = pod::is_printable(point.value) || point.value == '\n' || point.value == '\t';
    if (passes) plain += shown.substr(at, point.size);
    else if (point.value != '\r') plain += "\uFFFD";
    at += point.size;
  }
  return plain;
}

}  // namespace podrun::supervisor
