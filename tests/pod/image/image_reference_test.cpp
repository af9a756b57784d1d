// References of images, as Docker and Kubernetes read them.
#include "pod/image/image_reference.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a');

std::string canonical(const std::string& text) {
  const auto reference = parse_image_reference(text);
  return reference ? reference->canonical() : "error: " + reference.error().message;
}

std::string error_of(const std::string& text) {
  const auto reference = parse_image_reference(text);
  return reference ? "no error" : reference.error().message;
}

TEST(ImageReference, AShortNameIsOneOfDockerHub) {
  EXPECT_EQ(canonical("nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(canonical("nginx:1.27"), "docker.io/library/nginx:1.27");
  EXPECT_EQ(canonical("team/app"), "docker.io/team/app:latest");
  EXPECT_EQ(canonical("docker.io/nginx"), "docker.io/library/nginx:latest");
  EXPECT_EQ(canonical("index.docker.io/library/nginx"), "docker.io/library/nginx:latest");
  EXPECT_TRUE(parse_image_reference("team/app")->is_short);
  EXPECT_FALSE(parse_image_reference("docker.io/app")->is_short);
}

TEST(ImageReference, ARegistryHasADotAColonOrAnUppercaseLetterOrIsLocalhost) {
  EXPECT_EQ(canonical("registry.example/app"), "registry.example/app:latest");
  EXPECT_EQ(canonical("localhost:5000/app"), "localhost:5000/app:latest");
  EXPECT_EQ(canonical("localhost/app:1"), "localhost/app:1");
  EXPECT_EQ(canonical("Registry/app"), "Registry/app:latest");
  EXPECT_EQ(canonical("[2001:db8::1]:5000/app"), "[2001:db8::1]:5000/app:latest");
  EXPECT_EQ(canonical("[::1]/app"), "[::1]/app:latest");
  EXPECT_TRUE(parse_image_reference("localhost/app")->is_local());
  EXPECT_FALSE(parse_image_reference("localhost:5000/app")->is_local());
}

TEST(ImageReference, ADigestCountsMoreThanATag) {
  EXPECT_EQ(canonical("nginx@" + digest), "docker.io/library/nginx@" + digest);
  EXPECT_EQ(canonical("nginx:1.27@" + digest), "docker.io/library/nginx@" + digest);
}

TEST(ImageReference, TheErrorNamesThePlace) {
  const std::vector<std::pair<std::string, std::string>> errors{
      {"", "it is empty (character 1)"},
      {"Nginx", "uppercase letters (character 1)"},
      {"registry.example/aPp", "uppercase letters (character 19)"},
      {"nginx:", "there is no tag after the colon (character 7)"},
      {"nginx:.1", "a tag begins with a letter, a digit or _ (character 7)"},
      {"nginx:1 2", "\".\" and \"-\" only (character 8)"},
      {"nginx:" + std::string(129, 'x'), "at most 128 characters (character 135)"},
      {"nginx@", "64 digits 0-9, a-f (character 7)"},
      {"nginx@sha256:1234", "64 digits 0-9, a-f (character 7)"},
      {"nginx@sha512:1234", "sha256 only (character 7)"},
      {"nginx@" + digest + "@" + digest, "64 digits 0-9, a-f (character 7)"},
      {"a//b", "between two slashes, or at an end (character 3)"},
      {"/b", "between two slashes, or at an end (character 1)"},
      {"b/", "between two slashes, or at an end (character 3)"},
      {"a..b", "between two of them (character 3)"},
      {"a___b", "between two of them (character 4)"},
      {"-a", "between two of them (character 1)"},
      {"a-", "between two of them (character 2)"},
      {"../etc", "no host name of a registry (character 1)"},
      {"a/../b", "between two of them (character 3)"},
      {"registry..example/a", "no host name of a registry (character 10)"},
      {"-registry.example/a", "no host name of a registry (character 1)"},
      {"registry.example:/a", "a port is a number up to 65535 (character 18)"},
      {"registry.example:70000/a", "a port is a number up to 65535 (character 18)"},
      {"registry.example:12345678901234567890/a", "a port is a number up to 65535 (character 18)"},
      {"[::1/a", "the address of the registry has no \"]\" (character 1)"},
      {"[zz]/a", "this is no IPv6 address (character 2)"},
      {"[::1]x/a", "after the address of a registry comes its port (character 6)"},
      {"https://registry.example/app", "a port is a number up to 65535 (character 7)"},
      {std::string(64, 'a'), "64 hexadecimal digits are an image's id, not its name (character 1)"},
      {std::string(240, 'a'), "more than 255 characters in its full form"},
      {std::string(100'000, 'a'), "it is too long (character 1025)"},
      {std::string("a\0b", 3), "between two of them (character 2)"},
      {"näme", "between two of them (character 2)"},
      {":1", "there is no name (character 1)"},
      {"@" + digest, "there is no name (character 1)"},
  };
  for (const auto& [text, end] : errors)
    EXPECT_TRUE(error_of(text).ends_with(end) || error_of(text).contains(end))
        << text.substr(0, 100) << "\n  " << error_of(text) << "\n  " << end;
}

TEST(ImageReference, EachSeparatorOfTheGrammarIsTaken) {
  for (const std::string name : {"a.b", "a_b", "a__b", "a-b", "a----b", "a1/b2/c3"})
    EXPECT_EQ(canonical(name),
              name.contains('/') ? "docker.io/" + name + ":latest" : "docker.io/library/" + name + ":latest");
}

TEST(ImageReference, TheFileNameLeadsBackToTheReference) {
  for (const std::string text : {"nginx", "registry.example:5000/team/app:v1_2.3-4", "localhost/a__b", "[::1]:80/x"}) {
    const std::string name = canonical(text);
    const std::string file = file_name_of_reference(name);
    EXPECT_FALSE(file.contains('/'));
    EXPECT_LE(file.size(), 255U);
    EXPECT_EQ(reference_of_file_name(file), name);
  }
  for (const std::string text : {".", "..", "lock", "docker.io+library+nginx", "a/b", "docker.io+nginx:1", "x~"})
    EXPECT_EQ(reference_of_file_name(text), "") << text;
}

TEST(ImageReference, AShortNameMayBeThatOfAnImageOfThisHost) {
  const auto names = [](const std::string& text) { return names_to_look_for(*parse_image_reference(text)); };
  EXPECT_EQ(names("app:1"), (std::vector<std::string>{"docker.io/library/app:1", "localhost/app:1"}));
  EXPECT_EQ(names("team/app"), (std::vector<std::string>{"docker.io/team/app:latest", "localhost/team/app:latest"}));
  EXPECT_EQ(names("docker.io/app"), std::vector<std::string>{"docker.io/library/app:latest"});
}

}  // namespace
}  // namespace podrun::pod
