// The rights of a puller: none but to talk to registries, and to write in its staging folder.
#pragma once

#include <cstdint>

namespace podrun::puller {

/// Takes every right from the calling process, also those of the programs that it executes. Returns 0 or an errno; after
/// an error the process must end.
int give_rights_up(std::uint64_t largest_file, bool with_network);

}  // namespace podrun::puller
