// A pseudoterminal, pty(7), in the devpts that a container's processes see: so that tty(1) tells its name there.
#pragma once

#include <cstdint>

#include "namespaces/fd.hpp"
#include "pod/result.hpp"

namespace podrun::ns {

/// Both ends.
struct Pty {
  Fd master;  ///< the client's; non-blocking
  Fd peer;    ///< the command's, owned by its user
};

/// Makes one in /dev/pts below `root` (O_PATH), for user `uid`. Errors: there is no devpts, or it is full.
Result<Pty> open_pty(int root, std::uint32_t uid);

}  // namespace podrun::ns
