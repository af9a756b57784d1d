// Parses the annotations that compose namespaces.
#include "pod/annotations/composition_text.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "pod/text/diagnostic.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view blanks = " \t\r";

Line line_in(std::string_view text, const std::vector<std::string>& names) {
  const auto colon = text.find(':');
  if (colon == text.npos) return {.error = fmt::format("the line {} is not \"NAME: WORD=VALUE …\"", in_quotes(text))};
  const auto container = container_called(trimmed(text.substr(0, colon)), names);
  if (!container) return {.error = container.error()};
  Line line{.container = *container};
  std::string_view rest = trimmed(text.substr(colon + 1));
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find_first_of(blanks));
    rest = trimmed(rest.substr(word.size()));
    const auto equals = word.find('=');
    if (equals == 0 || equals == word.npos || equals + 1 == word.size())
      return {.error = fmt::format("{}: {} is not WORD=VALUE", names[*container], in_quotes(word))};
    line.words.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  if (line.words.empty()) line.error = fmt::format("the line of {} says nothing", names[*container]);
  return line;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::expected<std::size_t, std::string> container_called(std::string_view name, const std::vector<std::string>& names) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view meant = nearest(name, views);
  return std::unexpected(fmt::format("no container is called {}{}", in_quotes(name),
                                     meant.empty() ? "" : fmt::format("; did you mean \"{}\"?", meant)));
}

std::vector<Line> lines_of(const Metadata& metadata, std::string_view annotation,
                           const std::vector<std::string>& container_names) {
  std::vector<Line> lines;
  const auto text = metadata.annotations.find(std::string(annotation));
  if (text == metadata.annotations.end()) return lines;
  for (const auto part : std::views::split(text->second, '\n')) {
    const std::string_view line = trimmed(std::string_view(part.begin(), part.end()));
    if (!line.empty()) lines.push_back(line_in(line, container_names));
  }
  return lines;
}

std::expected<NamespaceSource, std::string> source_in(std::string_view text,
                                                      const std::vector<std::string>& container_names) {
  constexpr std::string_view of_container = "container:";
  if (text == "pod") return NamespaceSource{.owner = NamespaceOwner::Pod};
  if (text == "private") return NamespaceSource{.owner = NamespaceOwner::Private};
  if (text == "host") return NamespaceSource{.owner = NamespaceOwner::Host};
  if (!text.starts_with(of_container))
    return std::unexpected("it must be pod, private, host or container:NAME");
  const auto container = container_called(text.substr(of_container.size()), container_names);
  if (!container) return std::unexpected(container.error());
  return NamespaceSource{.owner = NamespaceOwner::Container, .container = static_cast<std::uint16_t>(*container)};
}

std::optional<std::chrono::nanoseconds> offset_in(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto duration = parse_duration(text.substr(negative ? 1 : 0));
  if (!duration) return std::nullopt;
  return negative ? -*duration : *duration;
}

}  // namespace podrun::pod
