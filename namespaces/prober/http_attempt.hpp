// httpGet and grpc: a transfer of libcurl. Followed: Kubernetes pkg/probe/http/http.go and pkg/probe/grpc/grpc.go; for
// hooks pkg/kubelet/lifecycle/handlers.go.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "namespaces/prober/attempt.hpp"

namespace podrun::prober {

/// The part of a body that is read: DoHTTPProbe's maxRespBodyLength.
inline constexpr std::size_t longest_body = 10 * 1024;
/// The length of all headers of an answer, those of 1xx answers included.
inline constexpr std::size_t longest_headers = 256 * 1024;
/// RedirectChecker follows ten.
inline constexpr int most_redirects = 10;

/// A request and, for httpGet, those that its redirects make necessary.
///
///   - A status from 200 to 399 is success; of a hook, each answer is.
///   - A redirect to another host is not followed, and the eleventh is not either: success, with a warning.
///   - An answer whose headers came and whose body did not end is no result: DoHTTPProbe returns an error then, and the
///     kubelet's worker throws the result away.
class HttpAttempt final : public Attempt {
 public:
  HttpAttempt(const Request& request, CURLM* multi);
  ~HttpAttempt() override;

  /// That of its request.
  std::uint64_t id() const { return request_.id; }
  std::optional<Outcome> begin() override;
  Outcome timed_out() const override;
  /// libcurl has ended this transfer. Empty: the attempt goes on, with a redirect.
  std::optional<Outcome> on_done(CURLcode code);

 private:
  enum class Stop { None, Body, Headers };

  std::optional<Outcome> transfer();
  void set_options();
  void set_headers();
  void set_grpc_options();
  std::optional<Outcome> follow(long status);
  std::optional<Outcome> fall_back();
  Outcome outcome_of_http(CURLcode code, long status) const;
  Outcome failure(CURLcode code) const;

  std::size_t take_header(std::string_view line);
  std::size_t take_body(std::string_view bytes);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  bool is_hook() const { return request_.op == Op::Once; }
  bool is_grpc() const { return request_.kind == Kind::Grpc; }

  const Request& request_;
  CURLM* multi_;
  std::unique_ptr<CURL, void (*)(CURL*)> easy_;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, curl_slist_free_all};
  std::string url_;
  std::string host_header_;
  std::string referer_;
  std::string post_;
  char words_[CURL_ERROR_SIZE] = {};
  bool is_added_ = false;
  bool fell_back_ = false;  ///< from HTTPS to HTTP
  int redirects_ = 0;
  int socket_error_ = 0;  ///< of socket(2)

  // Of the present answer:
  bool headers_ended_ = false;
  bool has_location_ = false;
  Stop stop_ = Stop::None;
  std::size_t header_length_ = 0;
  std::string location_;
  GrpcAnswer answer_;
};

}  // namespace podrun::prober
