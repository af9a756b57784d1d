// The text of the podrun.io/namespaces and podrun.io/time-offsets annotations: "NAME: WORD=VALUE WORD=VALUE" lines.
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

/// Without the blanks around it.
std::string_view trimmed(std::string_view text);

/// The index of a container, or how to say that there is none.
std::expected<std::size_t, std::string> container_called(std::string_view name, const std::vector<std::string>& names);

/// One line: what it says of which container, or why it says nothing.
struct Line {
  std::size_t container = 0;
  std::vector<std::pair<std::string, std::string>> words;
  std::string error;
};

/// The lines of an annotation, empty ones left out; none without the annotation.
std::vector<Line> lines_of(const Metadata& metadata, std::string_view annotation,
                           const std::vector<std::string>& container_names);

/// "pod", "private", "host", "container:NAME"; the error says what would do.
std::expected<NamespaceSource, std::string> source_in(std::string_view text,
                                                      const std::vector<std::string>& container_names);

/// A duration, possibly negative.
std::optional<std::chrono::nanoseconds> offset_in(std::string_view text);

}  // namespace podrun::pod
