// Removes a directory and everything in it.
#pragma once

#include <string>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// Removes a directory and everything in it, however deep. It follows no link and enters no other mount. btrfs
/// subvolumes and immutable files are removed too. An entry that cannot be removed does not stop the removal of the
/// others; the error names the first one. If new entries appear meanwhile, the directory is emptied several times; then
/// the error is ENOTEMPTY. A missing directory is no error.
Result<> remove_tree(const std::string& path);
/// Removes the entry `name` of a directory.
Result<> remove_tree(int directory, const std::string& name);

}  // namespace podrun::ns
