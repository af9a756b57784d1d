// What a supervisor and a client that is attached say to each other; control_socket.hpp draws it.
//
// The client reads the log by itself, and between its lines looks at what is unfinished, which the journal pipe has
// (log_pump.hpp): it is only told when to look. So it can be as slow as it likes, and no supervisor's end loses
// anything.
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

/// Up to where the log is written. As long as it is, what a journal pipe holds comes next.
struct LogPosition {
  std::uint64_t instance = 0;
  ino_t inode = 0;      ///< of the file
  off_t committed = 0;  ///< the end of its last record
  bool operator==(const LogPosition&) const = default;
};

/// What the client is given. `input` is there if it was wanted, or the container has a terminal: that one's other end.
struct Attachment {
  Fd socket;
  LogPosition position;
  Fd file;
  Fd out_journal;
  Fd err_journal;
  Fd input;
};

// ---- the supervisor's side: never blocks ----

/// Sends a position, the first time with the descriptors of Attachment. False: EAGAIN, the client has more to read.
bool send_position(int client, const LogPosition& position, std::span<const int> fds = {});
/// Sends the reason why not.
void reject_attach(int client, const std::string& words);
/// Says that the instance has ended.
void send_ended(int client);

// ---- the client's ----

/// Attaches. Errors: ENOENT, ECONNREFUSED: the pod does not run; ECONNRESET: the supervisor died before it answered; no
/// number: a refusal, in words.
Result<Attachment> attach_to(const Layout& layout, const std::string& id, const AttachRequest& request);

/// What has come since.
struct AttachNews {
  std::optional<LogPosition> position;  ///< the latest
  bool ended = false;                   ///< the instance
  bool gone = false;                    ///< the supervisor
};
AttachNews read_news(int socket);

}  // namespace podrun::supervisor
