// The control socket of a running pod, through which `podrun stop` and `podrun attach` reach its supervisor. The pause
// holds the listening socket, so a request made between two supervisors waits for the next one. The messages
// (SOCK_SEQPACKET):
//
//   client ── "stop" or "stop SECONDS" ──▶ supervisor      one request, one answer
//   client ◀────────── "ok" or an error ── supervisor
//
//   client ── "attach CONTAINER" ────────▶ supervisor      one request
//   client ◀─ position [fds], or an error  supervisor      see attach_protocol.hpp
//   client ◀──────────────── position, … ─ supervisor      whenever the log or the journal pipes change
//   client ◀───────────────────── "ended"  supervisor      when the instance has ended
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// A request to stop the pod.
struct StopRequest {
  std::optional<std::chrono::seconds> grace;  ///< empty: the pod's own grace period
};

/// A request for the streams of a container.
struct AttachRequest {
  std::string container;
  enum class Input {
    No,
    Wanted,  ///< the client wants to write to the container's stdin
    Held,    ///< the client already has stdin from a former supervisor
  } input = Input::No;
  bool operator==(const AttachRequest&) const = default;
};
/// A request on the control socket.
using Request = std::variant<StopRequest, AttachRequest>;

/// Makes the listening socket, mode 0600, in the pod's run directory.
Result<Fd> make_control_socket(const Layout& layout, const std::string& id);

/// Converts a request to its message, and back (empty: not a request).
std::string to_text(const Request& request);
std::optional<Request> parse_request(std::string_view text);

/// Sends a request and returns the socket. ENOENT, ECONNREFUSED: the pod does not run.
Result<Fd> send_request(const Layout& layout, const std::string& id, const Request& request);

/// Sends a request and waits for the answer. ENOENT, ECONNREFUSED: the pod does not run.
Result<> request_stop(const Layout& layout, const std::string& id, const StopRequest& request);

/// The handlers of requests. `attach` becomes the owner of `client`, which is O_NONBLOCK.
struct ControlHandlers {
  std::function<void(const StopRequest&)> stop;
  std::function<void(const AttachRequest&, Fd client)> attach;
};

/// Answers clients that have the same user and are processes of the host (ns::check_peer). Others are rejected, and a
/// message is logged, at a limited rate.
class ControlServer {
 public:
  /// Starts to serve the listening socket. `loop` must outlive the server.
  static Result<ControlServer> start(EventLoop& loop, Fd listening, ControlHandlers handlers);

 private:
  struct State;
  explicit ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace podrun::supervisor
