// Removal of what a killed podrun-bench leaves: at once if the signal can be caught, otherwise at the next start.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::bench {

/// A new directory of a podrun-bench, and its lock, which is held while it works.
struct Directory {
  std::string path;
  Fd lock;
};
Result<Directory> make_directory();

/// Ends the processes of this directory, lets PODRUN remove what their pods left, and removes the directory.
void remove_directory(const std::string& podrun, const std::string& directory);

/// The same for each directory whose lock is free.
void remove_leftovers(const std::string& podrun);

/// From now on INT, TERM and HUP make podrun-bench execute itself with the additional option --clean=SIGNAL. It then
/// only removes leftovers, including its own, and dies of that signal.
void clean_up_when_signalled(char** argv);
/// Dies of a signal.
[[noreturn]] void die_of(int signal);

}  // namespace podrun::bench
