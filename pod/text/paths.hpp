// Operations on absolute paths as text. The compiler never accesses a file system.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace podrun::pod {

/// The path without repeated and trailing slashes, "." and "..": "/a//b/../c/" becomes "/a/c". Empty for a relative
/// path.
std::string clean_path(std::string_view path);

/// Whether a clean path equals `ancestor` or lies below it.
bool is_at_or_below(std::string_view path, std::string_view ancestor);

/// The number of components of a clean path: 0 for "/", 2 for "/a/b".
std::size_t depth(std::string_view path);

}  // namespace podrun::pod
