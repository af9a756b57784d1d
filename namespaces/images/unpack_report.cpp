// The report of an unpacker as text.
#include "namespaces/images/unpack_report.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "pod/image/digest.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::unpacker {
namespace {

constexpr std::size_t longest_message = 1000, most_left_out = 32, most_examples = 8;

/// The text with nothing in it that moves a cursor or ends a line, and not longer than a message may be.
std::string printable(std::string_view text) {
  std::string safe;
  for (std::size_t at = 0; at < text.size();) {
    const pod::CodePoint point = pod::code_point_at(text, at);
    if (safe.size() + point.size > longest_message) return safe + "…";
    if (point.value != pod::not_utf8 && pod::is_printable(point.value)) safe += text.substr(at, point.size);
    else safe += '?';
    at += point.size;
  }
  return safe;
}

bool read_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_flag(std::string_view text, bool& flag) {
  flag = text == "1";
  return flag || text == "0";
}

/// Each member that is one word, by its name in the text. The order is that of the lines.
template <typename Report, typename Digest, typename Number, typename Flag>
void each_word(Report& report, Digest digest, Number number, Flag flag) {
  digest("diff-id", report.diff_id);
  digest("blob", report.blob_digest);
  number("blob-bytes", report.blob_bytes);
  number("archive-bytes", report.archive_bytes);
  digest("tree", report.tree);
  number("entries", report.entries);
  number("bytes", report.bytes);
  flag("has-root", report.has_root);
  flag("hides-all-below", report.hides_all_below);
}

/// The lines of a report in turn: "NAME VALUE".
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}

  bool is_at_end() const { return text_.empty(); }
  /// The value of the next line if it has that name.
  std::optional<std::string_view> take(std::string_view name) {
    const std::size_t end = text_.find('\n');
    if (end == text_.npos || !text_.starts_with(name) || text_.size() <= name.size() || text_[name.size()] != ' ')
      return std::nullopt;
    const std::string_view value = text_.substr(name.size() + 1, end - name.size() - 1);
    text_.remove_prefix(end + 1);
    return value;
  }

 private:
  std::string_view text_;
};

std::optional<LayerReport> read_lines(Lines lines) {
  LayerReport report;
  bool good = true;
  const auto word = [&](std::string_view name, auto read) {
    const auto value = lines.take(name);
    good = good && value && read(*value);
  };
  each_word(
      report,
      [&](auto name, std::string& digest) {
        word(name, [&](auto text) { digest = text; return pod::is_digest(text); });
      },
      [&](auto name, std::uint64_t& number) { word(name, [&](auto text) { return read_number(text, number); }); },
      [&](auto name, bool& flag) { word(name, [&](auto text) { return read_flag(text, flag); }); });
  while (good && !lines.is_at_end() && report.left_out.size() < most_left_out) {
    LeftOut left;
    word("left-out", [&](auto text) { left.what = printable(text); return true; });
    word("count", [&](auto text) { return read_number(text, left.count); });
    for (auto example = lines.take("example"); example; example = lines.take("example"))
      if (left.examples.size() < most_examples) left.examples.push_back(printable(*example));
    report.left_out.push_back(std::move(left));
  }
  if (!good || !lines.is_at_end()) return std::nullopt;
  return report;
}

}  // namespace

std::string encode(const LayerReport& report) {
  std::string text;
  const auto line = [&](std::string_view name, std::string_view value) {
    text.append(name).append(" ").append(printable(value)).append("\n");
  };
  each_word(
      report, line, [&](auto name, std::uint64_t number) { line(name, std::to_string(number)); },
      [&](auto name, bool flag) { line(name, flag ? "1" : "0"); });
  for (const LeftOut& left : report.left_out) {
    line("left-out", left.what);
    line("count", std::to_string(left.count));
    for (const std::string& example : left.examples) line("example", example);
  }
  return text;
}

std::string encode_error(std::string_view message) { return "error " + printable(message) + "\n"; }

Result<LayerReport> parse_report(std::string_view text) {
  if (const auto message = Lines(text).take("error")) return fail(printable(*message));
  if (auto report = read_lines(Lines(text))) return std::move(*report);
  return fail("podrun-unpacker ended without a report");
}

}  // namespace podrun::unpacker
