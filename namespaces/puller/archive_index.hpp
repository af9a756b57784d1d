// Looks into an archive: whether it is an image, of which kind, and which names it has.
#pragma once

#include <string>

#include "pod/text/result.hpp"

namespace podrun::puller {

/// Reads a tar archive, which may be compressed, and returns its description as JSON: puller_protocol.hpp. If `copy` is
/// a descriptor, what is read is also written there, uncompressed.
Result<std::string> describe_archive(int archive, int copy);

/// Whether the bytes at the beginning are those of a compressed file.
bool is_compressed(int archive);

}  // namespace podrun::puller
