// Credentials for registries. Followed: Kubernetes pkg/credentialprovider (keyring.go, config.go).
#include "pod/image/registry_login.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "pod/json/json.hpp"
#include "pod/json/value.hpp"

namespace podrun::pod {
namespace {

std::string text_of(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->string() != nullptr ? *value->string() : "";
}

/// Docker's own names of Docker Hub, schemes and versions of the protocol are left out:
/// "https://index.docker.io/v1/" is "docker.io".
std::string clean_key(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  std::string clean(key);
  for (const std::string_view version : {"/v1", "/v2"})
    if (const auto at = clean.find(version); at != clean.npos && at == clean.find('/'))
      if (at + 3 == clean.size() || clean[at + 3] == '/') clean.erase(at, 3);
  while (clean.ends_with('/')) clean.pop_back();
  for (const std::string_view hub : {"index.docker.io", "registry-1.docker.io"})
    if (clean == hub || clean.starts_with(std::string(hub) + "/")) clean.replace(0, hub.size(), "docker.io");
  return clean;
}

/// Whether a part of a host matches a pattern with '*'.
bool fits_part(std::string_view pattern, std::string_view part) {
  const std::size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == part;
  if (!part.starts_with(pattern.substr(0, star))) return false;
  part.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (std::size_t skipped = 0; skipped <= part.size(); ++skipped)
    if (fits_part(pattern, part.substr(skipped))) return true;
  return false;
}

/// Hosts match part by part, and their ports must be the same.
bool fits_host(std::string_view pattern, std::string_view host) {
  for (;;) {
    const std::size_t end = pattern.find('.'), host_end = host.find('.');
    if ((end == pattern.npos) != (host_end == host.npos)) return false;
    if (end == pattern.npos) break;
    if (!fits_part(pattern.substr(0, end), host.substr(0, host_end))) return false;
    pattern.remove_prefix(end + 1);
    host.remove_prefix(host_end + 1);
  }
  const std::size_t port = pattern.find(':'), host_port = host.find(':');
  if ((port == pattern.npos) != (host_port == host.npos)) return false;
  if (port != pattern.npos && pattern.substr(port) != host.substr(host_port)) return false;
  return fits_part(pattern.substr(0, port), host.substr(0, host_port));
}

bool fits(std::string_view key, std::string_view repository) {
  if (key.empty()) return true;
  const std::size_t slash = key.find('/');
  if (!fits_host(key.substr(0, slash), repository.substr(0, repository.find('/')))) return false;
  if (slash == key.npos) return true;
  const std::string_view path = key.substr(slash);
  const std::string_view wanted = repository.substr(std::min(repository.find('/'), repository.size()));
  return wanted.starts_with(path) && (wanted.size() == path.size() || wanted[path.size()] == '/');
}

json::Value entry_of(const RegistryLogin& login) {
  json::Value entry = json::object({{"auth", login.auth}});
  if (!login.identity_token.empty()) entry["identitytoken"] = login.identity_token;
  return entry;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= group.size() ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

Result<std::vector<RegistryLogin>> parse_logins(std::string_view json, const std::string& name) {
  if (json.size() > longest_logins) return fail(name + ": it is longer than 4 MiB");
  // The parser's own message would show a part of the text.
  const auto value = json::parse(json);
  if (!value || !value->is_object()) return fail(name + ": it is no JSON text with the credentials of registries");
  const json::Value* auths = value->find("auths");
  std::vector<RegistryLogin> logins;
  for (const auto& [key, entry] : (auths != nullptr ? *auths : *value).members()) {
    RegistryLogin login{.key = clean_key(key), .auth = text_of(entry, "auth"),
                        .identity_token = text_of(entry, "identitytoken")};
    if (const std::string user = text_of(entry, "username"); login.auth.empty() && !user.empty())
      login.auth = encode_base64(user + ":" + text_of(entry, "password"));
    if (!login.auth.empty() || !login.identity_token.empty()) logins.push_back(std::move(login));
  }
  return logins;
}

RegistryLogin login_of(std::string_view user_and_password) {
  return {.key = "", .auth = encode_base64(user_and_password), .identity_token = ""};
}

std::vector<RegistryLogin> logins_for(std::string_view repository, std::span<const RegistryLogin> logins) {
  std::vector<RegistryLogin> found;
  for (const RegistryLogin& login : logins)
    if (fits(login.key, repository)) found.push_back(login);
  std::ranges::stable_sort(found, std::greater(), &RegistryLogin::key);
  return found;
}

std::string to_auth_json(std::string_view registry, const RegistryLogin& login,
                         std::span<const RegistryLogin> others) {
  json::Value auths = json::object();
  for (const RegistryLogin& other : others)
    if (auths.find(other.key) == nullptr) auths[other.key] = entry_of(other);
  if (!login.auth.empty() || !login.identity_token.empty()) auths[registry] = entry_of(login);
  return json::dump(json::object({{"auths", std::move(auths)}}));
}

}  // namespace podrun::pod
