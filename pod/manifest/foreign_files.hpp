// Recognises files that are not manifests, but that people give to podrun: Compose files, templates, Dockerfiles.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string_view>

#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// What a file is and what to do with it, and the byte where that shows.
struct ForeignFile {
  std::size_t at;
  std::string_view message;
  std::string_view hint;
  bool is_error = true;  ///< else it is skipped with a warning
};

/// Whether an object is of a group that has the kinds of podrun. Other groups have kinds of the same names.
bool is_of_own_group(const yaml::Node& root);

/// Recognises a document by its fields; std::nullopt for what may be a manifest.
std::optional<ForeignFile> foreign_document(const yaml::Node& root);

/// Recognises a text that is not YAML, or not a mapping, by its lines.
std::optional<ForeignFile> foreign_text(std::string_view text);

/// Recognises a template by what stands at one of the errors of a text: {{ … }} or {% … %}. If the text IS_BROKEN, that
/// is no YAML, also by a line of that kind above the error.
std::optional<ForeignFile> template_text(std::string_view text, const std::set<std::size_t>& errors, bool is_broken);

/// Recognises a placeholder at the place of an error: ${…} or <…>.
std::optional<ForeignFile> placeholder_at(std::string_view text, std::size_t error);

}  // namespace podrun::pod
