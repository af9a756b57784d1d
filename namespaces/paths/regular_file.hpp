// Regular files in places where an image or a container may have put anything: they are looked at before they are
// opened.
#pragma once

#include <cstddef>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Opens what an O_PATH descriptor refers to, with `flags` as for open(2), if it is a regular file; EINVAL otherwise.
/// Nothing else is ever opened, because opening a device or a FIFO may have effects. It does not wait for a lease on
/// the file.
Result<Fd> open_regular(const Fd& place, int flags);

/// Reads such a file of at most `limit` bytes, even if it changes meanwhile; EFBIG if it is longer.
Result<std::string> read_regular(const Fd& place, std::size_t limit);

/// Reads a regular file at a path that only the host's administrator can change; its links are followed.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

/// Reads the last bytes of a regular file, at most `most`, even if the file changes meanwhile. It follows no link and
/// does not wait for a lease.
Result<std::string> read_file_tail(const std::string& path, std::size_t most);

}  // namespace podrun::ns
