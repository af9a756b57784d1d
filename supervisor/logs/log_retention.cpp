// Which logs are kept; see log_retention.hpp.
#include "supervisor/logs/log_retention.hpp"

#include <algorithm>

namespace podrun::supervisor {

std::vector<LogFileStat> surplus_logs(const std::vector<LogFileStat>& logs) {
  std::vector<LogFileStat> surplus;
  if (logs.empty()) return surplus;
  std::size_t instances = 1, files = 0;
  off_t bytes = largest_log - logs.back().size;
  const LogFileStat* newer = &logs.back();
  for (auto log = logs.rbegin(); log != logs.rend(); newer = &*log++) {
    if (log->file.instance != newer->file.instance) ++instances, files = 0;
    ++files;
    bytes += log->size;
    const bool is_recent = log - logs.rbegin() < 2;
    if (!is_recent && (instances > kept_instances || files > kept_files || bytes > kept_bytes))
      surplus.push_back(*log);
  }
  std::ranges::reverse(surplus);
  return surplus;
}

}  // namespace podrun::supervisor
