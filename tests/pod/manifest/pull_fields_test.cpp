// The fields that say how images are fetched.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pod/manifest/manifests.hpp"
#include "pod/spec/image.hpp"

namespace podrun::pod {
namespace {

PodSpec spec_of(const std::string& lines) {
  const auto found = read_manifests(
      {{"", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n" + lines}}, {.leniency = Leniency::Lenient});
  EXPECT_EQ(found.pods.size(), 1U);
  return found.pods.empty() ? PodSpec{} : found.pods[0].pod.spec;
}

TEST(PullPolicies, TheyAreDecodedForContainersAndImageVolumes) {
  const PodSpec spec = spec_of(
      "  volumes: [{name: v, image: {reference: a, pullPolicy: IfNotPresent}}]\n"
      "  containers:\n"
      "  - {name: a, image: a:1, imagePullPolicy: Always}\n"
      "  - {name: b, image: a, imagePullPolicy: \"\"}\n"
      "  - {name: c, image: a, imagePullPolicy: Never}\n");
  ASSERT_EQ(spec.containers.size(), 3U);
  EXPECT_EQ(spec.containers[0].pull_policy, PullPolicy::Always);
  EXPECT_EQ(spec.containers[1].pull_policy, std::nullopt);
  EXPECT_EQ(spec.containers[2].pull_policy, PullPolicy::Never);
  ASSERT_EQ(spec.volumes.size(), 1U);
  EXPECT_EQ(std::get<ImageVolume>(spec.volumes[0].source).pull_policy, PullPolicy::IfNotPresent);
}

TEST(PullSecrets, TheNamesAreDecoded) {
  const PodSpec spec = spec_of(
      "  imagePullSecrets: [{name: one}, {}, {name: two}]\n"
      "  containers: [{name: a, image: a}]\n");
  EXPECT_EQ(spec.image_pull_secrets, (std::vector<std::string>{"one", "two"}));
}

// On a cluster a Secret that is missing is a warning, because the image may be public.
TEST(PullSecrets, AMissingSecretIsNoMistake) {
  const auto found = read_manifests({{"", "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n"
                                          "  imagePullSecrets: [{name: one}]\n"
                                          "  containers: [{name: a, image: a}]\n"}},
                                    {});
  EXPECT_TRUE(has_no_errors(found));
}

}  // namespace
}  // namespace podrun::pod
