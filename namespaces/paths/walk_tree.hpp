// Walks a directory tree of any depth that others may change meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// An entry that the walk has come to.
struct TreeEntry {
  int directory;       ///< the directory that contains it, opened for reading
  const char* name;    ///< its name in that directory
  unsigned char type;  ///< DT_… of readdir(3); DT_UNKNOWN on some file systems
  unsigned times = 0;  ///< how often its own entries have been visited
};

/// The functions that the walk calls. An error of either ends the walk.
struct TreeVisitor {
  /// Called once for each entry. If it returns a descriptor, which must be the entry as a directory opened for reading,
  /// the walk visits the entries of that next; an empty one ends the visit of the entry.
  std::function<Result<Fd>(const TreeEntry&)> arrive;
  /// Called after the last entry of a directory that was entered. If it returns true, arrive() is called for the
  /// directory once more. May be empty.
  std::function<Result<bool>(const TreeEntry&)> leave = nullptr;
};

/// Visits everything below `top`, which is opened for reading. Each step goes by descriptor and follows no link. The
/// walk holds at most 34 descriptors and does not recurse, whatever the depth. It may miss entries that appear
/// meanwhile, and the rest of a directory that is moved elsewhere while the walk is deep in it.
Result<> walk_tree(Fd top, const TreeVisitor& visitor);

/// The names of the entries of a directory that is opened for reading, in no order, without "." and "..". Empty if it
/// is not open, or cannot be read.
std::vector<std::string> names_in(Fd directory);

/// Opens a directory for reading and follows no link. Errors: ENOENT, ENOTDIR or ELOOP (the entry has changed), EXDEV
/// if another mount begins there, which STATX_ATTR_MOUNT_ROOT of statx(2) tells: a btrfs subvolume, which has a device
/// number of its own, is no mount.
Result<Fd> open_unmounted(int directory, const char* name);

}  // namespace podrun::ns
