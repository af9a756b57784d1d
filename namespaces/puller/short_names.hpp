// What registries.conf(5) makes of a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::puller {

/// One file of the configuration.
struct RegistriesFile {
  std::string path;  ///< for messages
  std::string text;
};

/// The repositories that a short name without tag and digest ("nginx", "bitnami/redis") may mean, in the order in which
/// they are tried: the one of its alias; or the name in each of the unqualified-search-registries; or, where there are
/// none, in docker.io, as on Kubernetes. `files` are registries.conf and those of registries.conf.d, in the order in
/// which they are read: a later one replaces the search registries, and its aliases replace those of the same name.
Result<std::vector<std::string>> repositories_of(std::string_view short_name, const std::vector<RegistriesFile>& files);

/// The registries that skopeo may ask for a repository ("registry.example/team/app"): its own, and those of the table
/// [[registry]] with the longest prefix of it, where it is remapped or mirrored. For the choice of credentials.
Result<std::vector<std::string>> registries_of(std::string_view repository, const std::vector<RegistriesFile>& files);

/// Reads /etc/containers/registries.conf and registries.conf.d/*.conf, as far as they are there.
Result<std::vector<RegistriesFile>> read_registries_files();

}  // namespace podrun::puller
