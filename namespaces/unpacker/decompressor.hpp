// Decompression of a stream, piece by piece: gzip, zstd, or none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "pod/text/result.hpp"

namespace podrun::unpacker {

using Bytes = std::span<const std::byte>;

/// Decompresses one stream.
class Decompressor {
 public:
  virtual ~Decompressor() = default;

  /// Takes bytes from the beginning of `input` and writes to `output`. Returns what it has written; nothing means that
  /// it needs more input.
  virtual Result<std::size_t> decompress(Bytes& input, std::span<std::byte> output) = 0;

  /// Whether the stream may end here: not within a member or a frame.
  virtual bool is_complete() const = 0;
};

/// The bytes that tell the compression.
inline constexpr std::size_t magic_length = 4;

/// What decompresses a stream that begins with these bytes; empty: the stream is not compressed.
Result<std::unique_ptr<Decompressor>> decompressor_for(Bytes beginning);

}  // namespace podrun::unpacker
