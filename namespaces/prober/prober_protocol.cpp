// The requests as bytes: numbers of 8 bytes in the order of the machine, and texts after their lengths.
#include "namespaces/prober/prober_protocol.hpp"

namespace podrun::prober {
namespace {

class Writer {
 public:
  template <typename Number>
  void number(Number value) {
    const auto wide = static_cast<std::int64_t>(value);
    bytes.append(reinterpret_cast<const char*>(&wide), sizeof wide);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes += value;
  }

  std::string bytes;
};

/// After an error everything that is read is empty, and `failed` is set.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::int64_t number() {
    std::int64_t value = 0;
    const std::string_view taken = take(sizeof value);
    if (!taken.empty()) std::memcpy(&value, taken.data(), sizeof value);
    return value;
  }
  /// A number from `first` to `last`.
  std::int64_t number(std::int64_t first, std::int64_t last) {
    const std::int64_t value = number();
    if (value >= first && value <= last) return value;
    failed = true;
    return first;
  }
  std::string text() {
    const auto length = number(0, static_cast<std::int64_t>(rest_.size()));
    return std::string(take(static_cast<std::size_t>(length)));
  }
  bool at_end() const { return rest_.empty(); }

  bool failed = false;

 private:
  std::string_view take(std::size_t length) {
    if (length > rest_.size()) failed = true;
    if (failed) return {};
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::string_view rest_;
};

constexpr std::int64_t longest_time = INT64_MAX / 4;  // sums do not overflow

}  // namespace

std::string encode(const Request& request) {
  Writer out;
  out.number(request.op);
  out.number(request.id);
  for (const std::int64_t value : {request.due, request.period, request.timeout, request.successes, request.failures})
    out.number(value);
  out.number(request.kind);
  out.number(request.port);
  out.text(request.host);
  out.text(request.path);
  out.number(request.headers.size());
  for (const Header& header : request.headers) {
    out.text(header.name);
    out.text(header.value);
  }
  return std::move(out.bytes);
}

std::optional<Request> decode(std::string_view bytes) {
  Reader in(bytes);
  Request request;
  request.op = static_cast<Op>(in.number(1, 3));
  request.id = static_cast<std::uint64_t>(in.number());
  request.due = in.number(0, longest_time);
  request.period = in.number(0, longest_time);
  request.timeout = in.number(0, longest_time);
  request.successes = in.number();
  request.failures = in.number();
  request.kind = static_cast<Kind>(in.number(1, 4));
  request.port = static_cast<std::uint16_t>(in.number(0, UINT16_MAX));
  request.host = in.text();
  request.path = in.text();
  const std::int64_t headers = in.number(0, static_cast<std::int64_t>(longest_request));
  for (std::int64_t i = 0; i < headers && !in.failed; ++i) {
    Header& header = request.headers.emplace_back();
    header.name = in.text();
    header.value = in.text();
  }
  if (request.op == Op::Add && request.period == 0) in.failed = true;
  if (in.failed || !in.at_end()) return std::nullopt;
  return request;
}

}  // namespace podrun::prober
