// The source files as text, for tests of the source tree.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::tests {

/// A file. `path` is relative to the top of the source tree, with '/' between its parts.
struct SourceFile {
  std::string path;
  std::string text;
};

inline std::string read_source(const std::string& path) {
  std::ifstream in(std::filesystem::path(PODRUN_SOURCE_DIR) / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The C++ files below FOLDERS, in order of their paths.
inline std::vector<SourceFile> cpp_files(const std::vector<std::string_view>& folders) {
  namespace fs = std::filesystem;
  std::set<std::string> paths;
  for (const auto folder : folders)
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(PODRUN_SOURCE_DIR) / folder))
      if (const auto kind = entry.path().extension(); kind == ".cpp" || kind == ".hpp")
        paths.insert(entry.path().lexically_relative(PODRUN_SOURCE_DIR).generic_string());
  std::vector<SourceFile> files;
  for (const auto& path : paths) files.push_back({path, read_source(path)});
  return files;
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace podrun::tests
