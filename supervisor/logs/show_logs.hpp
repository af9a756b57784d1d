// `podrun logs`: what containers have logged, as plain output again.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {

/// What to show; the fields are kubectl-logs' options.
struct LogQuery {
  LogFolder folder;                     ///< /var/log/pods/<ns>_<name>_<uid>
  std::vector<std::string> containers;  ///< in this order; each line is prefixed if there are several
  bool follow = false;                  ///< -f
  bool previous = false;                ///< -p: the instance before the newest; nothing follows it
  bool timestamps = false;              ///< --timestamps
  std::optional<std::size_t> tail;      ///< --tail: the last records of each container
  Display display;
};

/// Takes text for one of our own streams; false: nobody reads any more, and show_logs() returns.
using LogWriter = std::function<bool(Stream, std::string_view)>;

/// Asked before each wait of -f: nothing if the pod has ended, else a descriptor that becomes readable or
/// hangs up when there may be another answer (-1: there is none).
using PodWatch = std::function<std::optional<int>()>;

/// The names of the containers that have a folder in FOLDER, which is open, sorted.
std::vector<std::string> logged_containers(const ns::DirectoryHandle& folder);

/// Shows the newest instance of each container, merged by time; with -f also what comes, from later instances
/// too, until the pod has ended. An error: a file that cannot be read, or no log to show.
Result<> show_logs(const LogQuery& query, const LogWriter& write, const PodWatch& watch);

}  // namespace podrun::supervisor
