// What registries.conf(5) makes of a name.
#include "namespaces/puller/short_names.hpp"

#include <gtest/gtest.h>

namespace podrun::puller {
namespace {

using Names = std::vector<std::string>;

Names repositories(std::string_view name, const std::vector<std::string>& texts) {
  std::vector<RegistriesFile> files;
  for (const std::string& text : texts) files.push_back({"a.conf", text});
  const auto found = repositories_of(name, files);
  EXPECT_TRUE(found) << found.error().message;
  return found.value_or(Names());
}

Names registries(std::string_view repository, const std::string& text) {
  return registries_of(repository, {{"a.conf", text}}).value_or(Names());
}

std::string error_of(const std::string& text) {
  const auto found = repositories_of("nginx", {{"a.conf", text}});
  return found ? "" : found.error().message;
}

TEST(RegistriesConf, WithoutARegistryANameIsOneOfDockerHub) {
  EXPECT_EQ(repositories("nginx", {}), Names{"docker.io/library/nginx"});
  EXPECT_EQ(repositories("team/app", {""}), Names{"docker.io/team/app"});
}

TEST(RegistriesConf, AnAliasComesBeforeTheSearchRegistries) {
  const std::string search = "unqualified-search-registries = [\"a.example\", \"docker.io\"]\n";
  EXPECT_EQ(repositories("nginx", {search}), (Names{"a.example/nginx", "docker.io/library/nginx"}));
  EXPECT_EQ(repositories("nginx", {search + "[aliases]\nnginx = \"b.example/web/nginx\"\n"}),
            Names{"b.example/web/nginx"});
  EXPECT_EQ(repositories("team/app", {"[aliases]\n\"team/app\" = \"b.example/app\"\n"}), Names{"b.example/app"});
}

TEST(RegistriesConf, ALaterFileCountsMore) {
  EXPECT_EQ(repositories("nginx", {"[aliases]\nnginx = \"a.example/a\"\n", "[aliases]\nnginx = \"b.example/b\"\n"}),
            Names{"b.example/b"});
  EXPECT_EQ(repositories("nginx", {"[aliases]\nnginx = \"a.example/a\"\n", "[aliases]\nnginx = \"\"\n"}),
            Names{"docker.io/library/nginx"});
  EXPECT_EQ(repositories("nginx", {"unqualified-search-registries = [\"a.example\"]",
                                   "unqualified-search-registries = [\"b.example\"]"}),
            Names{"b.example/nginx"});
}

TEST(RegistriesConf, TheFirstVersionOfTheFormatIsRead) {
  EXPECT_EQ(repositories("nginx", {"[registries.search]\nregistries = ['a.example']\n"}), Names{"a.example/nginx"});
}

TEST(RegistriesConf, MistakesAreNamedWithTheirFile) {
  EXPECT_TRUE(error_of("x = [").starts_with("a.conf:1: "));
  EXPECT_TRUE(error_of("\n\n= 1").starts_with("a.conf:3: "));
  EXPECT_EQ(error_of("unqualified-search-registries = 1"),
            "a.conf: unqualified-search-registries is no list of registries");
  EXPECT_TRUE(error_of("unqualified-search-registries = [1]").starts_with("a.conf: unqualified-search-registries"));
  EXPECT_TRUE(error_of("[aliases]\nnginx = 1").starts_with("a.conf: the alias of \"nginx\""));
  EXPECT_TRUE(error_of("[aliases]\nnginx = \"nginx\"").starts_with("a.conf: the alias of \"nginx\" names no registry"));
}

TEST(RegistriesConf, TheRegistriesOfARepositoryAreThoseOfTheLongestPrefix) {
  const std::string text =
      "[[registry]]\nprefix = \"a.example\"\nlocation = \"b.example/x\"\n"
      "[[registry]]\nprefix = \"a.example/team\"\nlocation = \"c.example\"\n"
      "[[registry.mirror]]\nlocation = \"m.example:5000/y\"\n"
      "[[registry]]\nprefix = \"*.wild.example\"\n[[registry.mirror]]\nlocation = \"w.example\"\n";
  EXPECT_EQ(registries("a.example/app", text), (Names{"a.example", "b.example"}));
  EXPECT_EQ(registries("a.example/team/app", text), (Names{"a.example", "c.example", "m.example:5000"}));
  EXPECT_EQ(registries("a.example/teams/app", text), (Names{"a.example", "b.example"}));
  EXPECT_EQ(registries("x.wild.example/app", text), (Names{"x.wild.example", "w.example"}));
  EXPECT_EQ(registries("other.example/app", text), Names{"other.example"});
}

}  // namespace
}  // namespace podrun::puller
