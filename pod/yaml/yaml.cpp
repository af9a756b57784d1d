// Runs yaml-cpp on a text and rewords its error messages. No exception of yaml-cpp leaves this file.
#include "pod/yaml/yaml.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "pod/text/surrogates.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/json_stream.hpp"
#include "pod/yaml/yaml_builder.hpp"

namespace podrun::pod::yaml {
namespace {

/// A message of yaml-cpp and the message of podrun for it.
struct Wording {
  std::string_view theirs;  ///< the start of yaml-cpp's message
  std::string_view ours;
  std::string_view hint;
};
namespace said = YAML::ErrorMsg;
const std::array wordings{
    Wording{said::END_OF_MAP_FLOW, "this bracket is never closed", ""},
    Wording{said::END_OF_SEQ_FLOW, "this bracket is never closed", ""},
    Wording{said::END_OF_MAP, "this does not continue what stands above", "check the indentation"},
    Wording{said::END_OF_SEQ, "this does not continue what stands above", "check the indentation"},
    Wording{said::EOF_IN_SCALAR, "this quote is never closed", ""},
    Wording{said::DOC_IN_SCALAR, "this quote is never closed", ""},
    Wording{said::MAP_VALUE, "a \":\" cannot stand here", "check the indentation, or quote the text"},
    Wording{said::MAP_KEY, "a \"?\" cannot stand here", ""},
    Wording{said::BLOCK_ENTRY, "a list cannot begin here", "put its first item on a line of its own"},
    Wording{said::FLOW_END, "this bracket closes nothing", ""},
    Wording{said::UNKNOWN_TOKEN, "a value cannot begin like this", "quote it"},
    Wording{said::TAB_IN_INDENTATION, "a tab in the indentation", "YAML indents with spaces"},
    Wording{said::INVALID_ESCAPE, "there is no such escape", R"(write "\\" for a backslash)"},
    Wording{said::INVALID_UNICODE, "this escape is half of a character", "write the character itself"},
    Wording{said::UNKNOWN_ANCHOR, "an alias names no anchor above it", ""},
};

/// Finds a quote that is never closed. yaml-cpp notices it only at the end of the text and does not report where it is.
/// The quote is after the last event.
std::optional<std::size_t> open_quote(std::string_view text, std::size_t from) {
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    const bool token_begins = at == 0 || std::string_view(" \t\n[{,:").contains(text[at - 1]);
    if (c == '#' && token_begins) at = std::min(text.find('\n', at), text.size());
    if ((c != '"' && c != '\'') || !token_begins) continue;
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != c) end += c == '"' && text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return at;
    at = end;
  }
  return std::nullopt;
}

/// Whether the indentation of the line of a byte has a tab.
bool tab_indents(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const std::string_view line = text.substr(before.rfind('\n') + 1);
  return line.substr(0, line.find_first_not_of(" \t")).contains('\t');
}

void report_syntax_error(const YAML::Exception& error, const Builder& builder, std::string_view text,
                         DiagnosticCollector& report) {
  std::size_t at = builder.offset(error.mark);
  const std::string_view theirs = error.msg;
  const auto wording =
      std::ranges::find_if(wordings, [&](const Wording& w) { return theirs.starts_with(w.theirs); });
  if (wording == wordings.end()) {
    report.add(at, fmt::format("not YAML: {}", in_quotes(theirs)));
    return;
  }
  const auto is = [&](std::string_view message) { return wording->theirs == message; };
  if (is(said::END_OF_MAP_FLOW) || is(said::END_OF_SEQ_FLOW)) at = builder.innermost();
  if (is(said::INVALID_ESCAPE) || is(said::INVALID_UNICODE)) at = text.rfind('\\', at);
  if (is(said::EOF_IN_SCALAR) || is(said::DOC_IN_SCALAR)) at = open_quote(text, builder.last()).value_or(at);
  const bool tab = tab_indents(text, at);
  report.add(at, std::string(wording->ours),
             tab ? "YAML indents with spaces, not tabs" : std::string(wording->hint));
}

/// Whether yaml-cpp could read a part of the text. It refuses surrogate pairs.
enum class Outcome { Read, Failed, HasSurrogates };

/// Parses a part of the text as INPUT, in which surrogate pairs may be joined.
Outcome parse_input(std::string_view text, std::string input, bool is_joined, Builder& builder,
                    DiagnosticCollector& report) {
  try {
    // yaml-cpp accepts a quote that is still open at the end of the text, but not one that is open at a "...".
    input += input.ends_with('\n') ? "...\n" : "\n...\n";
    std::istringstream stream(std::move(input));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return Outcome::Read;
  } catch (const Stop&) {
    // The builder has reported the error.
  } catch (const YAML::Exception& error) {
    if (!is_joined && error.msg.starts_with(said::INVALID_UNICODE)) return Outcome::HasSurrogates;
    report_syntax_error(error, builder, text, report);
  }
  return Outcome::Failed;
}

/// Parses a part of the text. Returns whether the next part can be read.
bool parse_part(std::string_view text, std::size_t at, std::size_t size, Builder& builder,
                DiagnosticCollector& report) {
  const std::string_view part = text.substr(at, size);
  builder.begin_part(at, {});
  const Outcome outcome = parse_input(text, std::string(part), false, builder, report);
  if (outcome != Outcome::HasSurrogates) return outcome == Outcome::Read;
  JoinedText joined = join_surrogates(part);
  builder.forget_part();
  builder.begin_part(at, std::move(joined.joins));
  return parse_input(text, std::move(joined.text), true, builder, report) == Outcome::Read;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto entry = std::ranges::find_if(entries, [&](const Entry& e) { return e.key->text == key; });
  return entry == entries.end() ? nullptr : entry->value;
}

Document read(std::string_view text, DiagnosticCollector& report) {
  Document document;
  if (text.size() > max_bytes) {
    report.add_for_file(
        fmt::format("the file has {} bytes; 64 MiB ({}) is the limit", text.size(), max_bytes));
    return document;
  }
  if (const auto flaw = find_text_error(text)) {
    report.add(flaw->at, flaw->message);
    return document;
  }
  Builder builder(text, report);
  std::vector<std::size_t> starts = json_documents_behind_others(text);
  starts.insert(starts.begin(), 0);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1] : text.size();
    if (!parse_part(text, starts[i], end - starts[i], builder, report)) break;
  }
  document = builder.take();
  if (document.root == nullptr && report.empty()) report.add_for_file("the manifest is empty");
  return document;
}

}  // namespace podrun::pod::yaml
