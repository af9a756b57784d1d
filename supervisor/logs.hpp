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
// The kernel does the splices (1) and (4) as a whole: it looks at signals before one, not within. An
// unfinished line must be written when the stream ends, or when B has no room for more of it. Then B is first
// sealed: all of it is the batch. The seal is O_NONBLOCK on B's read end; it lives in the shared description
// as the position does.
//
// A later supervisor looks at B. Neither whole lines nor a seal: everything in the file is committed.
// Otherwise (2)–(5) are done again from the file's position; what is written is as long as before, only the
// times differ.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "namespaces/fd.hpp"
#include "pod/result.hpp"

namespace podrun::supervisor {

/// Which of a container's output streams.
enum class Stream : unsigned char { Out, Err };
inline constexpr std::array<Stream, 2> streams = {Stream::Out, Stream::Err};

/// What the pause keeps of one instance's output; the order is that of the register message.
struct LogDescriptors {
  Fd out;              ///< A of stdout, the read end, O_NONBLOCK
  Fd err;              ///< A of stderr
  Fd out_journal_in;   ///< B of stdout, the write end
  Fd out_journal_out;  ///< B of stdout, the read end; O_NONBLOCK is the seal
  Fd err_journal_in;
  Fd err_journal_out;
  Fd file;   ///< the CRI log, O_RDWR; its position is the committed end
  Fd shown;  ///< the CRI log, O_RDONLY; its position is what the terminal has been shown

  static constexpr std::size_t count = 8;
};

/// A new instance's log: what the supervisor and the pause keep, and the container's ends of the two pipes.
struct NewLog {
  LogDescriptors kept;
  Fd out_write;
  Fd err_write;
};

/// Makes the pipes and the file `path` (mode 0640; directories that are missing, 0750). Errors name the path.
Result<NewLog> create_log(const std::string& path);

/// Wall-clock source of the time stamps; a parameter so that tests have their own.
using WallClock = std::function<std::chrono::sys_time<std::chrono::nanoseconds>()>;

/// Moves one instance's output into its log file. When a call fails (ENOSPC, EIO), nothing is lost: the batch
/// stays in B, the container comes to wait, and each later call first tries that batch again.
class LogPump {
 public:
  LogPump(LogDescriptors descriptors, WallClock clock);

  /// Finishes what a former supervisor began. Call once, before all others.
  Result<> recover();

  /// What one call of pump() achieved.
  struct Pumped {
    std::size_t bytes = 0;  ///< taken out of the pipe; 0: it is empty
    bool end = false;       ///< no writer is left and the pipe is empty: do not watch it any more
  };

  /// One transaction of one stream, at most 64 KiB; never blocks. Watch A level-triggered. An unfinished line
  /// waits in B until its newline, the end, or a full B; one longer than 16 KiB is written in `P` records.
  Result<Pumped> pump(Stream stream);

  /// Everything that is in both pipes now, an unfinished last line as a `P` record: for a container that
  /// ended.
  Result<> drain();

  const LogDescriptors& descriptors() const { return descriptors_; }

 private:
  // A transaction after (1). `sealed`: all of B is the batch, else its whole lines.
  struct Batch {
    Stream stream;
    bool sealed;
    bool again = false;  // it was tried before
  };

  Result<> make_copy_pipe();
  Result<std::optional<Batch>> find_open_batch();
  Result<std::string> read_journal(Stream stream);
  Result<> seal(Stream stream, bool on);
  Result<> write_batch();
  Result<> write_at_end(std::string_view records, bool again);
  Result<> commit(Stream stream, std::size_t bytes);
  Result<> flush(Stream stream);

  LogDescriptors descriptors_;
  WallClock clock_;
  Fd copy_in_;  // the pipe that (2) copies to; empty between calls
  Fd copy_out_;
  Fd null_;
  std::optional<Batch> batch_;
  off_t committed_ = 0;
};

}  // namespace podrun::supervisor
