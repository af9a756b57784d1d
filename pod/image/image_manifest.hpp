// What a registry says of an image: its manifest, or an index of manifests. Whoever runs the registry may have written
// it, so each limit is checked here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pod/image/platform.hpp"
#include "pod/json/value.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The longest manifest and config, in bytes, and the most layers of an image: as many as an overlay takes with room
/// to spare, and one more than Docker builds.
inline constexpr std::size_t longest_manifest = 4 << 20, longest_image_config = 4 << 20;
inline constexpr std::size_t most_layers = 128, most_index_entries = 1024;

/// What identifies a blob.
struct BlobDescriptor {
  std::string media_type;
  std::string digest;      ///< "sha256:…"
  std::uint64_t size = 0;  ///< in bytes

  bool operator==(const BlobDescriptor&) const = default;
};

/// How the bytes of a layer are packed.
enum class Compression { None, Gzip, Zstd };

/// The manifest of one image: of OCI, or Docker's schema 2.
struct ImageManifest {
  BlobDescriptor config;
  std::vector<BlobDescriptor> layers;  ///< the lowest first; each is of a media type that compression_of() knows
};

/// One image of an index.
struct IndexEntry {
  BlobDescriptor manifest;
  Platform platform;  ///< empty if the index does not say it
};

/// An OCI image index, or Docker's manifest list. What it lists that is no image (other indexes, signatures and
/// attestations) is left out: nothing leads from one index to the next.
struct ImageIndex {
  std::vector<IndexEntry> entries;
  std::size_t left_out = 0;
};

/// Decodes the bytes of a manifest or an index. Unknown members are ignored, as the OCI specification requires.
/// Refused, each with a sentence: Docker's schema 1, artifacts that are no image, foreign layers, unknown kinds of
/// layers, digests of another kind than sha256, and more than the limits above.
Result<std::variant<ImageManifest, ImageIndex>> parse_manifest(std::string_view json);

/// The entry of an index whose image suits the host best; of two that suit alike the first. The error lists what there
/// is: "no image for linux/amd64; it has linux/arm64, linux/s390x".
Result<IndexEntry> choose_from(const ImageIndex& index, const Platform& host);

/// How a layer of a media type is packed. An Error for what is no layer, or one that podrun cannot unpack.
Result<Compression> compression_of(std::string_view media_type);

/// Parses JSON that others have written: besides the syntax it bounds length and depth. `what` begins an error.
Result<json::Value> parse_foreign_json(std::string_view text, std::size_t longest, std::string_view what);

}  // namespace podrun::pod
