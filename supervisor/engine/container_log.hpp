// The output of one container: from the pipes of its present instance to the log files, from there to the terminal, and
// the removal of old files.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "namespaces/launch/pause_client.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/attach_protocol.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/log_service.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"

namespace podrun::supervisor {

/// What a container's log needs of its container.
struct ContainerLogOwner {
  /// Has the pause hold these descriptors of the present instance. Error: it still holds those before.
  std::function<Result<>(const LogDescriptors&)> keep;
  /// There is new output.
  std::function<void()> grown;
};

/// The logs of one container.
class ContainerLog {
 public:
  ContainerLog(PodContext& pod, LogService& service, std::size_t container, ContainerLogOwner owner);
  ContainerLog(const ContainerLog&) = delete;
  ContainerLog& operator=(const ContainerLog&) = delete;

  /// Makes the log file and the pipes of a new instance. If the file cannot be made, a starting pod does not start. A
  /// running pod continues without a file, and dropped lines are counted. If another file has taken the folder's name,
  /// the open folder is used further.
  Result<NewLog> make(int instance);
  /// Begins to show the container's first instance. The output of later instances follows that of the earlier ones.
  void begin_display(int instance);
  /// Begins the log of an instance whose descriptors the pause holds.
  void begin(LogDescriptors descriptors, int instance);
  /// The same with what a former supervisor has registered.
  Result<> adopt(ns::KeptItem& child);
  /// Watches the container's pipes from now on.
  void watch();
  /// Writes the remaining output of an instance that has ended.
  void drain();
  /// Ends the log of the present instance.
  void end();

  /// The descriptors of the present instance; nullptr: there is none.
  const LogDescriptors* descriptors() const { return pump_ ? &pump_->descriptors() : nullptr; }
  LogPosition position() const;
  /// Its file position is the next byte to show; later supervisors continue there.
  int displayed() const { return displayed_.fd(); }
  ns::DirectoryHandle& folder() { return *folder_; }

  /// Shows new lines. False: the rest is shown when the terminal can be written to.
  bool show();
  /// Removes the files that are too many.
  void remove_surplus();
  /// Removes a log file. False if that fails. A cursor in the file is moved to the next file, because an open file would
  /// keep its disk space.
  bool remove(const LogFileStat& log);

 private:
  Result<> keep(const LogDescriptors& log);
  void on_output(Stream stream);
  void on_pump_failed(const Error& error);
  void report_write_trouble();
  bool show_next_file();
  void report_skipped_bytes();
  const std::string& name() const { return pod_.plan.containers[container_].name; }

  PodContext& pod_;
  LogService& service_;
  std::size_t container_;
  ContainerLogOwner owner_;
  LogFolder folder_;
  std::uint64_t instance_ = 0;
  std::optional<LogPump> pump_;
  EventSource out_watch_;
  EventSource err_watch_;
  EventSource retry_;  ///< timer after an error of the log's pipes
  bool in_trouble_ = false;
  bool is_refused_ = false;  ///< the pause has no room for another file
  LogCursor displayed_;
  off_t skipped_ = 0;  ///< bytes that were removed before they were shown
};

}  // namespace podrun::supervisor
