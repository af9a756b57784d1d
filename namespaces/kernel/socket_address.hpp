// An address and a port as bind(2) takes them.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

#include "pod/network/ip_address.hpp"

namespace podrun::ns {

/// The sockaddr of an address and a port.
class SocketAddress {
 public:
  SocketAddress(const pod::IpAddress& address, std::uint16_t port) {
    if (address.family == pod::IpFamily::V4) {
      sockaddr_in name{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
      std::memcpy(&name.sin_addr, address.octets.data(), sizeof name.sin_addr);
      std::memcpy(&storage_, &name, size_ = sizeof name);
    } else {
      sockaddr_in6 name{};
      name.sin6_family = AF_INET6;
      name.sin6_port = htons(port);
      std::memcpy(&name.sin6_addr, address.octets.data(), sizeof name.sin6_addr);
      std::memcpy(&storage_, &name, size_ = sizeof name);
    }
  }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace podrun::ns
