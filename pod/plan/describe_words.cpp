// Describes parts of steps.
#include "pod/plan/describe_words.hpp"

#include <fmt/format.h>

#include "pod/annotations/rlimits.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

constexpr std::size_t longest_command = 60;

/// "127.0.0.1:80", "[::1]:80". The pod's own address is the loopback's.
std::string address_words(const std::string& host, const ActionPort& port) {
  const bool is_ipv6 = host.contains(':');
  return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host.empty() ? "127.0.0.1" : host, is_ipv6 ? "]" : "",
                     port.number);
}

template <typename Action>
std::string action_words(const Action& action) {
  const Overloaded words{
      [](const ExecAction& exec) {
        return fmt::format("exec {}", shortened(shell_words(exec.command), longest_command));
      },
      [](const HttpGetAction& http) {
        std::string headers;
        for (const HttpHeader& header : http.headers)
          headers += fmt::format("{}{}", headers.empty() ? " with " : ", ", header.name);
        return fmt::format("httpGet {}://{}{}{}{}", http.https ? "https" : "http", address_words(http.host, http.port),
                           http.path.starts_with('/') ? "" : "/", http.path, headers);
      },
      [](const TcpSocketAction& tcp) { return fmt::format("tcpSocket {}", address_words(tcp.host, tcp.port)); },
      [](const GrpcAction& grpc) {
        return fmt::format("grpc {}{}{}", address_words("", grpc.port), grpc.service.empty() ? "" : ", service ",
                           grpc.service);
      },
      [](const SleepAction& sleep) { return fmt::format("sleep {}s", sleep.seconds); }};
  return std::visit(words, action);
}

}  // namespace

std::string_view field_of(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::Startup: return "startupProbe";
    case ProbeKind::Liveness: return "livenessProbe";
    case ProbeKind::Readiness: return "readinessProbe";
  }
  return {};
}

std::string probe_words(ProbeKind kind, const Probe& probe) {
  std::string words = action_words(probe.action);
  if (probe.initial_delay > 0) words += fmt::format(" after {}s,", probe.initial_delay);
  words += fmt::format(" every {}s, timeout {}s; ", probe.period, probe.timeout);
  const std::int64_t failures = probe.failure_threshold;
  const std::int64_t successes = probe.success_threshold;
  if (kind == ProbeKind::Readiness)
    words += fmt::format("ready after {} success{}, no more", successes, successes == 1 ? "" : "es");
  else words += "ends it";
  words += fmt::format(" after {} failure{}", failures, failures == 1 ? "" : "s");
  if (probe.grace) words += fmt::format(", grace {}s", *probe.grace);
  return escaped(words);
}

std::string hook_words(const HookAction& action) { return escaped(action_words(action)); }

std::string capability_words(std::uint64_t set) {
  if (set == all_capabilities) return "all";
  const auto names = capability_names(set);
  return names.empty() ? "none" : joined(names, " ");
}

std::string offset_words(std::string_view clock, std::chrono::nanoseconds offset) {
  const auto distance = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::abs(offset));
  return fmt::format("{} {} {}", clock, to_text(distance), offset.count() < 0 ? "behind" : "ahead");
}

std::string details_of(const host::MakeNamespace& step) {
  std::string details;
  switch (step.kind) {
    case NamespaceKind::Net: details = ", lo up"; break;
    case NamespaceKind::Uts: details = ", called " + step.hostname; break;
    case NamespaceKind::Cgroup: details = ", rooted at its control group"; break;
    case NamespaceKind::Time:
      if (step.offsets.monotonic.count() != 0) details += ", " + offset_words("monotonic", step.offsets.monotonic);
      if (step.offsets.boottime.count() != 0) details += ", " + offset_words("boottime", step.offsets.boottime);
      break;
    case NamespaceKind::Ipc:
    case NamespaceKind::Mnt:
    case NamespaceKind::Pid:
    case NamespaceKind::User: break;
  }
  return details;
}

std::string limits_words(const step::ResourceLimits& step) {
  std::vector<std::string> bounded;
  std::vector<std::string_view> free;
  for (const ResourceLimit& limit : step.limits) {
    if (limit.soft == unlimited) free.push_back(name_of(limit.resource));
    else bounded.push_back(fmt::format("{} {}", name_of(limit.resource), limit_words(limit)));
  }
  std::string words = joined(bounded, ", ");
  if (!free.empty()) words += fmt::format("{}no limit on {}", words.empty() ? "" : "; ", joined(free, " "));
  return words;
}

std::string filter_words(const step::Seccomp& step) {
  return step.own ? fmt::format("refuses {}", joined(words_of(*step.own), " ")) : step.profile;
}

}  // namespace podrun::pod
