// Walks a tree that others may change meanwhile, whatever its depth.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// An entry that a walk meets.
struct TreeEntry {
  int directory;       ///< the one it lies in, opened for reading
  const char* name;    ///< there
  unsigned char type;  ///< DT_… as readdir(3) has it; DT_UNKNOWN on some file systems
  unsigned times = 0;  ///< how often what lies in it has come
};

/// What is done with them. An error of either ends the walk.
struct TreeVisitor {
  /// Each entry, once. A descriptor: a directory, opened for reading, whose entries come next; none: the entry is done
  /// with.
  std::function<Result<Fd>(const TreeEntry&)> arrive;
  /// Behind the last entry of a directory that was entered. True: it comes to arrive() once more. May be empty.
  std::function<Result<bool>(const TreeEntry&)> leave = nullptr;
};

/// Goes through everything below `top`, which is opened for reading. Each step is by descriptor and no link is
/// followed. It holds at most 34 descriptors and makes no recursion, whatever the depth. What comes meanwhile may be
/// missed; so may the rest of a directory that is moved elsewhere while the walk is deep in it.
Result<> walk_tree(Fd top, const TreeVisitor& visitor);

/// The names of the entries of a directory that is opened for reading, in no order, without "." and "..". Empty if it is
/// not open, or cannot be read.
std::vector<std::string> names_in(Fd directory);

/// Opens a directory for reading, following no link. Errors: ENOENT, ENOTDIR or ELOOP (it is something else by now),
/// EXDEV where another mount begins, which is told by STATX_ATTR_MOUNT_ROOT of statx(2): a btrfs subvolume, which has a
/// device number of its own, is none.
Result<Fd> open_unmounted(int directory, const char* name);

}  // namespace podrun::ns
