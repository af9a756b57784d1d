// The messages between the supervisor and podrun-prober, over a SOCK_SEQPACKET pair at descriptor 3. Both include this
// header.
//
//   supervisor                                    prober
//      │ Add(id, action, thresholds, due) ───────▶ │  from `due` on it tries once each period
//      │ ◀──────── Verdict(id, succeeded, message) │  only changes, after the thresholds
//      │ Remove(id) ─────────────────────────────▶ │
//      │ end of the socket ──────────────────────▶ │  ends
//
// A prober for a hook finds one request in the socket, Once(action, time-out), and waits at a gate before it acts. The
// other end may be gone by then: its answer is its exit status (HookExit), with the message on its stdout.
//
// What comes from the prober is hostile once it was taken over: Verdict has one size, and the supervisor checks each
// field. What comes from the supervisor is checked as well, for the sake of errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace podrun::prober {

/// The prober's descriptors: the socket, the empty directory that becomes its root, and, for a hook, the gate.
inline constexpr int socket_fd = 3, root_fd = 4, gate_fd = 5;
/// The user and group of probers: no other process has this number, nor do podrun's other helpers (helper::id), so that
/// a prober that was taken over has no right over them.
inline constexpr std::uint32_t user_id = 2'147'000'002;
/// The longest message of the supervisor.
inline constexpr std::size_t longest_request = 128 * 1024;
/// The longest text of a verdict; the rest is cut.
inline constexpr std::size_t longest_text = 512;
/// The Kubernetes version whose kubelet's probes these are: "kube-probe/1.35".
inline constexpr char kubernetes_version[] = "1.35";

/// How a prober for a hook exits.
enum HookExit : int { hook_succeeded = 0, hook_failed = 1, hook_unknown = 2 };

/// The kinds of requests.
enum class Op : std::uint32_t { Add = 1, Remove, Once };
/// What is tried.
enum class Kind : std::uint8_t { Http = 1, Https, Tcp, Grpc };

/// `httpGet.httpHeaders[]`.
struct Header {
  std::string name;
  std::string value;
  bool operator==(const Header&) const = default;
};

/// A request of the supervisor. Times are in nanoseconds.
struct Request {
  Op op = Op::Add;
  std::uint64_t id = 0;
  std::int64_t due = 0;  ///< CLOCK_MONOTONIC: when the first attempt begins
  std::int64_t period = 0;
  std::int64_t timeout = 0;
  std::int64_t successes = 1;  ///< thresholds
  std::int64_t failures = 1;
  Kind kind = Kind::Tcp;
  std::uint16_t port = 0;
  std::string host;  ///< an address, or "localhost"
  std::string path;  ///< Http, Https: as the manifest has it. Grpc: the service
  std::vector<Header> headers;
  bool operator==(const Request&) const = default;
};

/// A verdict, as it is sent.
struct Verdict {
  std::uint64_t id = 0;
  std::uint32_t succeeded = 0;  ///< 0 or 1
  std::uint32_t length = 0;     ///< of `text`
  char text[longest_text] = {};
};
static_assert(sizeof(Verdict) == 16 + longest_text, "it has no gaps, which would carry memory of the prober");

/// A verdict with its text, which is cut.
inline Verdict make_verdict(std::uint64_t id, bool succeeded, std::string_view text) {
  text = text.substr(0, longest_text);
  Verdict verdict{.id = id, .succeeded = succeeded ? 1U : 0U, .length = static_cast<std::uint32_t>(text.size())};
  std::memcpy(verdict.text, text.data(), text.size());
  return verdict;
}

/// The text of a received verdict; empty if it is none: a wrong size, or a field with a value that is never sent.
inline std::optional<std::string_view> text_of(const Verdict& verdict, std::size_t received) {
  if (received != sizeof verdict || verdict.succeeded > 1 || verdict.length > longest_text) return std::nullopt;
  return std::string_view(verdict.text, verdict.length);
}

/// The bytes of a request.
std::string encode(const Request& request);
/// The inverse; empty if the bytes are no request.
std::optional<Request> decode(std::string_view bytes);

}  // namespace podrun::prober
