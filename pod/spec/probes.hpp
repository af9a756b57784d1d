// The probes and hooks of a container, as the Pod and the plan have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace podrun::pod {

/// `port` of an action: a number, or the name of one of the container's ports.
struct ActionPort {
  std::int64_t number = 0;  ///< that of the named port, once the manifest was validated
  std::string name;         ///< empty: the manifest has the number
};

/// `exec`: a command in the container, without a shell. Exit status 0 is success.
struct ExecAction {
  std::vector<std::string> command;
};
/// `httpGet.httpHeaders[]`.
struct HttpHeader {
  std::string name;
  std::string value;
};
/// `httpGet`: a request. A status from 200 to 399 is success.
struct HttpGetAction {
  std::string host;  ///< empty: the pod's address
  ActionPort port;
  std::string path = "/";
  bool https = false;  ///< `scheme: HTTPS`: the certificate is not verified
  std::vector<HttpHeader> headers;
};
/// `tcpSocket`: a connection. That it is accepted is success.
struct TcpSocketAction {
  std::string host;  ///< empty: the pod's address
  ActionPort port;
};
/// `grpc`: grpc.health.v1.Health/Check. SERVING is success.
struct GrpcAction {
  ActionPort port;  ///< always a number
  std::string service;
};
/// `sleep` of a hook.
struct SleepAction {
  std::int64_t seconds = 0;
};

using ProbeAction = std::variant<ExecAction, HttpGetAction, TcpSocketAction, GrpcAction>;
/// Container `startupProbe`, `livenessProbe` and `readinessProbe`. Times are in seconds.
struct Probe {
  ProbeAction action;
  std::int64_t initial_delay = 0;
  std::int64_t timeout = 1;
  std::int64_t period = 10;
  std::int64_t success_threshold = 1;
  std::int64_t failure_threshold = 3;
  std::optional<std::int64_t> grace;  ///< `terminationGracePeriodSeconds`; empty: the pod's
};

/// Which probe of a container.
enum class ProbeKind : std::uint8_t { Startup, Liveness, Readiness };
/// The number of kinds.
inline constexpr std::size_t probe_kinds = 3;

/// The probes of a container.
struct Probes {
  std::optional<Probe> startup;
  std::optional<Probe> liveness;
  std::optional<Probe> readiness;

  const std::optional<Probe>& operator[](ProbeKind kind) const {
    return kind == ProbeKind::Startup ? startup : kind == ProbeKind::Liveness ? liveness : readiness;
  }
};

/// `tcpSocket` is accepted in a hook and always fails, as on Kubernetes.
using HookAction = std::variant<ExecAction, HttpGetAction, TcpSocketAction, SleepAction>;

/// Which hook of a container.
enum class HookKind : std::uint8_t { PostStart, PreStop };

/// Container `lifecycle`, but for its stopSignal.
struct Hooks {
  std::optional<HookAction> post_start;
  std::optional<HookAction> pre_stop;

  const std::optional<HookAction>& operator[](HookKind kind) const {
    return kind == HookKind::PostStart ? post_start : pre_stop;
  }
};

}  // namespace podrun::pod
