// Absolute paths as text: the compiler compares them, it never looks at a file system.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace podrun::pod {

/// Without doubled and trailing slashes, "." and "..": "/a//b/../c/" is "/a/c". Empty for a relative path.
std::string clean_path(std::string_view path);

/// Whether a clean path is `ancestor` or lies below it.
bool is_at_or_below(std::string_view path, std::string_view ancestor);

/// How many names a clean path has: 0 for "/", 2 for "/a/b".
std::size_t depth(std::string_view path);

}  // namespace podrun::pod
