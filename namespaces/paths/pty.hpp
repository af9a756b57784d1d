// Makes a pseudoterminal, pty(7), in the devpts that a container's processes see, so that tty(1) prints its name there.
#pragma once

#include <cstdint>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Both ends of a pseudoterminal.
struct Pty {
  Fd master;  ///< the client's; non-blocking
  Fd peer;    ///< the command's, owned by its user
};

/// Opens the devpts at /dev/pts below `root` (O_PATH). Error: there is no devpts.
Result<Fd> find_devpts(int root);
/// Makes a devpts with the options that every container's has, not mounted anywhere yet.
Result<Fd> make_devpts();

/// Makes a pseudoterminal in a devpts, owned by user `uid`. Error: it has its maximum of them.
Result<Pty> open_pty(int devpts, std::uint32_t uid);

}  // namespace podrun::ns
