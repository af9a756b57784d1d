// Looks for the ends of JSON documents, by their brackets and quotes.
#include "pod/yaml/json_stream.hpp"

#include <algorithm>

namespace podrun::pod::yaml {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(blanks, at), text.size());
}

/// Whether a JSON object begins here: a bracket, then a quoted name or the other bracket.
bool object_begins(std::string_view text, std::size_t at) {
  if (at >= text.size() || text[at] != '{') return false;
  const std::size_t next = skip_blanks(text, at + 1);
  return next < text.size() && (text[next] == '"' || text[next] == '}');
}

/// The byte behind the object that begins at a byte; the end of the text if it does not end.
std::size_t object_end(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\') {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '{' || c == '[')) {
      ++depth;
    } else if (!quoted && (c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

/// The byte behind the next line "---", or the end of the text. AT may be in the line.
std::size_t behind_mark(std::string_view text, std::size_t at) {
  constexpr std::string_view mark = "---";
  if (text.substr(at).starts_with(mark) && (at == 0 || text[at - 1] == '\n')) return at + mark.size();
  const std::size_t found = text.find("\n---", at);
  return found == text.npos ? text.size() : found + 1 + mark.size();
}

}  // namespace

std::vector<std::size_t> json_documents_behind_others(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t at = skip_blanks(text, 0); at < text.size();) {
    if (object_begins(text, at)) {
      at = skip_blanks(text, object_end(text, at));
      if (object_begins(text, at)) starts.push_back(at);
    } else {
      at = skip_blanks(text, behind_mark(text, at));
    }
  }
  return starts;
}

}  // namespace podrun::pod::yaml
