// Where this program's files are.
#include "supervisor/program.hpp"

#include <unistd.h>

namespace podrun::supervisor {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

std::string pause_program(const std::string& program) {
  const std::string installed = folder_of(program) + "/../libexec/podrun/podrun-pause";
  return ::access(installed.c_str(), X_OK) == 0 ? installed : folder_of(program) + "/podrun-pause";
}

}  // namespace podrun::supervisor
