// The descriptors of an instance's output: the pipes and the log file, which the pause holds from one supervisor to the
// next.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "namespaces/paths/directory_handle.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// An output stream of a container.
enum class Stream : unsigned char { Out, Err };
/// Both streams.
inline constexpr std::array<Stream, 2> streams = {Stream::Out, Stream::Err};

/// The descriptors of one instance's output; log_pump.hpp describes their use.
struct LogDescriptors {
  Fd out;              ///< the container's stdout: read end of the pipe (O_NONBLOCK), or master of the pty
  Fd err;              ///< the container's stderr: read end of the pipe
  Fd out_journal_in;   ///< journal pipe of stdout: write end
  Fd out_journal_out;  ///< journal pipe of stdout: read end; O_NONBLOCK on it is the seal
  Fd err_journal_in;
  Fd err_journal_out;
  Fd file;   ///< the CRI log, O_RDWR; its file position is the committed end
  Fd drops;  ///< memfd with the count of dropped lines; empty until a line is dropped

  /// The descriptors as the pause holds them.
  std::vector<ns::RoleFd> roles() const;
  /// The inverse: takes them out of a registered child. An error if one is missing.
  static Result<LogDescriptors> from(ns::KeptItem& child);
};

/// The log of a new instance: the descriptors for the supervisor and the pause, and the container's ends of the pipes.
struct NewLog {
  LogDescriptors kept;
  Fd out_write;
  Fd err_write;
};

/// Makes the pipes for a log file.
Result<NewLog> create_log(Fd file);

/// Makes the log file `name` (mode 0640), in place of an existing one, and the folder if it is missing. Errors contain
/// the path.
Result<Fd> create_log_file(ns::DirectoryHandle& folder, const std::string& name);
/// A substitute for a log file that cannot be made: writes to it fail.
Result<Fd> missing_log_file();

}  // namespace podrun::supervisor
