// What a probe's URL and headers become on the wire. Pure. Followed: Kubernetes pkg/probe/http/request.go (formatURL,
// newProbeRequest), and what Go's net/url and net/http make of its result.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/prober/prober_protocol.hpp"

namespace podrun::prober {

/// The path and the query of a request: `path` as Go's url.Parse reads it. A fragment is dropped, and so are a scheme
/// and a host, because formatURL replaces them; "healthz" becomes "/healthz". A path that url.Parse refuses is sent
/// literally: each character that has a meaning is encoded, "/a%zz" becomes "/a%25zz".
std::string request_target(std::string_view path);

/// "HOST:PORT", with brackets around an IPv6 address. Kubernetes sends it as Host also for the default port.
std::string host_and_port(std::string_view host, unsigned port);

/// The headers of a request, as libcurl takes them ("Name: value", "Name;" if empty, "Name:" to remove one of libcurl's
/// own), but for Host.
struct RequestHeaders {
  std::vector<std::string> lines;
  std::string host;   ///< that of the manifest; empty: that of the URL
  std::string fault;  ///< not empty: Go would not send this request
};

/// `user_agent` and Accept `*/*` are sent unless the manifest has them; an empty one of the manifest removes it.
RequestHeaders request_headers(const std::vector<Header>& headers, std::string_view user_agent);

/// Whether a redirect's Location is relative: only then a Host of the manifest stays (Go's Client.do).
bool is_relative(std::string_view location);

}  // namespace podrun::prober
