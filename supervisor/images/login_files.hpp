// The credentials of this host: what `skopeo login` and `podman login` keep.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pod/image/registry_login.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// The value of a variable of the environment, "" if it is not set.
using Variable = std::function<std::string(const char* name)>;

/// Reads the files of containers-auth.json(5), as far as they are there, one source for each, in the order in which they
/// count: ${XDG_RUNTIME_DIR}/containers/auth.json, or /run/containers/0/auth.json;
/// ${XDG_CONFIG_HOME}/containers/auth.json, or ~/.config/containers/auth.json; ~/.docker/config.json; ~/.dockercfg. An
/// error names the file.
Result<std::vector<std::vector<pod::RegistryLogin>>> logins_of_host(const Variable& variable);

/// Reads one such file.
Result<std::vector<pod::RegistryLogin>> read_logins(const std::string& path);

}  // namespace podrun::supervisor
