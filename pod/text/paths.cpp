// Operations on absolute paths as text.
#include "pod/text/paths.hpp"

#include <algorithm>

namespace podrun::pod {

std::string clean_path(std::string_view path) {
  if (!path.starts_with('/')) return {};
  std::string clean;
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      clean.erase(std::min(clean.rfind('/'), clean.size()));
    } else {
      clean.append("/").append(name);
    }
  }
  return clean.empty() ? "/" : clean;
}

bool is_at_or_below(std::string_view path, std::string_view ancestor) {
  if (ancestor == "/") return path.starts_with('/');
  return path.starts_with(ancestor) && (path.size() == ancestor.size() || path[ancestor.size()] == '/');
}

std::size_t depth(std::string_view path) {
  return path == "/" ? 0 : static_cast<std::size_t>(std::ranges::count(path, '/'));
}

}  // namespace podrun::pod
