// A pseudoterminal, pty(7), in the devpts that a container's processes see: so that tty(1) tells its name there.
#pragma once

#include <cstdint>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Both ends.
struct Pty {
  Fd master;  ///< the client's; non-blocking
  Fd peer;    ///< the command's, owned by its user
};

/// The devpts at /dev/pts below `root` (O_PATH). Error: what is there is none.
Result<Fd> find_devpts(int root);
/// A new one, not mounted anywhere yet, with the options that containers' have.
Result<Fd> make_devpts();

/// Makes a pty in a devpts, for user `uid`. Error: it is full.
Result<Pty> open_pty(int devpts, std::uint32_t uid);

}  // namespace podrun::ns
