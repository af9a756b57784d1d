// The process title: what ps(1) shows.
#pragma once

#include <string>

namespace podrun::supervisor {

/// Remembers the memory that the kernel reads /proc/PID/cmdline from. Must be the first call of main().
void remember_title_room(int argc, char** argv);

/// Replaces the command line by `title`, cut to the length of argv and environment together. The environment is moved
/// elsewhere first.
void set_process_title(const std::string& title);

}  // namespace podrun::supervisor
