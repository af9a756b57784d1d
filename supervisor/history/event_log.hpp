// events.jsonl: the events of a run, in the folder of its logs.
//
// An event is written before its transition is on record. A supervisor that is killed in between leaves an event whose
// transition the next one makes again, and finds on disk: it writes no event twice that has the same id. A new verdict of
// a readiness probe is another event. What cannot be written, because the disk is full, is dropped, and never delays the
// pod.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/directory_handle.hpp"
#include "pod/text/result.hpp"
#include "supervisor/history/logged_event.hpp"

namespace podrun::supervisor {

/// The files, oldest first. The second is written; when it is full, it takes the place of the first.
inline constexpr char former_events_file[] = "events.1.jsonl", events_file[] = "events.jsonl";
/// The length at which a file is full. A crash loop makes less than a kilobyte a restart.
inline constexpr std::size_t longest_events_file = 512 * 1024;

/// Writes the events of one run.
class EventLog {
 public:
  /// `may_continue`: a former supervisor may have written events.
  EventLog(const ns::DirectoryHandle& folder, bool may_continue) : folder_(folder), may_continue_(may_continue) {}

  /// Writes events that are not there yet. The error is that of the first one that is lost; the next one is tried again.
  Result<> append(const std::vector<LoggedEvent>& events);

 private:
  Result<> open();
  Result<> rotate();
  Result<> write(const std::string& lines);

  const ns::DirectoryHandle& folder_;
  bool may_continue_;
  Fd file_;
  std::size_t size_ = 0;
  std::vector<std::string> known_;  ///< the last ids of the former supervisor
};

/// All events of a run, oldest first, without doubles. The folder must be open; a line that is damaged is left out.
std::vector<LoggedEvent> read_events(const ns::DirectoryHandle& folder);

}  // namespace podrun::supervisor
