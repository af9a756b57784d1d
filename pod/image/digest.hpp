// Digests as the OCI image specification writes them: "sha256:" and 64 hexadecimal digits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace podrun::pod {

/// SHA-256 of FIPS 180-4, for bytes that come one part after the other. It is for texts, such as manifests; large files
/// are for the helper programs, whose library is several times faster.
class Sha256 {
 public:
  using Value = std::array<unsigned char, 32>;

  void update(std::string_view bytes);
  /// The value of all bytes so far. To be called once.
  Value finish();

 private:
  void add_block(const unsigned char* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_{};
  std::uint64_t length_ = 0;
};

/// The digest of a text: "sha256:…".
std::string digest_of(std::string_view text);
/// "sha256:…" for a value.
std::string to_digest(const Sha256::Value& value);

/// Whether a text is a digest that podrun takes: "sha256:" and 64 digits 0–9, a–f.
bool is_digest(std::string_view text);
/// The digits of a digest: the name of what it identifies in the image store.
inline std::string_view hex_of(std::string_view digest) {
  return digest.substr(digest.find(':') + 1);
}
/// Whether all characters are digits 0–9, a–f.
bool is_hex(std::string_view text);

}  // namespace podrun::pod
