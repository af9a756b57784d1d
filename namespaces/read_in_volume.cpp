// A file in a volume.
#include "namespaces/read_in_volume.hpp"

#include <fcntl.h>

#include <cerrno>

#include "namespaces/fd.hpp"
#include "namespaces/mounts.hpp"
#include "namespaces/regular_file.hpp"
#include "namespaces/target.hpp"

namespace podrun::ns {

Result<std::optional<std::string>> read_in_volume(const pod::host::CloneTree& volume, const std::string& path, std::size_t limit,
                                                  const PodMounts& pod) {
  const Fd tree = TRY(clone_tree(volume, pod));
  const Fd place(open_inside(tree.get(), path.c_str(), O_PATH));
  if (!place && errno == ENOENT) return std::nullopt;
  if (!place) return fail_system("open");
  return TRY(read_regular(place, limit));
}

}  // namespace podrun::ns
