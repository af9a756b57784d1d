// Env files for fileKeyRef, in the kubelet's format: files of volumes with lines KEY='value'.
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

/// The maximum sizes of a file and of a value, in bytes: KEP-3721.
inline constexpr std::size_t longest_env_file = 64 << 10, longest_env_value = 32 << 10;

/// An env file: a path in a volume.
struct EnvFile {
  std::string volume;
  std::string path;

  auto operator<=>(const EnvFile&) const = default;
};

/// The texts of one container's env files. They are read just before the container starts; those of the pod's other
/// containers are not known then.
struct EnvFiles {
  std::string container;
  std::map<EnvFile, Result<std::optional<std::string>>> texts;  ///< std::nullopt: the file does not exist
};

/// The env files that a container's variables refer to.
std::set<EnvFile> env_files_of(const Container& container);

/// "<file VOLUME/PATH KEY>": the printable form of a variable, and its value while the file has not been read.
std::string name_of_unread(const FileKeyRef& reference);

/// The value of KEY in TEXT, or std::nullopt if TEXT has no such key. A line is KEY='value', a comment, or blank; a
/// value may span several lines, and a comment may follow it. A syntax error before the key is an Error that names the
/// line. Lines after the key are not checked.
Result<std::optional<std::string>> find_in_env_file(std::string_view text, std::string_view key);

}  // namespace podrun::pod
