// One digest for everything in a directory tree: what the unpacker has made of a layer, and `podrun image verify` looks
// whether it still is.
//
// For each entry, the root included, the SHA-256 of: its path; type and mode, owner and group; of what is no directory
// the number of its links; of a device its number; the time of its last change; of a link its target; of a file its
// size, the SHA-256 of its content; and of files and directories the extended attributes in the order of their names,
// as far as they are the layer's (user.*, security.capability, POSIX ACLs). The digest of the tree is that of all
// entries combined by XOR, so that their order does not matter and no list of them is needed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/image/digest.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What was found in a tree.
struct TreeSum {
  std::string digest;         ///< LayerMeta::tree
  std::uint64_t entries = 0;  ///< LayerMeta::entries
  std::uint64_t bytes = 0;    ///< LayerMeta::size
};

/// The SHA-256 of the content of a file, by its inode, or nullptr: then the file is read. Who has just written a tree
/// knows them.
using KnownContent = std::function<const pod::Sha256::Value*(ino_t inode)>;

/// Adds up the tree below a directory that is opened for reading, and the directory itself. It follows no link, enters
/// no other mount and opens only files and directories. It may take long.
Result<TreeSum> sum_tree(Fd root, const KnownContent& known = {});

}  // namespace podrun::ns
