// The control socket of a running pod: how `podrun stop` and `podrun attach` reach its supervisor. The pause holds the
// listening socket, so that a request made while no supervisor lives waits for the next. Messages of SOCK_SEQPACKET:
//
//   client ── "stop" or "stop SECONDS" ──▶ supervisor      one each way
//   client ◀────────── "ok" or an error ── supervisor
//
//   client ── "attach CONTAINER" ────────▶ supervisor      then no more
//   client ◀─ position [fds], or an error  supervisor      attach_protocol.hpp
//   client ◀──────────────── position, … ─ supervisor      each time the log or what comes next to it is another
//   client ◀───────────────────── "ended"  supervisor      so has the instance
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

/// What a client may ask for.
struct StopRequest {
  std::optional<std::chrono::seconds> grace;  ///< empty: the pod's own
};

/// Who looks at a container's output.
struct AttachRequest {
  std::string container;
  enum class Input {
    No,
    Wanted,  ///< it shall also be sent what there is to be read
    Held,    ///< a former supervisor has given the client what it takes
  } input = Input::No;
  bool operator==(const AttachRequest&) const = default;
};
using Request = std::variant<StopRequest, AttachRequest>;

/// Makes the listening socket, mode 0600, in the pod's run directory.
Result<Fd> make_control_socket(const Layout& layout, const std::string& id);

/// The text of a request, and the request of a text (empty: not one).
std::string to_text(const Request& request);
std::optional<Request> parse_request(std::string_view text);

/// A socket that a request has been sent on. ENOENT, ECONNREFUSED: the pod does not run.
Result<Fd> send_request(const Layout& layout, const std::string& id, const Request& request);

/// Sends a request and waits for the answer. ENOENT, ECONNREFUSED: the pod does not run.
Result<> request_stop(const Layout& layout, const std::string& id, const StopRequest& request);

/// Who is told of requests. The client of an attach is theirs from then on, O_NONBLOCK.
struct ControlHandlers {
  std::function<void(const StopRequest&)> stop;
  std::function<void(const AttachRequest&, Fd client)> attach;
};

/// Answers clients of the same user and of the host (ns::check_peer): the others are turned away, and a message says
/// so, though not of each one of many.
class ControlServer {
 public:
  static Result<ControlServer> start(EventLoop& loop, Fd listening, ControlHandlers handlers);

 private:
  struct State;
  explicit ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace podrun::supervisor
