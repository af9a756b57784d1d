// Files that an image or a container may have replaced by anything: looked at before they are opened.
#pragma once

#include <cstddef>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Opens what an O_PATH descriptor refers to, if it is a regular file, with `flags` as for open(2). To open a device or
/// a FIFO may do something; no such thing is ever opened: EINVAL. No lease on the file is waited for.
Result<Fd> open_regular(const Fd& place, int flags);

/// Reads such a file of at most `limit` bytes, whatever is done with it meanwhile; EFBIG beyond.
Result<std::string> read_regular(const Fd& place, std::size_t limit);

/// The same by a path that only the host's administrator writes: its links are followed.
Result<std::string> read_regular_file(const std::string& path, std::size_t limit);

/// The last bytes of a regular file, at most `most` of them, whatever is done with the file meanwhile. It follows no
/// link and waits for nobody.
Result<std::string> read_file_tail(const std::string& path, std::size_t most);

}  // namespace podrun::ns
