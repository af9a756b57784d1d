// SHA-256 and the text of digests.
#include "pod/image/digest.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace podrun::pod {
namespace {

constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::string_view prefix = "sha256:", digits = "0123456789abcdef";

std::uint32_t word_at(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

}  // namespace

void Sha256::add_block(const unsigned char* block) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t i = 0; i < 16; ++i) w[i] = word_at(block + 4 * i);
  for (std::size_t i = 16; i < w.size(); ++i) {
    const std::uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (std::rotr(a, 7) ^ std::rotr(a, 18) ^ (a >> 3)) + w[i - 7] +
           (std::rotr(b, 17) ^ std::rotr(b, 19) ^ (b >> 10));
  }
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t i = 0; i < w.size(); ++i) {
    const std::uint32_t first =
        h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) + ((e & f) ^ (~e & g)) + round_constants[i] + w[i];
    const std::uint32_t second =
        (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + first, d = c, c = b, b = a, a = first + second;
  }
  const std::array<std::uint32_t, 8> added{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < added.size(); ++i) state_[i] += added[i];
}

void Sha256::update(std::string_view bytes) {
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  while (left > 0) {
    const std::size_t filled = length_ % block_.size();
    if (filled == 0 && left >= block_.size()) {
      add_block(from);
      from += block_.size(), left -= block_.size(), length_ += block_.size();
      continue;
    }
    const std::size_t part = std::min(left, block_.size() - filled);
    std::memcpy(block_.data() + filled, from, part);
    from += part, left -= part, length_ += part;
    if (length_ % block_.size() == 0) add_block(block_.data());
  }
}

Sha256::Value Sha256::finish() {
  constexpr std::size_t bytes_of_length = 8;
  const std::uint64_t bits = length_ * 8;
  std::string padding(1, '\x80');
  padding.append((2 * block_.size() - 1 - bytes_of_length - length_ % block_.size()) % block_.size(), '\0');
  for (std::size_t i = 0; i < bytes_of_length; ++i) padding.push_back(static_cast<char>(bits >> (56 - 8 * i)));
  update(padding);
  Value value{};
  for (std::size_t i = 0; i < value.size(); ++i)
    value[i] = static_cast<unsigned char>(state_[i / 4] >> (24 - 8 * (i % 4)));
  return value;
}

std::string to_digest(const Sha256::Value& value) {
  std::string text(prefix);
  for (const unsigned char byte : value) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

std::string digest_of(std::string_view text) {
  Sha256 sum;
  sum.update(text);
  return to_digest(sum.finish());
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_digest(std::string_view text) {
  return text.starts_with(prefix) && text.size() == prefix.size() + 64 && is_hex(text.substr(prefix.size()));
}

}  // namespace podrun::pod
