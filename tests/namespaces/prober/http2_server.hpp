// HTTP/2 as bytes (RFC 9113), for servers that answer by the letter or against it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/namespaces/prober/prober_run.hpp"

namespace podrun::ns::http2 {

enum Type : unsigned { Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, Continuation = 9 };
inline constexpr unsigned end_stream = 1, ack = 1, end_headers = 4;

inline std::string frame(unsigned type, unsigned flags, unsigned stream, std::string_view payload) {
  std::string bytes;
  for (const int shift : {16, 8, 0}) bytes += static_cast<char>(payload.size() >> shift);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(stream >> shift);
  return bytes.append(payload);
}

/// A header, as a literal without an index (RFC 7541, 6.2.2).
inline std::string header(std::string_view name, std::string_view value) {
  std::string bytes(1, '\0');
  for (const std::string_view text : {name, value}) {
    bytes += static_cast<char>(text.size());
    bytes += text;
  }
  return bytes;
}

/// Says SETTINGS and reads the client's request up to its END_STREAM. Returns the DATA of it.
inline std::string take_request(int connection) {
  write_all(connection, frame(Settings, 0, 0, "") + frame(Settings, ack, 0, ""));
  const auto read = [&](std::size_t length) {
    std::string bytes(length, '\0');
    return ::recv(connection, bytes.data(), length, MSG_WAITALL) == static_cast<ssize_t>(length) ? bytes : "";
  };
  std::string data;
  read(24);  // the preface
  for (;;) {
    const std::string head = read(9);
    if (head.empty()) return data;
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(head[at]); };
    const std::size_t length = std::size_t{byte(0)} << 16 | std::size_t{byte(1)} << 8 | byte(2);
    const std::string payload = length == 0 ? "" : read(length);
    if (byte(3) == Data) data += payload;
    if (byte(3) <= Headers && (byte(4) & end_stream) != 0) return data;
  }
}

/// A server of gRPC: each request gets `message`, already framed, and `trailers`.
inline Server::Serve grpc_server(std::string message, std::string trailers = header("grpc-status", "0")) {
  return [=](int connection) {
    take_request(connection);
    write_all(connection, frame(Headers, end_headers, 1, "\x88" + header("content-type", "application/grpc")) +
                              frame(Data, 0, 1, message) + frame(Headers, end_headers | end_stream, 1, trailers));
    wait_for_close(connection);
  };
}

}  // namespace podrun::ns::http2
