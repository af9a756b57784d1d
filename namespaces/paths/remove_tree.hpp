// Removal of a directory tree that others may change meanwhile.
#pragma once

#include <string>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// Removes a directory and everything in it, however deep, following no link and entering no other mount; btrfs
/// subvolumes and what is immutable go too. What cannot be removed keeps nothing else: the error names the first such
/// entry. Where new entries appear meanwhile it is emptied several times, then the error is ENOTEMPTY. Absent: no
/// error.
Result<> remove_tree(const std::string& path);
/// The same for an entry of a directory.
Result<> remove_tree(int directory, const std::string& name);

}  // namespace podrun::ns
