// What is stored of images of layers, and of containers whose images are to be fetched.
#include <gtest/gtest.h>

#include <algorithm>

#include "pod/stored/stored.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using namespace fixtures;

TEST(StoredImages, LayersSurvive) {
  Pod given = pod();
  given.spec.containers[0].pull_policy = PullPolicy::Never;
  given.spec.image_pull_secrets = {"key"};
  given.spec.volumes.push_back({.name = "tools", .source = ImageVolume{"localhost/busybox", PullPolicy::Always}});
  given.spec.containers[0].volume_mounts = {{.name = "tools", .mount_path = "/tools"}};
  Image of_layers = image();
  of_layers.layers = {"/store/b", "/store/a"};
  of_layers.user_xattr = true;
  of_layers.id = "docker.io/library/a@sha256:00";
  of_layers.config.volumes = {"/data"};
  const auto plan = compiled(given, of_layers);
  ASSERT_TRUE(plan) << plan.error().message;

  const auto stored = parse_stored_pod(to_stored(given, *plan, "1.2.3"));
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->pod.spec.containers[0].pull_policy, PullPolicy::Never);
  EXPECT_EQ(stored->pod.spec.image_pull_secrets, Words{"key"});
  EXPECT_EQ(std::get<ImageVolume>(stored->pod.spec.volumes.back().source).pull_policy, PullPolicy::Always);

  const std::string text = to_stored("p", 1, plan->containers[0], "1.2.3");
  const auto revision = parse_stored_revision(text);
  ASSERT_TRUE(revision) << revision.error().message;
  EXPECT_EQ(to_stored("p", 1, revision->plan, "1.2.3"), text);
  EXPECT_EQ(revision->plan.image_id, of_layers.id);
  EXPECT_EQ(all<host::OverlayRoot>(revision->plan.host).at(0).layers, of_layers.layers);
  EXPECT_TRUE(all<host::OverlayRoot>(revision->plan.host)[0].user_xattr);
  const auto trees = all<host::CloneTree>(revision->plan.host);
  EXPECT_TRUE(std::ranges::any_of(trees, [&](const auto& tree) { return tree.layers == of_layers.layers; }));
  EXPECT_EQ(all<step::WritablePath>(revision->plan.child).at(0).path, "/data");

  const auto inputs = parse_stored_inputs(to_stored(
      StoredInputs{.images = {{"localhost/busybox", of_layers}}, .facts = facts(), .config_maps = {}, .secrets = {}},
      "1.2.3"));
  ASSERT_TRUE(inputs) << inputs.error().message;
  EXPECT_EQ(inputs->images.at("localhost/busybox").layers, of_layers.layers);
  EXPECT_EQ(inputs->images.at("localhost/busybox").config.volumes, Words{"/data"});
  EXPECT_TRUE(inputs->images.at("localhost/busybox").user_xattr);
}

TEST(StoredImages, APlanThatAwaitsItsImageSurvives) {
  RunParameters parameters = run_parameters();
  parameters.awaited_images = {"localhost/busybox"};
  const auto plan = compile(pod(), {}, facts(), parameters);
  ASSERT_TRUE(plan) << plan.error().message;
  const auto revision = parse_stored_revision(to_stored(plan->id, 1, plan->containers.at(0), "1.2.3"));
  ASSERT_TRUE(revision) << revision.error().message;
  EXPECT_TRUE(revision->plan.awaits_image);
}

}  // namespace
}  // namespace podrun::pod
