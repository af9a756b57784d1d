// Builds lines of a shell script.
#include "pod/script/script_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/text/quote.hpp"

namespace podrun::pod::script {
namespace {

constexpr std::size_t comment_width = 100;

std::string_view option_of(NamespaceKind kind) {
  switch (kind) {
    case NamespaceKind::Mnt:
      return "--mount";
    case NamespaceKind::Net:
      return "--net";
    case NamespaceKind::Ipc:
      return "--ipc";
    case NamespaceKind::Uts:
      return "--uts";
    case NamespaceKind::Pid:
      return "--pid";
    case NamespaceKind::User:
      return "--user";
    case NamespaceKind::Cgroup:
      return "--cgroup";
    case NamespaceKind::Time:
      return "--time";
  }
  return "";
}

}  // namespace

std::string word(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
  if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else
      quoted += c;
  }
  return quoted + "'";
}

std::string variable(std::string_view name) {
  std::string text(name);
  std::ranges::replace(text, '-', '_');
  return text;
}

std::string path_word(std::string_view path, std::string_view storage) {
  if (path == storage) return "\"$storage\"";
  if (!path.starts_with(std::string(storage) + "/")) return word(path);
  return "\"$storage\"" + word(path.substr(storage.size()));
}

std::string memory_place(std::string_view volume) {
  return "\"$storage\"/pod/volumes/" + word(volume);
}

std::string options_of(const NamespaceSet& kinds) {
  std::string text;
  for (const NamespaceKind kind : kinds)
    text += fmt::format("{}{}", text.empty() ? "" : " ", option_of(kind));
  return text;
}

Lines& Lines::operator<<(std::string_view line) {
  text_ += line;
  text_ += '\n';
  return *this;
}

void Lines::step(const StepText& step) {
  *this << fmt::format("\n## {} {}", step.action, step.detail);
}

void Lines::comment(std::string_view text) {
  for (const std::string& line : wrapped(text, comment_width)) *this << "# " + line;
}

void Reasons::give(Lines& lines, std::string_view reason) {
  if (given_.emplace(reason).second) lines.comment(reason);
}

std::string in_background(std::string_view command, std::string_view text) {
  std::string end = "END";
  while (text.contains(end)) end += '_';
  return fmt::format("{} <<'{}' &\n{}{}\n", command, end, text, end);
}

}  // namespace podrun::pod::script
