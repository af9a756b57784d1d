// The bytes of a layer's archive from its blob.
#include "namespaces/unpacker/layer_stream.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace podrun::unpacker {
namespace {

/// They stay in a processor's cache.
constexpr std::size_t input_size = 128 * 1024, output_size = 256 * 1024;

}  // namespace

LayerStream::LayerStream(int blob, const StreamLimits& limits) : blob_(blob), limits_(limits), buffer_(input_size) {}

/// Reads the next bytes of the blob, behind those that are left of a few.
Result<> LayerStream::fill() {
  const std::size_t left = input_.size();
  std::copy(input_.begin(), input_.end(), buffer_.begin());
  ssize_t length;
  do length = ::read(blob_, buffer_.data() + left, buffer_.size() - left);
  while (length < 0 && errno == EINTR);
  if (length < 0) return fail_system("the blob cannot be read");
  const Bytes fresh(buffer_.data() + left, static_cast<std::size_t>(length));
  blob_hash_.add(fresh);
  blob_bytes_ += fresh.size();
  is_at_end_ = fresh.empty();
  input_ = Bytes(buffer_.data(), left + fresh.size());
  if (blob_bytes_ > limits_.blob_bytes)
    return fail("the blob is longer than the " + std::to_string(limits_.blob_bytes) + " bytes that it should have");
  return {};
}

Result<> LayerStream::begin() {
  has_begun_ = true;
  while (input_.size() < magic_length && !is_at_end_) TRY_VOID(fill());
  decompressor_ = TRY(decompressor_for(input_));
  if (!decompressor_) return {};
  archive_hash_.emplace();
  output_.resize(output_size);
  return {};
}

Result<Bytes> LayerStream::count(Bytes archive) {
  archive_bytes_ += archive.size();
  if (archive_bytes_ > limits_.archive_bytes)
    return fail("the layer's archive is longer than the " + std::to_string(limits_.archive_bytes) +
                " bytes that it may have");
  return archive;
}

Result<Bytes> LayerStream::next_decompressed() {
  for (;;) {
    // A decompressor may have output left without any input, and a member may have none.
    const std::size_t before = input_.size();
    const std::size_t length = TRY(decompressor_->decompress(input_, output_));
    if (length > 0) {
      const Bytes archive(output_.data(), length);
      archive_hash_->add(archive);
      return count(archive);
    }
    if (!input_.empty() && input_.size() < before) continue;
    if (input_.size() == buffer_.size()) return fail("the blob's compressed data are damaged");
    if (is_at_end_) break;
    TRY_VOID(fill());
  }
  if (!decompressor_->is_complete()) return fail("the blob ends in the middle of its compressed data");
  return Bytes{};
}

Result<Bytes> LayerStream::next() {
  if (!has_begun_) TRY_VOID(begin());
  if (decompressor_) return next_decompressed();
  if (input_.empty() && !is_at_end_) TRY_VOID(fill());
  return count(std::exchange(input_, Bytes{}));
}

Result<> LayerStream::drain() {
  for (;;)
    if (const Bytes rest = TRY(next()); rest.empty()) return {};
}

}  // namespace podrun::unpacker
