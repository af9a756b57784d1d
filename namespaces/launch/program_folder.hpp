// podrun's other programs, as the front has left them for us.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Keeps the folder that the front has left (namespaces/front/program_folder_fd.hpp) from every program that is
/// executed.
void keep_programs();

/// A program of podrun's, O_PATH, on a read-only mount: the one called `name` in the front's folder, else, where no
/// front was executed, the one at `path`, which gets a mount of its own.
Result<Fd> open_program(const char* name, const std::string& path);

}  // namespace podrun::ns
