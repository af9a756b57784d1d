// The runs of pods that have logs.
#include "supervisor/runs.hpp"

#include <algorithm>
#include <functional>
#include <system_error>
#include <utility>

namespace podrun::supervisor {

std::vector<LoggedRun> logged_runs(const Layout& layout) {
  std::vector<LoggedRun> runs;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(layout.logs(), error)) {
    const std::string name = entry.path().filename();
    const std::size_t before_name = name.find('_');
    const std::size_t before_uid = name.find('_', before_name + 1);
    if (before_name == std::string::npos || before_uid == std::string::npos) continue;
    runs.push_back({.id = name.substr(0, before_uid),
                    .uid = name.substr(before_uid + 1),
                    .directory = entry.path(),
                    .written = entry.last_write_time(error)});
  }
  std::ranges::sort(runs, std::greater{}, &LoggedRun::written);
  return runs;
}

}  // namespace podrun::supervisor
