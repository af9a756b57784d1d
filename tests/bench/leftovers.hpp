// What a podrun-bench that is killed leaves behind, and its removal: at once where the signal can be caught, else by
// the next one's start.
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::bench {

/// A new directory of a podrun-bench, and its lock, which says that it is at work.
struct Directory {
  std::string path;
  Fd lock;
};
Result<Directory> make_directory();

/// Ends the processes whose directory this is, has PODRUN remove what their pods left, and removes it.
void remove_directory(const std::string& podrun, const std::string& directory);

/// The same for each directory that nobody works in any more.
void remove_leftovers(const std::string& podrun);

/// From now on a podrun-bench that INT, TERM or HUP ends begins anew, with the option --clean=SIGNAL behind its others:
/// as a program that only removes leftovers, its own among them, and then dies of that signal.
void clean_up_when_signalled(char** argv);
/// That death.
[[noreturn]] void die_of(int signal);

}  // namespace podrun::bench
