// Credentials for registries: which are found, and in which order they are tried.
#include "pod/image/registry_login.hpp"

#include <gtest/gtest.h>

#include "pod/text/base64.hpp"

namespace podrun::pod {
namespace {

std::vector<RegistryLogin> logins(std::string_view json) {
  const auto parsed = parse_logins(json, "auth.json");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return parsed.value_or(std::vector<RegistryLogin>());
}

/// A login for each key.
std::vector<RegistryLogin> with_keys(const std::vector<std::string>& keys) {
  std::string entries;
  for (const std::string& key : keys)
    entries += (entries.empty() ? "\"" : ",\"") + key + R"(":{"auth":")" + encode_base64(key) + "\"}";
  return logins(R"({"auths":{)" + entries + "}}");
}

/// The keys, as they were written, of the logins that fit.
std::vector<std::string> tried(const std::string& repository, const std::vector<std::string>& keys) {
  std::vector<std::string> found;
  const auto all = with_keys(keys);
  for (const RegistryLogin& login : logins_for(repository, all)) found.push_back(*decode_base64(login.auth));
  return found;
}

using Keys = std::vector<std::string>;

TEST(RegistryLogin, BothFormsOfSecretsAndUserNamesAreRead) {
  const auto config = logins(R"({"auths":{"registry.example":{"username":"u","password":"p"}}})");
  ASSERT_EQ(config.size(), 1U);
  EXPECT_EQ(config[0].auth, encode_base64("u:p"));
  EXPECT_EQ(logins(R"({"registry.example":{"auth":"dTpw"}})"), config);
  EXPECT_EQ(logins(R"({"auths":{"a":{"identitytoken":"t"}}})")[0].identity_token, "t");
}

TEST(RegistryLogin, EntriesWithoutCredentialsAreLeftOut) {
  EXPECT_TRUE(logins(R"({"auths":{"a":{}},"credHelpers":{"a":"x"}})").empty());
  EXPECT_TRUE(logins(R"({"auths":{"a":{"auth":7}}})").empty());
  EXPECT_TRUE(logins(R"({"auths":null})").empty());
  EXPECT_TRUE(logins("{}").empty());
}

TEST(RegistryLogin, AnErrorQuotesNothing) {
  for (const std::string_view text : {"secret", R"({"auths": secret)", "[\"secret\"]", "\"secret\""}) {
    const auto parsed = parse_logins(text, "auth.json");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message, "auth.json: it is no JSON text with the credentials of registries");
  }
}

TEST(RegistryLogin, AKeyFitsWholePartsOfARepository) {
  EXPECT_EQ(tried("registry.example/team/app", {"registry.example/team", "registry.example/te", "registry.example"}),
            (Keys{"registry.example/team", "registry.example"}));
  EXPECT_EQ(tried("registry.example:5000/app", {"registry.example", "registry.example:5000"}),
            Keys{"registry.example:5000"});
  EXPECT_EQ(tried("registry.example/app", {"other.example", "example", "registry.example.org"}), Keys{});
}

TEST(RegistryLogin, AStarStandsForAPartOfTheHost) {
  EXPECT_EQ(tried("eu.registry.example/app", {"*.registry.example"}), Keys{"*.registry.example"});
  EXPECT_EQ(tried("eu.registry.example/app", {"e*.registry.example"}), Keys{"e*.registry.example"});
  EXPECT_EQ(tried("a.b.registry.example/app", {"*.registry.example"}), Keys{});
  EXPECT_EQ(tried("eu.registry.example:5000/app", {"*.registry.example"}), Keys{});
}

TEST(RegistryLogin, DockersNamesOfDockerHubAreOne) {
  for (const std::string key : {"https://index.docker.io/v1/", "docker.io", "index.docker.io", "http://docker.io/v2"})
    EXPECT_EQ(tried("docker.io/library/app", {key}), Keys{key});
}

TEST(RegistryLogin, TheOrderIsThatOfTheKubelet) {
  EXPECT_EQ(tried("a.example/x/y/z", {"a.example", "a.example/x/y", "*.example", "a.example/x"}),
            (Keys{"a.example/x/y", "a.example/x", "a.example", "*.example"}));
}

TEST(RegistryLogin, TheTextForSkopeoHasWhatWasChosen) {
  const RegistryLogin login{.key = "a.example/x", .auth = "dTpw", .identity_token = ""};
  const std::vector<RegistryLogin> mirrors{{.key = "m.example", .auth = "bTpw", .identity_token = "t"}};
  EXPECT_EQ(to_auth_json("a.example", login, mirrors),
            R"({"auths":{"m.example":{"auth":"bTpw","identitytoken":"t"},"a.example":{"auth":"dTpw"}}})");
  EXPECT_EQ(to_auth_json("a.example", {}, {}), R"({"auths":{}})");
}

TEST(RegistryLogin, Base64IsThatOfRfc4648) {
  for (const std::string text : {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xff\x00\x80"})
    EXPECT_EQ(decode_base64(encode_base64(text)), text);
  EXPECT_EQ(encode_base64("fooba"), "Zm9vYmE=");
}

}  // namespace
}  // namespace podrun::pod
