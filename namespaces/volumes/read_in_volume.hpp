// Reads a file in a volume to which containers can write.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Reads a regular file of at most `limit` bytes; empty if there is nothing. Links cannot lead out of the volume,
/// nothing but a regular file is ever opened, and it does not wait for a lease.
Result<std::optional<std::string>> read_in_volume(const pod::host::CloneTree& volume, const std::string& path,
                                                  std::size_t limit, const PodMounts& pod);

}  // namespace podrun::ns
