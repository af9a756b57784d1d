// What a client that is attached shows: the log's records as they were printed, and what comes after the last of them.
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

/// One instance's output, from the end of its log on. Each byte comes once, whatever happens to supervisors.
class AttachView {
 public:
  /// `folder` is the container's, and open. Begins at the position of `attached`, and looks at its journals.
  static Result<AttachView> create(LogFolder folder, const Attachment& attached);

  /// Shows what there is, and what is unfinished if the log still ends at `position`. False: nobody reads any more.
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
  std::array<std::size_t, 2> ahead_{};  // by Stream: what of the records to come has been shown
  Fd copy_in_, copy_out_;               // what a journal holds is copied here, and stays there
};

}  // namespace podrun::supervisor
