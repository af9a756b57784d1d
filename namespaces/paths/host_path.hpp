// Paths of the host that a manifest names, some of which containers can change.
#pragma once

#include <string>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// A place of the host, as a path without links, that containers can write.
struct WritablePlace {
  std::string path;
  std::string label;        ///< for people: "hostPath /srv of volume data"
  bool only_below = false;  ///< what is mounted below it, but not its own mount: `readOnly` that is not recursive
};

/// The absolute `path` without links, as far as it leads: the rest is kept as text. A link in a writable place is not
/// followed, for a container could have made it: ELOOP, with a sentence that names both. Whoever opens the result must
/// refuse links (RESOLVE_NO_SYMLINKS), for there may be new ones.
Result<std::string> resolve_host_path(const std::string& path, const std::vector<WritablePlace>& writable);

/// Makes what is missing of a path without links, as directories (0755, whatever the umask). By descriptor: a link that
/// somebody has made meanwhile is ELOOP.
Result<> make_host_directories(const std::string& path);

/// Makes an empty file (0644) unless something is there; its directory must exist, and no link is followed.
Result<> make_host_file(const std::string& path);

}  // namespace podrun::ns
