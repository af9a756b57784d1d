// Credentials for registries: containers-auth.json(5), ~/.docker/config.json, and Secrets of the types
// kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg. No message here has a part of one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::pod {

/// The longest text with credentials.
inline constexpr std::size_t longest_logins = 4 << 20;

/// One entry.
struct RegistryLogin {
  std::string key;             ///< "registry.example:5000/team", "docker.io", "*.registry.example"; "": any registry
  std::string auth;            ///< "USER:PASSWORD" in base64
  std::string identity_token;  ///< of OAuth 2; often ""

  bool operator==(const RegistryLogin&) const = default;
};

/// Decodes such a text: {"auths": {KEY: {"auth": …}}}, or that of .dockercfg, which has no "auths". Entries without
/// credentials are left out: another program keeps them (credHelpers), which podrun does not execute. `name` is for the
/// error.
Result<std::vector<RegistryLogin>> parse_logins(std::string_view json, const std::string& name);

/// "USER:PASSWORD" for any registry.
RegistryLogin login_of(std::string_view user_and_password);

/// The logins that fit a repository ("registry.example/team/app"), in the order in which the kubelet tries them: the
/// reverse order of their keys, so that longer ones come first; of equal keys the one that was given first.
std::vector<RegistryLogin> logins_for(std::string_view repository, std::span<const RegistryLogin> logins);

/// The text for skopeo: one login for a registry, unless it is empty, and what `others` have for more registries, such as mirrors.
std::string to_auth_json(std::string_view registry, const RegistryLogin& login, std::span<const RegistryLogin> others);

/// RFC 4648 base64 with padding.
std::string encode_base64(std::string_view bytes);

}  // namespace podrun::pod
