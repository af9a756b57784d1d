// Parses env files.
#include "pod/environment/env_file.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view without_leading_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

/// The numbered lines of a text, which end with LF or CR LF.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next() {
    if (rest_.empty()) return false;
    line_ = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line_.size() + 1, rest_.size()));
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    ++number_;
    return true;
  }
  std::string_view line() const { return line_; }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_, line_;
  std::size_t number_ = 0;
};

std::unexpected<Error> wrong(std::size_t line, std::string_view what) {
  return fail(fmt::format("line {}: {}", line, what));
}

/// The quoted text that starts at `rest`, after the opening quote. The closing quote may be on a later line.
Result<std::string> quoted(std::string_view rest, Lines& lines) {
  const std::size_t first = lines.number();
  std::string value;
  while (rest.find('\'') == rest.npos) {
    value.append(rest) += '\n';
    if (!lines.next()) return wrong(first, "its quote is not closed");
    rest = lines.line();
  }
  const std::size_t end = rest.find('\'');
  value.append(rest.substr(0, end));
  const std::string_view after = without_leading_blanks(rest.substr(end + 1));
  if (!after.empty() && !after.starts_with('#'))
    return wrong(lines.number(), "only a comment may follow the closing quote");
  return value;
}

}  // namespace

std::set<EnvFile> env_files_of(const Container& container) {
  std::set<EnvFile> files;
  for (const EnvVar& variable : container.env)
    if (const auto* reference = std::get_if<FileKeyRef>(&variable.source))
      files.insert({reference->volume_name, reference->path});
  return files;
}

std::string name_of_unread(const FileKeyRef& reference) {
  return fmt::format("<file {}/{} {}>", reference.volume_name, reference.path, reference.key);
}

Result<std::optional<std::string>> find_in_env_file(std::string_view text, std::string_view key) {
  Lines lines(text);
  while (lines.next()) {
    const std::string_view line = without_leading_blanks(lines.line());
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t equals = line.find('=');
    if (equals == line.npos) return wrong(lines.number(), "it is not KEY='value'");
    const std::string_view name = line.substr(0, equals), rest = line.substr(equals + 1);
    if (name.empty()) return wrong(lines.number(), "there is no name before its \"=\"");
    if (blanks.contains(name.back())) return wrong(lines.number(), "there is a blank before its \"=\"");
    // As in a shell, a blank directly after the "=" means an empty value.
    const bool is_empty = !rest.empty() && blanks.contains(rest.front());
    if (!is_empty && !rest.starts_with('\'')) return wrong(lines.number(), "its value is not in single quotes");
    const std::size_t number = lines.number();
    std::string value = is_empty ? "" : TRY(quoted(rest.substr(1), lines));
    if (name != key) continue;
    if (value.size() > longest_env_value) return wrong(number, "its value has more than 32 KiB");
    return value;
  }
  return std::nullopt;
}

}  // namespace podrun::pod
