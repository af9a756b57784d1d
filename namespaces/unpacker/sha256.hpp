// SHA-256 as it goes.
#pragma once

// The functions of the library that need no provider, which would have to be loaded: a layer may take a millisecond.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <cstddef>
#include <span>
#include <string>

#include "pod/image/digest.hpp"

namespace podrun::unpacker {

class Sha256 {
 public:
  Sha256() { SHA256_Init(&state_); }

  void add(std::span<const std::byte> bytes) { SHA256_Update(&state_, bytes.data(), bytes.size()); }

  /// The value of all that was added. Once.
  pod::Sha256::Value value() {
    pod::Sha256::Value value;
    SHA256_Final(value.data(), &state_);
    return value;
  }
  /// "sha256:…" likewise.
  std::string digest() { return pod::to_digest(value()); }

 private:
  SHA256_CTX state_;
};

}  // namespace podrun::unpacker
