// Images of layers in plans: roots, volumes, the volumes of an image's config, and images that are still to be fetched.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pod/compile/host_errors.hpp"
#include "pod/plan/step_predicates.hpp"
#include "pod/plan/verify.hpp"
#include "pod/script/script.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using namespace fixtures;

Image of_layers(Words layers = {"/store/b/fs", "/store/a/fs"}) {
  Image it = image();
  it.rootfs.clear();
  it.layers = std::move(layers);
  it.user_xattr = true;
  it.id = "docker.io/library/busybox@sha256:00";
  return it;
}

PodPlan plan_with(const Pod& pod, const Image& image) {
  const auto plan = compiled(pod, image);
  EXPECT_TRUE(plan) << plan.error().message;
  if (!plan) return {};
  const auto verified = verify(*plan);
  EXPECT_TRUE(verified) << verified.error().message;
  return *plan;
}

TEST(ImageLayers, ARootHasTheLayersOfItsImage) {
  const PodPlan plan = plan_with(pod(), of_layers());
  const auto root = all<host::OverlayRoot>(plan.containers.at(0).host).at(0);
  EXPECT_EQ(root.layers, (Words{"/store/b/fs", "/store/a/fs"}));
  EXPECT_TRUE(root.user_xattr);
  EXPECT_EQ(plan.containers[0].image_id, "docker.io/library/busybox@sha256:00");
  EXPECT_NE(to_text(plan).find("overlay localhost/busybox (2 layers)"), std::string::npos) << to_text(plan);
}

TEST(ImageLayers, ARootOfOneDirectoryIsAsItWas) {
  const auto root = all<host::OverlayRoot>(plan_with(pod(), image()).containers.at(0).host).at(0);
  EXPECT_EQ(root.layers, Words{"/images/localhost/busybox/latest/rootfs"});
  EXPECT_FALSE(root.user_xattr);
}

Pod with_image_volume(std::string sub_path = "") {
  Pod it = pod({with_mounts({{.name = "tools", .mount_path = "/tools", .sub_path = std::move(sub_path)}})});
  it.spec.volumes.push_back({.name = "tools", .source = ImageVolume{"localhost/busybox"}});
  return it;
}

TEST(ImageLayers, AnImageVolumeIsAnOverlayOfTheLayers) {
  const PodPlan plan = plan_with(with_image_volume("bin"), of_layers());
  const auto trees = all<host::CloneTree>(plan.containers.at(0).host);
  const auto tree = std::ranges::find(trees, "image localhost/busybox", &host::CloneTree::label);
  ASSERT_NE(tree, trees.end());
  EXPECT_EQ(tree->layers, (Words{"/store/b/fs", "/store/a/fs"}));
  EXPECT_EQ(tree->source, "/store/b/fs");
  EXPECT_TRUE(tree->user_xattr && tree->no_exec);
  EXPECT_EQ(tree->sub_path, "bin");
  EXPECT_FALSE(tree->make_sub_path);
  const auto attached = all<step::AttachTree>(plan.containers[0].child);
  const auto at = std::ranges::find(attached, "/tools", &step::AttachTree::path);
  ASSERT_NE(at, attached.end());
  EXPECT_TRUE(at->read_only);
}

TEST(ImageLayers, AScriptMountsTheLayersByShortNames) {
  const std::string script = to_script(plan_with(with_image_volume("bin"), of_layers()));
  const std::string links = "ln -sfn /store/b/fs \"$layer\"/lower/0\nln -sfn /store/a/fs \"$layer\"/lower/1\n";
  EXPECT_NE(script.find(links), script.npos) << script;
  EXPECT_NE(script.find("-o nodev,volatile,userxattr,lowerdir=0:1,upperdir="), script.npos);
  EXPECT_NE(script.find("-o ro,nodev,userxattr,lowerdir=0:1:below overlay \"$storage\"/run/image-app-"), script.npos);
  EXPECT_NE(script.find("/root/bin /tools"), script.npos);
}

// ---- volumes of the config ----

std::vector<std::string> volumes_of(Container container, Words volumes, bool is_read_only = false) {
  container.security_context.read_only_root_filesystem = is_read_only;
  Image image = of_layers();
  image.config.volumes = std::move(volumes);
  const PodPlan plan = plan_with(pod({std::move(container)}), image);
  std::vector<std::string> paths;
  for (const auto& each : all<step::WritablePath>(plan.containers.at(0).child)) paths.push_back(each.path);
  return paths;
}

TEST(ConfigVolumes, EachIsWritableParentsFirst) {
  EXPECT_EQ(volumes_of(container(), {"/var/lib/a/b/", "/data", "data/", "/var/lib/a"}, true),
            (Words{"/data", "/var/lib/a", "/var/lib/a/b"}));
}

