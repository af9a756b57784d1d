// The protocol between a supervisor and an attached client; control_socket.hpp shows the messages.
//
// The client reads the log file itself. Output behind the last record is in the journal pipe (log_pump.hpp), which the
// client reads too, without emptying it. The supervisor only tells the client when to read. A slow client therefore
// delays nothing, and nothing is lost when a supervisor ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/control_socket.hpp"

namespace podrun::supervisor {

/// The committed end of the log. As long as it is the end of the file, the content of the journal pipes comes next.
struct LogPosition {
  std::uint64_t instance = 0;
  ino_t inode = 0;      ///< inode number of the log file
  off_t committed = 0;  ///< end of the last record
  bool operator==(const LogPosition&) const = default;
};

/// The descriptors for a client. `input` is there if input was requested, or if the container has a terminal: then it
/// is the master of its pty.
struct Attachment {
  Fd socket;
  LogPosition position;
  Fd file;
  Fd out_journal;
  Fd err_journal;
  Fd input;
};

// ---- supervisor: never blocks ----

/// Sends a position; the first one with the descriptors of an Attachment. False: EAGAIN, the client has not read the
/// previous ones.
bool send_position(int client, const LogPosition& position, std::span<const int> fds = {});
/// Rejects a request, with the reason.
void reject_attach(int client, const std::string& words);
/// Reports that the instance has ended.
void send_ended(int client);

// ---- client ----

/// Attaches to a container. Errors: ENOENT, ECONNREFUSED: the pod does not run. ECONNRESET: the supervisor died before
/// it answered. 0: the request was rejected; the message has the reason.
Result<Attachment> attach_to(const Layout& layout, const std::string& id, const AttachRequest& request);

/// What the supervisor has reported since the last read.
struct AttachNews {
  std::optional<LogPosition> position;  ///< the latest position, if there is a new one
  bool ended = false;                   ///< the instance has ended
  bool gone = false;                    ///< the supervisor has closed the connection
};
/// Reads all reports that have arrived; does not block.
AttachNews read_news(int socket);

}  // namespace podrun::supervisor
