// Copies the output of a container into its CRI log file, each line exactly once even if the supervisor is killed at
// any time.
//
// For each of the two streams the pause holds the container's pipe and a journal pipe; for the instance it holds one
// log file. The journal pipe contains output that was read from the container but is not in the log file yet. Between
// two batches that is at most the beginning of an unfinished line, so the container's pipe is empty then, and its being
// readable means new output. A batch is a transaction:
//
//   1  splice container's pipe → journal pipe     if it has whole lines now, a batch is open
//   2  tee the journal pipe to a pipe of our own  and read that one; nothing has changed
//   3  format the whole lines, and pwrite them at the committed end of the log
//   4  splice them from the journal pipe to /dev/null: the commit
//   5  lseek(log, the new end)                    the file position is the committed end
//
// If the container has a terminal, the master of its pty(7) takes the place of the container's pipe; the kernel splices
// from it without checking for signals, too.
//
// Each of the splices (1) and (4) is atomic with regard to a kill: the kernel checks for signals before it, not within.
// An unfinished line must be written when the stream ends, or when the journal pipe has no room for more of it. In that
// case the journal pipe is sealed first: all of its content is the batch. The seal is O_NONBLOCK on the read end of the
// journal pipe. Like the file position, this flag is part of the open file description, which the pause keeps.
//
// A later supervisor reads the journal pipe. If it has neither whole lines nor a seal, everything in the file is
// committed. Otherwise (2)–(5) are repeated from the file position. The records then have the same length as before;
// only the times differ.
//
// The file is rotated between (2) and (3), when the batch would make it larger than the kubelet allows:
//
//   a  rename the file
//   b  make a new file of its former name
//   c  have the pause hold the new file instead, in one message, and wait until it does
//
// A later supervisor that gets a file without its name, or whose name is another file's, repeats (b) and (c): the other
// file is empty, because nothing is written to it before (c). Should another program have made a file of that name that
// is not empty, it is kept as a rotated one. If the pause has no room for a descriptor, the file grows. The pause is
// asked before (a), because readers leave a file for good when they see the next one.
//
// A batch that cannot be written (the disk is full, read-only or broken) is counted and then dropped by (4). The count
// is in a memfd and is marked until (4) is done. It is written to the log in front of the next batch.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/logs/dropped_lines.hpp"
#include "supervisor/logs/log_descriptors.hpp"
#include "supervisor/logs/log_files.hpp"

namespace podrun::supervisor {

/// The largest log file, in bytes: the kubelet's containerLogMaxSize.
inline constexpr off_t largest_log = 10 << 20;

/// What a log pump needs from its owner.
struct LogPumpCallbacks {
  /// The clock for time stamps.
  std::function<std::chrono::sys_time<std::chrono::nanoseconds>()> clock;
  /// Has the pause hold these descriptors, of which one has changed, in one message. After an error it still holds those
  /// before.
  std::function<Result<>(const LogDescriptors&)> keep;
  /// Called when the disk is full: removes files that are worth less than the newest lines. False: there is nothing to
  /// remove.
  std::function<bool()> make_room;
};

/// Moves one instance's output into its log file.
class LogPump {
 public:
  /// The log file is, or was, `<instance>.log` in `folder`, the container's folder.
  LogPump(LogDescriptors descriptors, LogFolder folder, std::uint64_t instance, LogPumpCallbacks owner);

  /// Completes the batch of a former supervisor, if one is open. Must be called once, before all other members.
  Result<> recover();

  /// The result of pump().
  struct PumpResult {
    std::size_t bytes = 0;  ///< bytes read from the container's pipe; 0: it is empty
    bool end = false;       ///< no writer is left and the pipe is empty: the pipe need not be watched any more
  };

  /// Performs one transaction of a stream, at most 64 KiB; never blocks. The container's pipe is to be watched
  /// level-triggered. An unfinished line remains in the journal pipe until its newline, the end of the stream, or a
  /// full journal pipe; a line of more than 16 KiB is written as `P` records. A log that cannot be written is not an
  /// error but sets trouble(). After an error nothing is lost, and a later call continues.
  Result<PumpResult> pump(Stream stream);

  /// Copies everything that is in both pipes now, an unfinished last line as a `P` record. For a container that has
  /// ended.
  Result<> drain();

  /// Why the last batch was dropped; empty if it was written.
  const std::optional<Error>& trouble() const { return trouble_; }
  /// How many lines have been dropped since the last successful write.
  std::uint64_t dropped() const { return drops_.lines; }

  const LogDescriptors& descriptors() const { return descriptors_; }
  /// The committed end of the file: the content of the journal pipe comes next.
  off_t committed() const { return committed_; }

 private:
  // A transaction after step (1). If `sealed`, the whole content of the journal pipe is the batch, else its whole
  // lines.
  struct Batch {
    Stream stream;
    bool sealed;
    bool again = false;  // the batch was tried before
  };

  Result<> make_copy_pipe();
  Result<> find_end();
  Result<std::optional<Batch>> find_open_batch();
  Result<std::string_view> read_journal(Stream stream);
  Result<> seal(Stream stream, bool on);
  Result<> write_batch();
  Result<> record(std::string_view raw);
  Result<> write_with_retries(std::string_view records);
  Result<> write_at_end(std::string_view records);
  Result<> write_to_new_file(std::string_view records);
  Result<> commit(std::size_t bytes);
  Result<> flush(Stream stream);

  // In log_pump_rotation.cpp:
  Result<> rotate();
  bool has_name() const;
  Result<> replace_file();
  Result<> make_next_file();
  Result<> truncate_after(off_t end);
  Result<> drop(std::string_view raw, const Error& reason);
  Result<> finish_drop(std::size_t bytes);

  LogDescriptors descriptors_;
  LogFolder folder_;
  std::uint64_t instance_;
  std::string name_;
  LogPumpCallbacks owner_;
  Fd copy_in_;  // the pipe that (2) copies to; empty between calls
  Fd copy_out_;
  Fd null_;
  std::optional<Batch> batch_;
  off_t committed_ = 0;
  DroppedLines drops_;
  bool holds_drops_ = false;  // the pause has the descriptor of the count
  std::optional<Error> trouble_;
};

}  // namespace podrun::supervisor
