// Implements `podrun logs`: shows what containers have logged as plain output.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_record_reader.hpp"
#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {

/// What to show. The members correspond to options of kubectl logs.
struct LogQuery {
  LogFolder folder;                     ///< /var/log/pods/<ns>_<name>_<uid>
  std::vector<std::string> containers;  ///< shown in this order; lines have a prefix if there are several
  bool follow = false;                  ///< -f; not with -p
  bool timestamps = false;              ///< --timestamps
  bool prefix = false;                  ///< --prefix: lines have a prefix also if there is one container
  LogSelection selection{};             ///< -p, --tail, --since, --until: for each container
  Display display;
};

/// Writes text to stdout or stderr. False: the reader is gone, and show_logs() returns.
using LogWriter = std::function<bool(Stream, std::string_view)>;

/// The stdout and stderr of this process as a LogWriter, which remembers why it could not write.
class OwnStreams {
 public:
  bool write(Stream stream, std::string_view text);
  /// An error if something could not be written. A reader that is gone (`| head`) is none.
  Result<> result() const { return result_; }

 private:
  Result<> result_;
};

/// Called before each wait of -f. Empty if the pod has ended; else a descriptor that becomes readable or hangs up when
/// the answer may have changed (-1: there is none).
using PodWatch = std::function<std::optional<int>()>;

/// The names of the containers that have a folder in `folder`, sorted. `folder` must be open.
std::vector<std::string> logged_containers(const ns::DirectoryHandle& folder);

/// Shows the newest instance of each container, merged by time. With -f, continues with new records, also of later
/// instances, until the pod has ended. Errors: a file cannot be read, or there is no log.
Result<> show_logs(const LogQuery& query, const LogWriter& write, const PodWatch& watch);

}  // namespace podrun::supervisor