TEST(ConfigVolumes, TheyAreMountedBeforeWhatLiesInThem) {
  Image image = of_layers();
  image.config.volumes = {"/etc", "/srv"};
  const PodPlan plan =
      plan_with(pod({with_mounts({{.name = "site", .mount_path = "/srv/site"}})}), image);
  std::vector<std::string> points;
  for (const ChildStep& each : plan.containers.at(0).child)
    if (const std::string* point = mount_point(each)) points.push_back(*point);
  const auto place = [&](std::string_view path) { return std::ranges::find(points, path) - points.begin(); };
  EXPECT_LT(place("/srv"), place("/srv/site"));
  EXPECT_LT(place("/etc"), place("/etc/hosts"));
}

TEST(ConfigVolumes, AMountOfTheManifestTakesTheirPlace) {
  EXPECT_EQ(volumes_of(with_mounts({{.name = "site", .mount_path = "/data"}}), {"/data", "/data/below", "/database"}),
            Words{"/database"});
}

TEST(ConfigVolumes, ThoseAtFileSystemsOfTheKernelAreLeftOutAndThatIsSaid) {
  Image image = of_layers();
  image.config.volumes = {"/sys/fs/cgroup", "/", "../..", "/data"};
  const PodPlan plan = plan_with(pod(), image);
  EXPECT_EQ(all<step::WritablePath>(plan.containers.at(0).child).size(), 1U);
  EXPECT_EQ(plan.containers[0].remarks,
            (Words{"the volume /sys/fs/cgroup of the image's config is left out: file systems of the kernel are "
                   "mounted there",
                   "the volume / of the image's config is left out: it is the whole root",
                   "the volume ../.. of the image's config is left out: it is the whole root"}));
}

// ---- images that are to be fetched ----

RunParameters awaiting(std::string reference) {
  RunParameters parameters = run_parameters();
  parameters.awaited_images.insert(std::move(reference));
  return parameters;
}

TEST(AwaitedImages, AContainerWhoseImageIsFetchedHasNoSteps) {
  auto other = container("other");
  other.image = "registry.example/other:1";
  const auto plan = compile(pod({container(), other}), {{"localhost/busybox", image()}}, facts(),
                            awaiting("registry.example/other:1"));
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->containers.size(), 2U);
  EXPECT_FALSE(plan->containers[0].awaits_image);
  EXPECT_TRUE(plan->containers[1].awaits_image);
  EXPECT_TRUE(plan->containers[1].host.empty() && plan->containers[1].child.empty());
  EXPECT_TRUE(verify(*plan));
  EXPECT_NE(to_text(*plan).find("is fetched first"), std::string::npos);
}

TEST(AwaitedImages, ItHasWhatIsKnownWithoutTheImage) {
  auto it = container();
  it.stop_signal = 3;
  it.restart_policy = RestartPolicy::Never;
  it.hooks.pre_stop = SleepAction{1};
  const auto plan = compile(pod({it}), {}, facts(), awaiting("localhost/busybox"));
  ASSERT_TRUE(plan) << plan.error().message;
  const ContainerPlan& known = plan->containers.at(0);
  EXPECT_EQ(known.stop_signal, 3);
  EXPECT_EQ(known.restart_policy, RestartPolicy::Never);
  EXPECT_TRUE(known.hooks.pre_stop.has_value());
}

TEST(AwaitedImages, AContainerAlsoWaitsForTheImageOfAVolumeThatItMounts) {
  Pod it = with_image_volume();
  std::get<ImageVolume>(it.spec.volumes.back().source).reference = "registry.example/tools:1";
  it.spec.containers.push_back(container("other"));
  const auto plan =
      compile(it, {{"localhost/busybox", image()}}, facts(), awaiting("registry.example/tools:1"));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->containers.at(0).awaits_image);
  EXPECT_FALSE(plan->containers.at(1).awaits_image);
  EXPECT_EQ(image_references(it, it.spec.containers[0]), (Words{"localhost/busybox", "registry.example/tools:1"}));
}

TEST(AwaitedImages, AnImageThatIsNotFetchedIsMissing) {
  const auto plan = compile(pod(), {}, facts(), awaiting("another"));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().number, ENOENT);
}

TEST(AwaitedImages, APlanWithStepsIsNotExcusedFromTheInvariants) {
  auto plan = compile(pod(), {{"localhost/busybox", image()}}, facts(), run_parameters()).value();
  plan.containers.at(0).awaits_image = true;
  plan.containers[0].child.pop_back();
  EXPECT_FALSE(verify(plan));
}

}  // namespace
}  // namespace podrun::pod
