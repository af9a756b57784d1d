// Messages of netlink(7), written and read as bytes: headers, attributes, attributes inside attributes. Values are in
// the order that the reader expects: of rtnetlink(7) mostly the machine's, of nftables and conntrack the network's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace podrun::ns {

using Bytes = std::span<const std::byte>;

/// The bytes of a value that has no pointers.
template <typename Value>
Bytes bytes_of(const Value& value) {
  static_assert(std::is_trivially_copyable_v<Value>);
  return std::as_bytes(std::span(&value, 1));
}

/// One or several requests, which are sent at once.
class NetlinkBatch {
 public:
  /// A request in the batch.
  struct Request {
    std::string what;             ///< what it was to do, for an error: "add the address 10.77.0.5 to eth0"
    std::size_t begin;            ///< where it begins
    bool is_acknowledged;         ///< NLM_F_ACK: the kernel answers also if there is no error
    int allowed_error = 0;        ///< this error of it is none
  };

  /// Begins a request. NLM_F_REQUEST is added to the flags. Of those with NLM_F_ACK only the last one keeps it: the
  /// kernel tells of errors anyway, and in order.
  template <typename Header>
  void begin(std::string what, int type, unsigned flags, const Header& header) {
    begin_request(std::move(what), type, flags);
    put(bytes_of(header));
  }
  /// An error of the last request that is none: what it asks for is there, or cannot be.
  void allow(int error) { requests_.back().allowed_error = error; }

  /// Adds an attribute to the last request, or to the open one.
  void add(int type, Bytes value);
  template <typename Value>
  void add_value(int type, const Value& value) {
    add(type, bytes_of(value));
  }
  /// A text with its final NUL.
  void add_text(int type, const std::string& text) {
    add(type, std::as_bytes(std::span(text.c_str(), text.size() + 1)));
  }
  /// An attribute that holds those which `fill` adds.
  template <typename Fill>
  void nest(int type, Fill fill) {
    const std::size_t begin = open(type);
    fill();
    close(begin);
  }
  /// Adds bytes as they are, and fills up to four. A few attributes begin with a header.
  void put(Bytes bytes);

  Bytes bytes() const { return bytes_; }
  const std::vector<Request>& requests() const { return requests_; }
  /// Whether an attribute became longer than its length field can say.
  bool is_too_long() const { return is_too_long_; }

 private:
  void begin_request(std::string what, int type, unsigned flags);
  void take_back_acknowledgement();
  std::size_t open(int type);
  void close(std::size_t begin);

  std::vector<std::byte> bytes_;
  std::vector<Request> requests_;
  bool is_too_long_ = false;
};

/// The value of the first attribute of that type. Empty: there is none, or the bytes are malformed before it.
std::optional<Bytes> find_attribute(Bytes attributes, int type);

/// The values of all attributes of that type, up to a malformed one.
std::vector<Bytes> find_attributes(Bytes attributes, int type);

/// A value at the beginning of the bytes. Empty: they are too few.
template <typename Value>
std::optional<Value> read_value(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<Value>);
  if (bytes.size() < sizeof(Value)) return std::nullopt;
  Value value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// The value of an attribute that holds a number in the machine's order.
template <typename Value>
std::optional<Value> find_value(Bytes attributes, int type) {
  const auto found = find_attribute(attributes, type);
  return found ? read_value<Value>(*found) : std::nullopt;
}

/// The text of an attribute, without its final NUL.
std::optional<std::string_view> find_text(Bytes attributes, int type);

/// A message of the kernel.
struct NetlinkReply {
  int type;
  Bytes payload;

  /// The header that precedes the attributes. Empty: the message is too short.
  template <typename Header>
  std::optional<Header> header() const {
    return read_value<Header>(payload);
  }
  /// The attributes after that header.
  template <typename Header>
  Bytes attributes_after() const {
    constexpr std::size_t length = (sizeof(Header) + 3) / 4 * 4;
    return payload.size() < length ? Bytes() : payload.subspan(length);
  }
};

}  // namespace podrun::ns
