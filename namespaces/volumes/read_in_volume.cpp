// Reads a file in a volume.
#include "namespaces/volumes/read_in_volume.hpp"

#include <fcntl.h>

#include <cerrno>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/open_inside.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/volumes/mounts.hpp"

namespace podrun::ns {

Result<std::optional<std::string>> read_in_volume(const pod::host::CloneTree& volume, const std::string& path,
                                                  std::size_t limit, const PodMounts& pod) {
  const Fd tree = TRY(clone_tree(volume, pod));
  const Fd place(open_inside(tree.get(), path.c_str(), O_PATH));
  if (!place && errno == ENOENT) return std::nullopt;
  if (!place) return fail_system("open");
  return TRY(read_regular(place, limit));
}

}  // namespace podrun::ns
