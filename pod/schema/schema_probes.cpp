// The tables of a container's probes and hooks.
#include <algorithm>

#include <fmt/format.h>

#include "pod/schema/schema_types.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/scalar.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr auto probed = used("Probes.EveryFieldIsDecoded");
constexpr auto hooked = used("Hooks.EveryFieldIsDecoded");
constexpr std::int64_t most_seconds = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t last_port = 65535;

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

ValueError action_host(std::string_view value) {
  return value == "localhost" || ip_address(value).empty() ? "" : "must be an IP address or localhost";
}
ValueError header_name(std::string_view value) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !value.empty() && std::ranges::all_of(value, is_allowed) ? "" : "must be letters, digits and \"-\"";
}
ValueError header_value(std::string_view value) {
  const auto is_refused = [](char c) { return is_control(c) && c != '\t'; };
  return std::ranges::any_of(value, is_refused) ? "must not contain control characters" : "";
}

/// A number of which 0 stands for the default, as for the API server.
struct Positive {
  static constexpr std::string_view type = "int32";
  void decode(const yaml::Node& node, const FieldLabel& label, std::int64_t& into, DiagnosticCollector& report) const {
    const auto value = integer_in(node, label, 0, most_seconds, report);
    if (value && *value != 0) into = *value;
  }
};
/// The number of a port. A `grpc` probe takes no name.
struct PortNumber {
  static constexpr std::string_view type = "int32";
  void decode(const yaml::Node& node, const FieldLabel& label, ActionPort& into, DiagnosticCollector& report) const {
    if (const auto number = integer_in(node, label, 1, last_port, report)) into.number = *number;
  }
};
struct StopSignals {
  static constexpr std::string_view type = "string";
  static constexpr auto& values = stop_signals;  // for the JSON Schema
  void decode(const yaml::Node& node, const FieldLabel& label, std::optional<int>& into,
              DiagnosticCollector& report) const {
    const std::string* name = string_in(node, label, report);
    if (name == nullptr) return;
    into = signal_of(*name);
    if (into) return;
    const auto meant = image_signal(*name);
    report.add(node.at,
               fmt::format("{} must be a signal, such as SIGQUIT or SIGRTMIN+3, but this is {}", label.text(),
                           in_quotes(*name)),
               meant ? fmt::format("did you mean \"{}\"?", signal_name(*meant)) : "");
  }
};
struct PostStart {
  static constexpr std::string_view type = "LifecycleHandler";
  void decode(const yaml::Node& node, const FieldLabel& label, Hooks& into, DiagnosticCollector& report) const {
    object<HookAction>.decode(node, label, into.post_start, report);
  }
};
struct PreStop {
  static constexpr std::string_view type = "LifecycleHandler";
  void decode(const yaml::Node& node, const FieldLabel& label, Hooks& into, DiagnosticCollector& report) const {
    object<HookAction>.decode(node, label, into.pre_stop, report);
  }
};

constexpr Positive positive{};
constexpr PortNumberOrName number_or_name{};
constexpr PortNumber port_number{};
constexpr StopSignals signals{};
constexpr PostStart post_start{};
constexpr PreStop pre_stop{};
constexpr Integer delay{.least = 0, .most = most_seconds, .type = "int32"};
constexpr Integer grace{.least = 1, .most = most_seconds};
constexpr Integer sleep_seconds{.least = 0, .most = most_seconds};
constexpr Text host_text{action_host, "podrun's own rule: probes resolve no names; httpHeaders may have a Host"};
constexpr Text header_name_text{header_name};
constexpr Text header_value_text{header_value, "podrun's own rule: no request can have one"};
constexpr Choice schemes{std::array{std::pair{"HTTP"sv, false}, std::pair{"HTTPS"sv, true}}};

