// A file in a volume, whatever the containers that write there have made of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The text of a regular file of at most `limit` bytes; empty: nothing is there. Links lead nowhere out of the volume,
/// nothing else than a file is ever opened, and no lease on it is waited for.
Result<std::optional<std::string>> read_in_volume(const pod::host::CloneTree& volume, const std::string& path,
                                                  std::size_t limit, const PodMounts& pod);

}  // namespace podrun::ns
