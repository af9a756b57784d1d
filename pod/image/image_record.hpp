// What the image store keeps of an image and of a layer, and its text on the disk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pod/image/platform.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// One layer in the store: layers/<hex of diff_id>/meta.json.
struct LayerMeta {
  std::string diff_id;          ///< the digest of the unpacked tar archive
  std::string blob;             ///< the digest of the blob that it came from
  std::string media_type;       ///< that of the blob
  std::uint64_t blob_size = 0;  ///< in bytes
  std::uint64_t size = 0;       ///< the bytes of its regular files, each hard link counted once
  std::uint64_t entries = 0;    ///< files, directories and all others below its root
  std::string tree;             ///< the digest of the unpacked tree: tree_digest.hpp. What `image verify` recomputes

  bool operator==(const LayerMeta&) const = default;
};

/// meta.json, with a version.
std::string to_json(const LayerMeta& meta);
Result<LayerMeta> parse_layer_meta(std::string_view json);

/// What a list of images needs of an image. The lowest layer is the first.
struct ImageSummary {
  struct Layer {
    std::string diff_id, blob, media_type;
    std::uint64_t blob_size = 0, size = 0;  ///< as in LayerMeta

    bool operator==(const Layer&) const = default;
  };

  std::string manifest_digest;    ///< the name of the record; what a registry knows this image by
  std::string index_digest = {};  ///< the index in which it was found; "" if it was in none
  std::string id;                 ///< the digest of the config: the image's id
  Platform platform = {};         ///< as its config has it
  std::string created = {};       ///< when it was made: RFC 3339, or ""
  std::string stored;             ///< when it came into the store: RFC 3339
  std::vector<Layer> layers = {};

  bool operator==(const ImageSummary&) const = default;
};

/// An image in the store: images/<hex of manifest_digest>. The raw texts are those whose digests they have.
struct ImageRecord {
  ImageSummary summary;
  std::string manifest;
  std::string config;

  bool operator==(const ImageRecord&) const = default;
};

/// The record as it is on the disk: lines with what a list needs, then both texts byte by byte. A list reads the lines
/// alone.
std::string to_text(const ImageRecord& record);
/// The inverse. Whether the texts have their digests is not looked at: check_digests().
Result<ImageRecord> parse_image_record(std::string_view text);
/// Reads the lines of a record whose end may be missing. ENODATA: even the lines are not complete.
Result<ImageSummary> parse_image_summary(std::string_view beginning);
/// An Error if the manifest or the config of a record does not have its digest.
Result<> check_digests(const ImageRecord& record);

}  // namespace podrun::pod
