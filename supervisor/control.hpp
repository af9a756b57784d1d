// The control socket of a running pod: how `podrun stop` reaches its supervisor. The pause holds the listening socket, so
// that a request made while no supervisor lives waits for the next.
//
//   client ── "stop" or "stop SECONDS" ──▶ supervisor      one message each way, SOCK_SEQPACKET
//   client ◀────────── "ok" or an error ── supervisor
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "namespaces/fd.hpp"
#include "pod/result.hpp"
#include "supervisor/event_loop.hpp"
#include "supervisor/layout.hpp"

namespace podrun::supervisor {

/// What a client may ask for.
struct StopRequest {
  std::optional<std::chrono::seconds> grace;  ///< empty: the pod's own
};

/// Makes the listening socket, mode 0600, in the pod's run directory.
Result<Fd> make_control_socket(const Layout& layout, const std::string& id);

/// The text of a request, and the request of a text (empty: not one).
std::string to_text(const StopRequest& request);
std::optional<StopRequest> parse_request(std::string_view text);

/// Sends a request and waits for the answer. ENOENT, ECONNREFUSED: the pod does not run.
Result<> request_stop(const Layout& layout, const std::string& id, const StopRequest& request);

/// Answers clients of the same user (SO_PEERCRED): the others are turned away.
class ControlServer {
 public:
  static Result<ControlServer> start(EventLoop& loop, Fd listening, std::function<void(const StopRequest&)> on_stop);

 private:
  struct State;
  explicit ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace podrun::supervisor
