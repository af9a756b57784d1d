// A part of a volume, opened so that nothing in the volume can lead out of it.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Opens `path` in the directory `volume` as O_PATH. Links and ".." stay inside (openat2(2), RESOLVE_IN_ROOT), links of
/// proc(5) are refused: who writes the volume decides what is opened, but never anything outside, also when he swaps it
/// meanwhile (CVE-2017-1002101, CVE-2025-9566). With `make` what is missing is made, as directories with the volume's
/// own mode and group, but never through a link that leads nowhere: ELOOP. What is wrong where something has changed in
/// the last second is looked at again, for at most 200 ms: who swaps directories and links all the time does not make
/// this fail.
Result<Fd> open_sub_path(int volume, const std::string& path, bool make);

}  // namespace podrun::ns
