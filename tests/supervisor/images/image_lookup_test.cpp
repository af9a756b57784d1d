// Images of pods on this host: in folders, in the store, or to be fetched.
#include "supervisor/images/image_lookup.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "supervisor/engine/image_pulls.hpp"
#include "tests/namespaces/images/generated_image.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

using pod::PullPolicy;

pod::Pod pod_of(const std::string& image, std::optional<PullPolicy> policy = {}) {
  pod::Pod pod;
  pod.spec.containers.emplace_back();
  pod.spec.containers[0].image = image;
  pod.spec.containers[0].pull_policy = policy;
  return pod;
}

class ImageLookups : public testing::Test {
 protected:
  ImageLookup find(const pod::Pod& pod, Fetching fetching) {
    return find_images(pod, {.roots = {folder_ / "images"}, .store = folder_ / "images/.store"}, {}, fetching);
  }
  void store(const std::string& name) {
    const auto stored = ns::test::store_image(ns::ImageStore(folder_ / "images/.store"), name, {"low", "top"});
    ASSERT_TRUE(stored) << stored.error().message;
  }
  TemporaryDirectory folder_;
};

TEST_F(ImageLookups, AnImageOfTheStoreHasItsLayersAndIsLocked) {
  store("registry.example/app:1");
  const ImageLookup found = find(pod_of("registry.example/app:1"), Fetching::Yes);
  ASSERT_TRUE(found.images.contains("registry.example/app:1"));
  const pod::Image& image = found.images.at("registry.example/app:1");
  EXPECT_EQ(image.layers.size(), 2U);
  EXPECT_TRUE(image.rootfs.empty() && image.user_xattr);
  EXPECT_TRUE(image.id.starts_with("sha256:")) << "it was not pulled";
  EXPECT_EQ(image.config.cmd, std::vector<std::string>{"/bin/true"});
  EXPECT_TRUE(found.locks.contains("registry.example/app:1"));
}

TEST_F(ImageLookups, AShortNameIsThatOfTheHub) {
  store("docker.io/library/nginx:1.27");
  EXPECT_TRUE(find(pod_of("nginx:1.27"), Fetching::Yes).images.contains("nginx:1.27"));
}

TEST_F(ImageLookups, AFolderComesBeforeTheStore) {
  store("registry.example/app:1");
  std::filesystem::create_directories(folder_ / "images/registry.example/app/1/rootfs");
  const ImageLookup found = find(pod_of("registry.example/app:1", PullPolicy::Always), Fetching::Yes);
  EXPECT_TRUE(found.awaited.empty()) << "a folder is nobody's to fetch";
  EXPECT_FALSE(found.images.at("registry.example/app:1").rootfs.empty());
}

TEST_F(ImageLookups, AMissingImageIsFetchedByItsPolicy) {
  for (const auto policy : {PullPolicy::Always, PullPolicy::IfNotPresent}) {
    const ImageLookup found = find(pod_of("registry.example/no:1", policy), Fetching::Yes);
    EXPECT_TRUE(found.missing.empty());
    EXPECT_TRUE(found.awaited.contains("registry.example/no:1"));
    EXPECT_TRUE(found.to_fetch.contains("registry.example/no:1"));
  }
  const ImageLookup never = find(pod_of("registry.example/no:1", PullPolicy::Never), Fetching::Yes);
  ASSERT_TRUE(never.missing.contains("registry.example/no:1"));
  EXPECT_TRUE(never.missing.at("registry.example/no:1")
                  .message.starts_with("image registry.example/no:1: not found on this host, and imagePullPolicy is "
                                       "Never (ErrImageNeverPull)\n  looked for "));
}

TEST_F(ImageLookups, AnImageOfThisHostIsNeverFetched) {
  const ImageLookup found = find(pod_of("localhost/no", PullPolicy::Always), Fetching::Yes);
  ASSERT_TRUE(found.missing.contains("localhost/no"));
  EXPECT_TRUE(found.missing.at("localhost/no").message.contains("images of localhost are never fetched"));
}

TEST_F(ImageLookups, AlwaysAsksForWhatIsHereInAStartAlone) {
  store("registry.example/app:latest");
  EXPECT_TRUE(find(pod_of("registry.example/app"), Fetching::Yes).awaited.contains("registry.example/app"));
  EXPECT_TRUE(find(pod_of("registry.example/app"), Fetching::Yes).to_fetch.empty());
  EXPECT_TRUE(find(pod_of("registry.example/app"), Fetching::Foreseen).images.contains("registry.example/app"));
  EXPECT_TRUE(find(pod_of("registry.example/app"), Fetching::No).images.contains("registry.example/app"));
}

TEST(WantedImages, TheStrongestPolicyOfSeveralHolds) {
  pod::Pod pod = pod_of("app:1", PullPolicy::Never);
  pod.spec.containers.push_back(pod.spec.containers[0]);
  pod.spec.containers[1].pull_policy.reset();
  EXPECT_EQ(wanted_images(pod).at("app:1").policy, PullPolicy::IfNotPresent);
  pod.spec.volumes.push_back({.name = "v", .source = pod::ImageVolume{"app:1", PullPolicy::Always}});
  EXPECT_EQ(wanted_images(pod).at("app:1").policy, PullPolicy::Always);
  EXPECT_FALSE(wanted_images(pod).at("app:1").is_default);
  EXPECT_TRUE(wanted_images(pod_of("app")).at("app").is_default);
}

TEST(PullDelay, ItDoublesUpToItsMaximum) {
  using std::chrono::seconds;
  std::vector<std::int64_t> delays;
  for (int attempt = 1; attempt <= 7; ++attempt)
    delays.push_back(std::chrono::duration_cast<seconds>(pull_delay({}, attempt)).count());
  EXPECT_EQ(delays, (std::vector<std::int64_t>{10, 20, 40, 80, 160, 300, 300}));
}

}  // namespace
}  // namespace podrun::supervisor
