// What one instance's output flows through: the pipes and the file that the pause keeps from one supervisor
// to the next.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/directory_handle.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// Which of a container's output streams.
enum class Stream : unsigned char { Out, Err };
inline constexpr std::array<Stream, 2> streams = {Stream::Out, Stream::Err};

/// The descriptors of one instance's output; log_pump.hpp says what each is for.
struct LogDescriptors {
  Fd out;              ///< A of stdout, the read end, O_NONBLOCK; or its terminal's other end
  Fd err;              ///< A of stderr
  Fd out_journal_in;   ///< B of stdout, the write end
  Fd out_journal_out;  ///< B of stdout, the read end; O_NONBLOCK is the seal
  Fd err_journal_in;
  Fd err_journal_out;
  Fd file;   ///< the CRI log, O_RDWR; its position is the committed end
  Fd drops;  ///< a memfd with the count of what was dropped; there is none before the first time

  /// Without `drops`.
  static constexpr std::size_t least_count = 7;
  /// As the pause is given them; `drops` last, if there is one.
  std::vector<int> numbers() const;
  /// The inverse. An error if there are too few, or too many.
  static Result<LogDescriptors> from(std::vector<Fd> fds);
};

/// A new instance's log: what the supervisor and the pause keep, and the container's ends of the two pipes.
struct NewLog {
  LogDescriptors kept;
  Fd out_write;
  Fd err_write;
};

/// Makes the pipes around FILE.
Result<NewLog> create_log(Fd file);

/// Makes the log file NAME, in the place of one of that name (mode 0640), and the folder if it is missing. Errors name
/// the path.
Result<Fd> create_log_file(ns::DirectoryHandle& folder, const std::string& name);
/// In place of a log file that cannot be made: whatever is written to it fails.
Result<Fd> missing_log_file();

}  // namespace podrun::supervisor
