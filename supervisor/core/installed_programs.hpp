// Where this program's files are: the front passes its own absolute path as argv[0].
#pragma once

#include <string>

namespace podrun::supervisor {

/// The folder of a path.
std::string folder_of(const std::string& path);

/// podrun-pause: in ../libexec/podrun when installed, beside podrun when built.
std::string pause_program(const std::string& program);
/// That of podrun-entry.
std::string entry_program(const std::string& program);

}  // namespace podrun::supervisor
