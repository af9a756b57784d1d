// The credentials of this host.
#include "supervisor/images/login_files.hpp"

#include <cerrno>
#include <utility>

#include "namespaces/kernel/files.hpp"

namespace podrun::supervisor {

Result<std::vector<std::vector<pod::RegistryLogin>>> logins_of_host(const Variable& variable) {
  const auto or_else = [&](const char* name, const std::string& other) {
    const std::string value = variable(name);
    return value.empty() ? other : value;
  };
  const std::string home = or_else("HOME", "/root");
  const std::string runtime = variable("XDG_RUNTIME_DIR");
  const std::string paths[] = {runtime.empty() ? "/run/containers/0/auth.json" : runtime + "/containers/auth.json",
                               or_else("XDG_CONFIG_HOME", home + "/.config") + "/containers/auth.json",
                               home + "/.docker/config.json", home + "/.dockercfg"};
  std::vector<std::vector<pod::RegistryLogin>> sources;
  for (const std::string& path : paths) {
    auto logins = read_logins(path);
    if (!logins && (logins.error().number == ENOENT || logins.error().number == ENOTDIR)) continue;
    sources.push_back(TRY(std::move(logins)));
  }
  return sources;
}

Result<std::vector<pod::RegistryLogin>> read_logins(const std::string& path) {
  const std::string text = TRY(ns::read_file(path, pod::longest_logins));
  return pod::parse_logins(text, path);
}

}  // namespace podrun::supervisor
