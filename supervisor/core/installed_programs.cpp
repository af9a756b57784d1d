// The paths of podrun's own programs.
#include "supervisor/core/installed_programs.hpp"

#include <unistd.h>

namespace podrun::supervisor {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

namespace {

/// In ../libexec/podrun when installed, beside podrun in the build tree.
std::string sibling_path(const std::string& program, const char* name) {
  const std::string installed = folder_of(program) + "/../libexec/podrun/" + name;
  return ::access(installed.c_str(), X_OK) == 0 ? installed : folder_of(program) + "/" + name;
}

}  // namespace

std::string pause_program(const std::string& program) { return sibling_path(program, "podrun-pause"); }
std::string entry_program(const std::string& program) { return sibling_path(program, "podrun-entry"); }
std::string prober_program(const std::string& program) { return sibling_path(program, "podrun-prober"); }
std::string forwarder_program(const std::string& program) { return sibling_path(program, "podrun-forwarder"); }
std::string resolver_program(const std::string& program) { return sibling_path(program, "podrun-resolver"); }
std::string puller_program(const std::string& program) { return sibling_path(program, "podrun-puller"); }
std::string unpacker_program(const std::string& program) { return sibling_path(program, "podrun-unpacker"); }

}  // namespace podrun::supervisor
