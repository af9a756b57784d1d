// The two messages of grpc.health.v1.Health/Check.
#include "namespaces/prober/grpc_health.hpp"

#include <cstdint>

namespace podrun::prober {
namespace {

using pod::ProbeOutcome;

constexpr std::size_t prefix_length = 5;
constexpr std::string_view status_names[] = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
constexpr std::string_view unimplemented = "12";

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

std::optional<std::uint64_t> take_varint(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

bool skip_field(std::string_view& in, unsigned wire_type) {
  std::uint64_t length = 0;
  switch (wire_type) {
    case 0: return take_varint(in).has_value();
    case 1: length = 8; break;
    case 2: {
      const auto given = take_varint(in);
      if (!given) return false;
      length = *given;
      break;
    }
    case 5: length = 4; break;
    default: return false;
  }
  if (length > in.size()) return false;
  in.remove_prefix(static_cast<std::size_t>(length));
  return true;
}

/// The field `status` of a HealthCheckResponse; the last one counts. Empty: the message is none.
std::optional<std::uint64_t> status_of(std::string_view body) {
  if (body.size() < prefix_length || body[0] != 0) return std::nullopt;
  std::uint32_t length = 0;
  for (std::size_t i = 1; i < prefix_length; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
  body.remove_prefix(prefix_length);
  if (body.size() != length) return std::nullopt;
  std::uint64_t status = 0;
  while (!body.empty()) {
    const auto tag = take_varint(body);
    if (!tag) return std::nullopt;
    if (*tag == 8) {
      const auto value = take_varint(body);
      if (!value) return std::nullopt;
      status = *value;
    } else if (*tag >> 3 == 0 || !skip_field(body, *tag & 7)) {
      return std::nullopt;
    }
  }
  return status;
}

Outcome failure(std::string message) { return {ProbeOutcome::Failure, std::move(message)}; }

}  // namespace

std::string health_request(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    message += '\x0a';  // field 1, a text
    append_varint(message, service.size());
    message += service;
  }
  std::string framed(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) framed += static_cast<char>(message.size() >> shift);
  return framed + message;
}

Outcome outcome_of(const GrpcAnswer& answer) {
  if (answer.http_status != 200) return failure("gRPC: HTTP " + std::to_string(answer.http_status));
  if (!answer.content_type.starts_with("application/grpc"))
    return failure("gRPC: the content type is \"" + answer.content_type + "\"");
  if (answer.status == unimplemented)
    return failure("the server does not implement grpc.health.v1.Health: " + answer.message);
  if (!answer.status) return failure("gRPC: the answer has no status");
  if (answer.status != "0") return failure("gRPC status " + *answer.status + ": " + answer.message);
  const auto status = status_of(answer.body);
  if (!status) return failure("gRPC: the answer is not a HealthCheckResponse");
  if (*status == 1) return {ProbeOutcome::Success, "gRPC SERVING"};
  return failure("gRPC " + (*status < std::size(status_names) ? std::string(status_names[*status])
                                                                : "status " + std::to_string(*status)));
}

}  // namespace podrun::prober
