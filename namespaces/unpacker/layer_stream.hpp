// The bytes of a layer's archive from its blob, while both are hashed and counted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/unpacker/decompressor.hpp"
#include "namespaces/unpacker/sha256.hpp"
#include "pod/text/result.hpp"

namespace podrun::unpacker {

/// What a stream may have at most.
struct StreamLimits {
  std::uint64_t blob_bytes;     ///< the blob's size, if that is known
  std::uint64_t archive_bytes;
};

/// Reads a blob to its end, once.
class LayerStream {
 public:
  LayerStream(int blob, const StreamLimits& limits);

  /// The next bytes of the archive, which stay until the next call; none at the end.
  Result<Bytes> next();

  /// Reads what is left, and nobody looks at it: an archive's end is before that of the stream.
  Result<> drain();

  /// After the end.
  std::string blob_digest() { return blob_hash_.digest(); }
  std::string diff_id() { return archive_hash_ ? archive_hash_->digest() : blob_digest_of_plain(); }
  std::uint64_t blob_bytes() const { return blob_bytes_; }
  std::uint64_t archive_bytes() const { return archive_bytes_; }

 private:
  Result<> fill();
  Result<> begin();
  Result<Bytes> next_decompressed();
  Result<Bytes> count(Bytes archive);
  std::string blob_digest_of_plain() const { return Sha256(blob_hash_).digest(); }

  int blob_;
  StreamLimits limits_;
  std::vector<std::byte> buffer_, output_;
  Bytes input_;  ///< what of the buffer is not used
  bool has_begun_ = false, is_at_end_ = false;
  std::unique_ptr<Decompressor> decompressor_;
  Sha256 blob_hash_;
  std::optional<Sha256> archive_hash_;  ///< none: the archive is the blob
  std::uint64_t blob_bytes_ = 0, archive_bytes_ = 0;
};

}  // namespace podrun::unpacker
