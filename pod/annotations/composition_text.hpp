// Parses the podrun.io/namespaces and podrun.io/time-offsets annotations: lines of "NAME: WORD=VALUE WORD=VALUE".
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pod/spec/metadata.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod {

/// The text without leading and trailing blanks.
std::string_view trimmed(std::string_view text);

/// The index of a container, or a message that there is none of that name.
std::expected<std::size_t, std::string> container_called(std::string_view name, const std::vector<std::string>& names);

/// One line: a container and the words about it, or an error.
struct Line {
  std::size_t container = 0;
  std::vector<std::pair<std::string, std::string>> words;
  std::string error;
};

/// The lines of an annotation without empty ones. An annotation that is missing has none.
std::vector<Line> lines_of(const Metadata& metadata, std::string_view annotation,
                           const std::vector<std::string>& container_names);

/// Parses "pod", "private", "host" or "container:NAME". The error states what is accepted.
std::expected<NamespaceSource, std::string> source_in(std::string_view text,
                                                      const std::vector<std::string>& container_names);

/// Parses a duration that may be negative.
std::optional<std::chrono::nanoseconds> offset_in(std::string_view text);

}  // namespace podrun::pod
