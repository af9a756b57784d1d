// Opens a part of a volume (subPath) so that nothing in the volume can lead out of it.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Opens `path` in the directory `volume` as O_PATH. Links and ".." stay inside (RESOLVE_IN_ROOT of openat2(2)), links
/// of proc(5) are refused: a process that writes to the volume decides what is opened, but never anything outside, even
/// if it swaps entries meanwhile (CVE-2017-1002101, CVE-2025-9566). With `make`, missing parts are made as directories
/// with the volume's own mode and group, but never through a dangling link: ELOOP. If it fails where something has
/// changed in the last second, it is tried again for at most 200 ms, so that a process that swaps directories and links
/// all the time cannot make it fail.
Result<Fd> open_sub_path(int volume, const std::string& path, bool make);

}  // namespace podrun::ns
