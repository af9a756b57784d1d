// The logs of a pod as a whole: the folder of the run, the terminal of a pod in the foreground, and space on the disk.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "namespaces/paths/directory_handle.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/logs/foreground_terminal.hpp"

namespace podrun::supervisor {

class ContainerLog;

/// The logs of one pod. Each ContainerLog belongs to its container; this knows all of them.
class LogService {
 public:
  /// Opens the folder of the run, and sets up podrun's own messages.
  explicit LogService(PodContext& pod);
  LogService(const LogService&) = delete;
  LogService& operator=(const LogService&) = delete;

  void add(ContainerLog& log) { logs_.push_back(&log); }
  /// Called when the terminal could be written to again and everything is shown.
  void when_all_is_shown(std::function<void()> call) { all_shown_ = std::move(call); }

  /// The folder of this run's logs.
  ns::DirectoryHandle& folder() { return folder_; }
  /// The terminal, or nullptr: the pod is detached, or its terminal was given up.
  ForegroundTerminal* terminal() { return terminal_ ? &*terminal_ : nullptr; }
  /// Ends an unfinished line, and shows nothing any more.
  void close_terminal() { terminal_.reset(); }
  /// Whether text waits until the terminal can be written to.
  bool waits_for_terminal() const;

  /// Shows new lines of all logs. False: the rest is shown when the terminal can be written to.
  bool show_all();
  /// Has show_all() called when the terminal can be written to.
  void wait_for_terminal();

  /// Makes room on a full disk: removes the file that was rotated first. False: there is none.
  bool make_room();

 private:
  PodContext& pod_;
  ns::DirectoryHandle folder_;
  std::optional<ForegroundTerminal> terminal_;
  std::array<EventSource, 2> terminal_watches_;  ///< by Stream: set while the terminal cannot be written to
  std::vector<ContainerLog*> logs_;
  std::function<void()> all_shown_;
};

}  // namespace podrun::supervisor
