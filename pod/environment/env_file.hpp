// Env files, as the kubelet reads them for fileKeyRef: files of volumes that say KEY='value'.
#pragma once

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The most that a file may have, and a value of it: KEP-3721's.
inline constexpr std::size_t longest_env_file = 64 << 10, longest_env_value = 32 << 10;

/// One of them: a path in a volume.
struct EnvFile {
  std::string volume;
  std::string path;

  auto operator<=>(const EnvFile&) const = default;
};

/// What the files of one container say, read when its process is about to start. A pod's other containers have not been
/// asked for: what they will say is not known.
struct EnvFiles {
  std::string container;
  std::map<EnvFile, Result<std::optional<std::string>>> texts;  ///< empty: there is no such file
};

/// The files that a container's variables come from.
std::set<EnvFile> env_files_of(const Container& container);

/// "<file VOLUME/PATH KEY>": what is printed, and the value where the file has not been read.
std::string unread_placeholder(const FileKeyRef& reference);

/// The value of KEY in TEXT; empty: it has none. Lines are KEY='value', where the value may have several lines and a
/// comment may follow, or comments, or blank. An error names the line, if it comes before the key; what comes after is
/// not looked at.
Result<std::optional<std::string>> find_in_env_file(std::string_view text, std::string_view key);

}  // namespace podrun::pod
