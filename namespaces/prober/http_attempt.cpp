// httpGet and grpc: a transfer of libcurl.
#include "namespaces/prober/http_attempt.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "namespaces/prober/request_target.hpp"

namespace podrun::prober {
namespace {

using pod::ProbeOutcome;

std::string url_of(const Request& request) {
  const std::string target =
      request.kind == Kind::Grpc ? "/grpc.health.v1.Health/Check" : request_target(request.path);
  return (request.kind == Kind::Https ? "https://" : "http://") + host_and_port(request.host, request.port) + target;
}

/// A part of a URL; empty if it has none.
std::string part_of(const std::string& url, CURLUPart part) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed(curl_url(), curl_url_cleanup);
  char* value = nullptr;
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parsed.get(), part, &value, 0) != CURLUE_OK)
    return "";
  std::string copy = value;
  curl_free(value);
  return copy;
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// "HOST" or "HOST:PORT", as the URL has it.
std::string authority_of(const std::string& url) {
  const std::string port = part_of(url, CURLUPART_PORT);
  return part_of(url, CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

/// The value of "Name: value", if it is that header's.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line[name.size()] != ':') return std::nullopt;
  if (!std::equal(name.begin(), name.end(), line.begin(), [](char wanted, char c) {
        return wanted == std::tolower(static_cast<unsigned char>(c));
      }))
    return std::nullopt;
  line.remove_prefix(name.size() + 1);
  const auto first = line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r\n") - first + 1);
}

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
  curl_easy_setopt(easy, option, value);
}

}  // namespace

HttpAttempt::HttpAttempt(const Request& request, CURLM* multi)
    : request_(request), multi_(multi), easy_(curl_easy_init(), curl_easy_cleanup), url_(url_of(request)) {}

HttpAttempt::~HttpAttempt() {
  if (is_added_) curl_multi_remove_handle(multi_, easy_.get());
}

std::optional<Outcome> HttpAttempt::begin() {
  if (!easy_) return Outcome{ProbeOutcome::Unknown, "no memory"};
  if (!is_grpc()) {
    const RequestHeaders made = request_headers(request_.headers, "");
    if (!made.fault.empty()) return Outcome{ProbeOutcome::Failure, made.fault};
    host_header_ = made.host;
  }
  set_options();
  return transfer();
}

std::optional<Outcome> HttpAttempt::transfer() {
  headers_ended_ = has_location_ = false;
  stop_ = Stop::None;
  header_length_ = 0;
  answer_ = {};
  set_headers();
  set(easy_.get(), CURLOPT_URL, url_.c_str());
  is_added_ = curl_multi_add_handle(multi_, easy_.get()) == CURLM_OK;
  if (!is_added_) return Outcome{ProbeOutcome::Unknown, "no memory"};
  return std::nullopt;
}

/// What the kubelet's transport does: no proxy, no reuse of connections, no verification, HTTP/2 where TLS negotiates
/// it. TLS before 1.2 is refused, as by Go.
void HttpAttempt::set_options() {
  CURL* const easy = easy_.get();
  set(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  set(easy, CURLOPT_ERRORBUFFER, words_);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_PROXY, "");
  set(easy, CURLOPT_PATH_AS_IS, 1L);
  set(easy, CURLOPT_FRESH_CONNECT, 1L);
  set(easy, CURLOPT_FORBID_REUSE, 1L);
  set(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  set(easy, CURLOPT_SSL_VERIFYPEER, 0L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 0L);
  set(easy, CURLOPT_SSL_VERIFYSTATUS, 0L);
  set(easy, CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(request_.kind == Kind::Https ? CURL_HTTP_VERSION_2TLS
                                                                                   : CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &HttpAttempt::on_socket);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(easy, CURLOPT_HEADERFUNCTION, &HttpAttempt::on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  set(easy, CURLOPT_WRITEFUNCTION, &HttpAttempt::on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  if (is_grpc()) set_grpc_options();
}

void HttpAttempt::set_grpc_options() {
  CURL* const easy = easy_.get();
  post_ = health_request(request_.path);
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
  set(easy, CURLOPT_POST, 1L);
  set(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(post_.size()));
  set(easy, CURLOPT_POSTFIELDS, post_.c_str());
}

void HttpAttempt::set_headers() {
  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) {
    if (curl_slist* const longer = curl_slist_append(list, line.c_str())) list = longer;
  };
  const std::string agent = std::string(is_hook() ? "kube-lifecycle/" : "kube-probe/") + kubernetes_version;
  add("Host: " + (host_header_.empty() ? authority_of(url_) : host_header_));
  if (is_grpc()) {
    for (const char* line : {"Content-Type: application/grpc", "TE: trailers", "Accept:", "Expect:"}) add(line);
    add("User-Agent: " + agent);
    add("grpc-timeout: " + std::to_string(std::min<std::int64_t>(request_.timeout / 1'000'000, 99'999'999)) + "m");
  } else {
    for (const std::string& line : request_headers(request_.headers, agent).lines)
      if (!fell_back_ || !value_of(line, "authorization")) add(line);
    if (!referer_.empty()) add("Referer: " + referer_);
  }
  headers_.reset(list);
  set(easy_.get(), CURLOPT_HTTPHEADER, list);
}

// ---- what comes ----

curl_socket_t HttpAttempt::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  const int fd = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address->protocol);
  static_cast<HttpAttempt*>(self)->socket_error_ = fd < 0 ? errno : 0;
  return fd < 0 ? CURL_SOCKET_BAD : fd;
}

std::size_t HttpAttempt::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<HttpAttempt*>(self)->take_header({data, size * count});
}

