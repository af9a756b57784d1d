// Container output → CRI log file, each line exactly once however often the supervisor is killed.
//
// The pause holds, for each of the two streams, the container's pipe A and an empty journal pipe B, and for the
// instance one log file. A batch is a transaction:
//
//   1  tee A, find the last newline           nothing has changed yet
//   2  splice that much A → B                 B full: the batch is being written
//   3  format B's content, pwrite at `off`
//   4  drain B                                the commit
//   5  lseek(log, off)                        the position of the shared description is the committed end
//
// A later supervisor looks at B: empty, and everything in the file is committed; full, and the file is cut
// back to its position and (3)–(5) are done again.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <string>

#include "namespaces/fd.hpp"
#include "pod/result.hpp"

namespace podrun::supervisor {

/// Which of a container's output streams.
enum class Stream : unsigned char { Out, Err };

/// What the pause keeps of one instance's output; the order is that of the register message.
struct LogDescriptors {
  Fd out;              ///< A of stdout, the read end, O_NONBLOCK
  Fd err;              ///< A of stderr
  Fd out_journal_in;   ///< B of stdout, the write end
  Fd out_journal_out;  ///< B of stdout, the read end
  Fd err_journal_in;
  Fd err_journal_out;
  Fd file;             ///< the CRI log, O_RDWR; its position is the committed end
  Fd shown;            ///< the CRI log, O_RDONLY; its position is what the terminal has been shown

  static constexpr std::size_t count = 8;
};

/// A new instance's log: what the supervisor and the pause keep, and the container's ends of the two pipes.
struct NewLog {
  LogDescriptors kept;
  Fd out_write;
  Fd err_write;
};

/// Makes the pipes and the file `path` (mode 0640, its directory made with 0750). Errors name the path.
Result<NewLog> create_log(const std::string& path);

/// Wall-clock source of the time stamps; a parameter so that tests have their own.
using WallClock = std::function<std::chrono::sys_time<std::chrono::nanoseconds>()>;

/// Moves one instance's output into its log file.
class LogPump {
 public:
  LogPump(LogDescriptors descriptors, WallClock clock);

  /// Finishes what a former supervisor began. Call once, before pump().
  Result<> recover();

  /// What one call of pump() achieved.
  struct Pumped {
    std::size_t bytes = 0;  ///< taken out of the pipe
    bool end = false;       ///< no writer is left and the pipe is empty
  };

  /// One transaction of one stream; never blocks. Lines longer than 16 KiB are split into `P` records; an
  /// unfinished line waits in the pipe until its newline, the end, or a full pipe.
  Result<Pumped> pump(Stream stream);

  /// Everything that is in both pipes now, an unfinished last line as a `P` record: for a container that ended.
  Result<> drain();

  const LogDescriptors& descriptors() const { return descriptors_; }

 private:
  Result<> write_journal(Stream stream);

  LogDescriptors descriptors_;
  WallClock clock_;
  off_t committed_ = 0;
};

}  // namespace podrun::supervisor
