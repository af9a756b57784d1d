// The output of an attached client: the records of the log as they were printed, and the output behind the last record.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/attach_protocol.hpp"
#include "supervisor/logs/log_record_reader.hpp"
#include "supervisor/logs/show_logs.hpp"

namespace podrun::supervisor {

/// The output of one instance, from the end of its log on. Each byte is shown once, whether or not supervisors are
/// replaced.
class AttachView {
 public:
  /// `folder` is the container's and must be open. Begins at the position of `attached`, with the content of the
  /// journal pipes.
  static Result<AttachView> create(LogFolder folder, const Attachment& attached);

  /// Shows new records and, if the log still ends at `position`, the content of the journal pipes. False: the reader is
  /// gone.
  Result<bool> show(const LogPosition& position, const LogWriter& write);

 private:
  AttachView(LogFolder folder, const Attachment& attached);
  Result<bool> show_records(const LogWriter& write);
  Result<std::string> unfinished(Stream stream);
  bool is_at(const LogPosition& position) const;

  LogFolder folder_;
  std::uint64_t instance_;
  LogRecordReader log_;
  std::array<Fd, 2> journals_;          // by Stream
  std::array<std::size_t, 2> ahead_{};  // by Stream: how many bytes of the next records were shown already
  Fd copy_in_, copy_out_;               // a pipe for copies of a journal pipe, whose content stays there
};

}  // namespace podrun::supervisor
