// What ps(1) shows of this process.
#pragma once

#include <string>

namespace podrun::supervisor {

/// Remembers where the kernel reads /proc/PID/cmdline from. Call first thing in main.
void remember_title_room(int argc, char** argv);

/// Replaces the command line by TITLE, cut to the room there is. The environment is moved out of the way first.
void set_process_title(const std::string& title);

}  // namespace podrun::supervisor
