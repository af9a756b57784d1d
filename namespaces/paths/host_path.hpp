// Paths on the host that a manifest names. Containers may be able to change some of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A directory or file of the host that containers can write, as a path without links.
struct WritablePlace {
  std::string path;
  std::string label;        ///< for messages: "hostPath /srv of volume data"
  bool only_below = false;  ///< only mounts below it, not its own mount: `readOnly` that is not recursive
};

/// The absolute `path` with its links resolved, as far as it exists; the rest is kept as text. A link in a writable
/// place is not followed, because a container could have made it: ELOOP, and the message names both. The result must be
/// opened without following links (RESOLVE_NO_SYMLINKS), because there may be new ones.
Result<std::string> resolve_host_path(const std::string& path, const std::vector<WritablePlace>& writable);

/// Opens what resolve_host_path() has resolved. A link that is there now was made since, by a process that may write
/// there: ELOOP. `flags` as for open(2).
Result<Fd> open_resolved(const std::string& path, std::uint64_t flags);

/// Makes what is missing of a path without links, as directories with mode 0755, whatever the umask. It goes by
/// descriptor: ELOOP if a link has been made on the way meanwhile.
Result<> make_host_directories(const std::string& path);

/// Makes an empty file (0644) unless something is there. Its directory must exist, and no link is followed.
Result<> make_host_file(const std::string& path);

}  // namespace podrun::ns
