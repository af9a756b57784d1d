// The two messages of grpc.health.v1.Health/Check, as gRPC over HTTP/2 frames them: one byte that says whether the
// message is compressed, its length in four, then protobuf. Pure. Followed: Kubernetes pkg/probe/grpc/grpc.go.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pod/spec/probe_counter.hpp"

namespace podrun::prober {

/// The result of an attempt, with words for people.
struct Outcome {
  pod::ProbeOutcome result = pod::ProbeOutcome::Unknown;
  std::string message;
};

/// The request: HealthCheckRequest{service}.
std::string health_request(std::string_view service);

/// What a server has answered.
struct GrpcAnswer {
  long http_status = 0;
  std::string content_type;
  std::optional<std::string> status;  ///< grpc-status
  std::string message;                ///< grpc-message
  std::string body;
};

/// Whether it says SERVING. Everything else is a failure, as with the kubelet.
Outcome outcome_of(const GrpcAnswer& answer);

}  // namespace podrun::prober