constexpr std::array probe_rows{
    row<&Probe::action, object<ExecAction>>("exec", one_of, probed, "A command in the container."),
    row<&Probe::failure_threshold, positive>("failureThreshold", defaults_to("3"), probed,
                                             "After how many failures in a row it has failed."),
    row<&Probe::action, object<GrpcAction>>("grpc", one_of, probed, "A question to the health service of gRPC."),
    row<&Probe::action, object<HttpGetAction>>("httpGet", one_of, probed, "An HTTP request."),
    row<&Probe::initial_delay, delay>("initialDelaySeconds", defaults_to("0"), probed,
                                      "How long after the container's start it is tried first."),
    row<&Probe::period, positive>("periodSeconds", defaults_to("10"), probed, "The time between two attempts."),
    row<&Probe::success_threshold, positive>(
        "successThreshold", defaults_to("1"), probed,
        "After how many successes in a row it has succeeded; 1 but for a readinessProbe."),
    row<&Probe::action, object<TcpSocketAction>>("tcpSocket", one_of, probed, "A TCP connection."),
    row<&Probe::grace, grace>("terminationGracePeriodSeconds", defaults_to("the pod's"), probed,
                              "The grace of a container that it ends; not for a readinessProbe."),
    row<&Probe::timeout, positive>("timeoutSeconds", defaults_to("1"), probed, "How long one attempt may take."),
};
constexpr std::array exec_rows{
    row<&ExecAction::command, any_texts>("command", required, probed,
                                         "The program and its arguments, without a shell; 0 is success."),
};
constexpr std::array http_get_rows{
    row<&HttpGetAction::host, host_text>("host", defaults_to("the pod's address"), probed,
                                         "An IP address, or localhost."),
    row<&HttpGetAction::headers, objects<HttpHeader>>("httpHeaders", optional, probed, "Headers of the request."),
    row<&HttpGetAction::path, any_text>("path", defaults_to("/"), probed,
                                        "The path and a query; what a request cannot have is encoded."),
    row<&HttpGetAction::port, number_or_name>("port", required, probed,
                                              "The number, or the name of one of the container's ports."),
    row<&HttpGetAction::https, schemes>("scheme", defaults_to("HTTP"), probed,
                                        "HTTP, or HTTPS, whose certificate is not verified."),
};
constexpr std::array header_rows{
    row<&HttpHeader::name, header_name_text>("name", required, probed, "Its name; Host is that of the request."),
    row<&HttpHeader::value, header_value_text>("value", required_or_empty, probed, "Its value."),
};
constexpr std::array tcp_rows{
    row<&TcpSocketAction::host, host_text>("host", defaults_to("the pod's address"), probed,
                                           "An IP address, or localhost."),
    row<&TcpSocketAction::port, number_or_name>("port", required, probed,
                                                "The number, or the name of one of the container's ports."),
};
constexpr std::array grpc_rows{
    row<&GrpcAction::port, port_number>("port", required, probed, "The number of the port."),
    row<&GrpcAction::service, any_text>("service", optional, probed, "The service that is asked for."),
};
constexpr std::array lifecycle_rows{
    row<&Container::hooks, post_start>("postStart", optional, hooked,
                                       "Is run right after the start; the container is not started before it ends."),
    row<&Container::hooks, pre_stop>("preStop", optional, hooked,
                                     "Is run before the stop signal, within the grace period."),
    row<&Container::stop_signal, signals>("stopSignal", defaults_to("the image's, else SIGTERM"), hooked,
                                          "The signal that ends it; needs spec.os.name."),
};
constexpr std::array hook_rows{
    alternative<HookAction, object<ExecAction>>("exec", one_of, hooked, "A command in the container."),
    alternative<HookAction, object<HttpGetAction>>("httpGet", one_of, hooked, "An HTTP request."),
    alternative<HookAction, object<SleepAction>>("sleep", one_of, hooked, "A wait."),
    alternative<HookAction, object<TcpSocketAction>>("tcpSocket", one_of, hooked,
                                                     "Always fails, as on Kubernetes: hooks have no such action."),
};
constexpr std::array sleep_rows{
    row<&SleepAction::seconds, sleep_seconds>("seconds", required, hooked, "How long; at most the grace period."),
};

}  // namespace

constinit const Table Schema<Probe>::table{"Probe", "a probe", probe_rows};
constinit const Table Schema<ExecAction>::table{"ExecAction", "exec", exec_rows};
constinit const Table Schema<HttpGetAction>::table{"HTTPGetAction", "httpGet", http_get_rows};
constinit const Table Schema<HttpHeader>::table{"HTTPHeader", "a header", header_rows};
constinit const Table Schema<TcpSocketAction>::table{"TCPSocketAction", "tcpSocket", tcp_rows};
constinit const Table Schema<GrpcAction>::table{"GRPCAction", "grpc", grpc_rows};
constinit const Table Schema<Container, LifecycleOf>::table{"Lifecycle", "lifecycle", lifecycle_rows};
constinit const Table Schema<HookAction>::table{"LifecycleHandler", "a hook", hook_rows};
constinit const Table Schema<SleepAction>::table{"SleepAction", "sleep", sleep_rows};

}  // namespace podrun::pod
