// Unpacks a layer: from its blob to its folder, and compares what it should be with what it is.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "namespaces/images/unpack_report.hpp"
#include "pod/text/result.hpp"

namespace podrun::unpacker {

/// What the caller knows of the layer; what it does not know is empty, or the largest number.
struct Expected {
  std::string diff_id;
  std::string blob_digest;
  std::uint64_t blob_bytes = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t most_bytes = unpacker::most_bytes;  ///< of the archive, and of a file
  std::uint64_t most_entries = unpacker::most_entries;
};

/// Reads the blob to its end and fills the folder `root`, which is opened for reading.
Result<LayerReport> unpack(int blob, int root, const Expected& expected);

}  // namespace podrun::unpacker
