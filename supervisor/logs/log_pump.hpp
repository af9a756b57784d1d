// Container output → CRI log file, each line exactly once however often the supervisor is killed.
//
// The pause holds, for each of the two streams, the container's pipe A and a journal pipe B, and for the
// instance one log file. B holds what was taken from A and is not yet on record. Between two batches that is
// at most the beginning of an unfinished line, so A is always empty then, and readable means news. A batch is
// a transaction:
//
//   1  splice A → B                            B has whole lines: a batch is being written
//   2  tee B to a pipe of our own, read it     nothing has changed
//   3  format the whole lines, pwrite them at the committed end
//   4  splice them from B into /dev/null       the commit
//   5  lseek(log, the new end)                 the position of the shared description is the committed end
//
// With a terminal its other end, pty(7), is A: that too the kernel splices without looking at signals.
//
// The kernel does the splices (1) and (4) as a whole: it looks at signals before one, not within. An
// unfinished line must be written when the stream ends, or when B has no room for more of it. Then B is first
// sealed: all of it is the batch. The seal is O_NONBLOCK on B's read end; it lives in the shared description
// as the position does.
//
// A later supervisor looks at B. Neither whole lines nor a seal: everything in the file is committed.
// Otherwise (2)–(5) are done again from the file's position; what is written is as long as before, only the
// times differ.
//
// The file is rotated between (2) and (3), when the batch would make it larger than the kubelet lets it be:
//
//   a  rename it
//   b  make a new file of its former name
//   c  have the pause keep that one instead, in one message
//
// A later supervisor that is given a file whose name is nobody's or another's by now does (b) and (c) again:
// the other one is empty, for nothing is written to it before (c).
//
// A batch that cannot be written (the disk is full, read-only, broken) is counted, and (4) drops it. The
// count lies in a memfd, marked until (4) is done; it goes into the file in front of the next batch.
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

/// What a log asks of who owns it.
struct LogPumpCallbacks {
  /// The time stamps' clock.
  std::function<std::chrono::sys_time<std::chrono::nanoseconds>()> clock;
  /// One of the descriptors is another one now: has the pause keep them as they are, in one message.
  std::function<Result<>(const LogDescriptors&)> keep;
  /// The disk is full: removes what is worth less than the newest lines. False: there is nothing (more) to
  /// remove.
  std::function<bool()> make_room;
};

/// Moves one instance's output into its log file.
class LogPump {
 public:
  /// The file is, or was, `<instance>.log` in FOLDER, the container's.
  LogPump(LogDescriptors descriptors, LogFolder folder, std::uint64_t instance, LogPumpCallbacks owner);

  /// Finishes what a former supervisor began. Call once, before all others.
  Result<> recover();

  /// What one call of pump() achieved.
  struct PumpResult {
    std::size_t bytes = 0;  ///< taken out of the pipe; 0: it is empty
    bool end = false;       ///< no writer is left and the pipe is empty: do not watch it any more
  };

  /// One transaction of one stream, at most 64 KiB; never blocks. Watch A level-triggered. An unfinished line
  /// waits in B until its newline, the end, or a full B; one longer than 16 KiB is written in `P` records.
  /// That a log cannot be written is no error, but trouble(); after an error nothing is lost, and a later
  /// call goes on.
  Result<PumpResult> pump(Stream stream);

  /// Everything that is in both pipes now, an unfinished last line as a `P` record: for a container that
  /// ended.
  Result<> drain();

  /// Why the last batch was dropped; none if it was written.
  const std::optional<Error>& trouble() const { return trouble_; }
  /// How many lines have been dropped since then.
  std::uint64_t dropped() const { return drops_.lines; }

  const LogDescriptors& descriptors() const { return descriptors_; }
  /// How far the file is written: what B holds comes there.
  off_t committed() const { return committed_; }

 private:
  // A transaction after (1). `sealed`: all of B is the batch, else its whole lines.
  struct Batch {
    Stream stream;
    bool sealed;
    bool again = false;  // it was tried before
  };

  Result<> make_copy_pipe();
  Result<> find_end();
  Result<std::optional<Batch>> find_open_batch();
  Result<std::string_view> read_journal(Stream stream);
  Result<> seal(Stream stream, bool on);
  Result<> write_batch();
  Result<> record(std::string_view raw);
  Result<> write_somehow(std::string_view records);
  Result<> write_at_end(std::string_view records);
  Result<> commit(std::size_t bytes);
  Result<> flush(Stream stream);

  // log_pump_rotation.cpp
  Result<> rotate();
  bool has_name() const;
  Result<> take_name();
  Result<> cut_behind(off_t end);
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
  std::optional<Error> trouble_;
};

}  // namespace podrun::supervisor