std::size_t HttpAttempt::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<HttpAttempt*>(self)->take_body({data, size * count});
}

/// Any other number than the length ends the transfer.
std::size_t HttpAttempt::take_header(std::string_view line) {
  header_length_ += line.size();
  if (header_length_ > longest_headers) {
    stop_ = Stop::Headers;
    return 0;
  }
  if (const auto location = value_of(line, "location")) {
    has_location_ = true;
    location_ = *location;
  }
  if (is_grpc()) {
    if (const auto type = value_of(line, "content-type")) answer_.content_type = *type;
    if (const auto status = value_of(line, "grpc-status")) answer_.status = *status;
    if (const auto message = value_of(line, "grpc-message")) answer_.message = message->substr(0, longest_text);
  }
  if (line == "\r\n" || line == "\n") {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    headers_ended_ = headers_ended_ || status >= 200;
  }
  return line.size();
}

std::size_t HttpAttempt::take_body(std::string_view bytes) {
  const bool is_enough = answer_.body.size() + bytes.size() > longest_body;
  answer_.body += bytes.substr(0, longest_body - answer_.body.size());
  if (!is_enough) return bytes.size();
  stop_ = Stop::Body;
  return 0;
}

// ---- the end ----

std::optional<Outcome> HttpAttempt::on_done(CURLcode code) {
  curl_multi_remove_handle(multi_, easy_.get());
  is_added_ = false;
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (stop_ == Stop::Headers)
    return Outcome{ProbeOutcome::Failure, "the headers of the answer are longer than 256 KiB"};
  if (is_grpc()) {
    if (stop_ == Stop::Body) return Outcome{ProbeOutcome::Failure, "gRPC: the answer is too long"};
    if (code != CURLE_OK) return failure(code);
    answer_.http_status = status;
    return prober::outcome_of(answer_);
  }
  if (is_hook() && code == CURLE_SSL_CONNECT_ERROR && std::string_view(words_).contains("wrong version number"))
    return fall_back();
  if (!headers_ended_) return failure(code == CURLE_OK ? CURLE_GOT_NOTHING : code);
  if (is_redirect(status) && has_location_) return follow(status);
  return outcome_of_http(code, status);
}

/// A hook with `scheme: HTTPS` whose server speaks HTTP is sent by HTTP, without credentials: runHTTPHandler.
std::optional<Outcome> HttpAttempt::fall_back() {
  fell_back_ = true;
  url_.replace(0, std::string_view("https:").size(), "http:");
  set(easy_.get(), CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  return transfer();
}

Outcome HttpAttempt::outcome_of_http(CURLcode code, long status) const {
  std::string words = "HTTP " + std::to_string(status);
  if (is_hook()) return {ProbeOutcome::Success, std::move(words)};
  if (code != CURLE_OK && stop_ != Stop::Body) return {ProbeOutcome::Unknown, words + ", and its body did not end"};
  if (status >= 300 && status < 400) return {ProbeOutcome::Success, words + ": not followed"};
  return {status >= 200 && status < 400 ? ProbeOutcome::Success : ProbeOutcome::Failure, std::move(words)};
}

/// Go's Client.do, with the kubelet's RedirectChecker. Of an eleventh redirect Kubernetes' documentation says that it
/// is a success with a warning.
std::optional<Outcome> HttpAttempt::follow(long status) {
  const std::string words = "HTTP " + std::to_string(status);
  char* next = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &next);
  const std::string url = next != nullptr ? next : "", scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme.empty()) return Outcome{ProbeOutcome::Failure, words + " with a Location that is no URL"};
  const std::string host = part_of(url, CURLUPART_HOST);
  if (host != part_of(url_, CURLUPART_HOST))
    return Outcome{ProbeOutcome::Success, words + ": the redirect to another host, " + host + ", was not followed"};
  if (redirects_ == most_redirects) return Outcome{ProbeOutcome::Success, words + ": more than 10 redirects"};
  if (scheme != "http" && scheme != "https")
    return Outcome{ProbeOutcome::Failure, words + ": a redirect to a URL of the scheme " + scheme};
  ++redirects_;
  if (!is_relative(location_)) host_header_.clear();
  referer_ = url_.starts_with("https:") && scheme == "http" ? "" : url_;
  url_ = url;
  set(easy_.get(), CURLOPT_HTTP_VERSION,
      static_cast<long>(scheme == "https" ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  return transfer();
}

Outcome HttpAttempt::failure(CURLcode code) const {
  if (is_out_of_room(socket_error_)) return connection_failure(request_, socket_error_);
  if (code == CURLE_OUT_OF_MEMORY) {
    // Also what libcurl says of a line that is longer than 100 KiB.
    long sent = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &sent);
    if (sent == 0) return {ProbeOutcome::Unknown, "no memory"};
    return {ProbeOutcome::Failure, "a line of the answer is too long"};
  }
  long error = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &error);
  if (code == CURLE_COULDNT_CONNECT && error != 0) return connection_failure(request_, static_cast<int>(error));
  return {ProbeOutcome::Failure, words_[0] != '\0' ? words_ : curl_easy_strerror(code)};
}

Outcome HttpAttempt::timed_out() const {
  if (is_hook() || is_grpc() || !headers_ended_) return {ProbeOutcome::Failure, timeout_words(request_)};
  return {ProbeOutcome::Unknown, "its body did not end: " + timeout_words(request_)};
}

}  // namespace podrun::prober
