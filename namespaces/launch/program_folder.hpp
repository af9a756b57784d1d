// Opens podrun's other programs in the folder that the front has left open.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes the descriptor of that folder (namespaces/front/program_folder_fd.hpp) close-on-exec, so that no executed
/// program gets it.
void keep_programs();

/// Opens a program of podrun, O_PATH, on a read-only mount: the one called `name` in the front's folder, or, if no
/// front was executed, the one at `path`, which gets a mount of its own.
Result<Fd> open_program(const char* name, const std::string& path);

}  // namespace podrun::ns
