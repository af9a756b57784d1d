// The paths of podrun's own programs, from argv[0]: the front passes its absolute path there.
#pragma once

#include <string>

namespace podrun::supervisor {

/// The directory part of a path.
std::string folder_of(const std::string& path);

/// The path of podrun-pause: in ../libexec/podrun when installed, beside podrun in the build tree.
std::string pause_program(const std::string& program);
/// The path of podrun-entry, likewise.
std::string entry_program(const std::string& program);
/// The path of podrun-prober, likewise.
std::string prober_program(const std::string& program);
/// The path of podrun-forwarder, likewise.
std::string forwarder_program(const std::string& program);
/// The path of podrun-resolver, likewise.
std::string resolver_program(const std::string& program);
/// The path of podrun-puller, likewise.
std::string puller_program(const std::string& program);
/// The path of podrun-unpacker, likewise.
std::string unpacker_program(const std::string& program);

}  // namespace podrun::supervisor
