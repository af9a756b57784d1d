// What containers mount inside volumes of files.
#include <gtest/gtest.h>

#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::all;
using fixtures::error_of;
using fixtures::plan_of;
using fixtures::with_mounts;
using fixtures::Words;

/// A pod with a ConfigMap of two files at the path, and mounts beside it.
Pod with_nested(std::vector<VolumeMount> mounts, const std::string& path = "/v") {
  mounts.push_back({.name = "v", .mount_path = path});
  Pod pod = fixtures::pod({with_mounts(std::move(mounts))});
  pod.spec.volumes.push_back({.name = "v", .source = ConfigMapFiles{.name = "app"}});
  pod.spec.volumes.push_back({.name = "file", .source = HostPath{"/srv/file", HostPathType::File}});
  pod.objects.config_maps["app"] = {.metadata = {}, .data = {{"a.conf", "A"}, {"b.conf", "B"}}};
  return pod;
}

std::string error_with(VolumeMount nested) { return error_of(with_nested({std::move(nested)})); }

TEST(NestedMounts, AVolumeOfFilesHasADirectoryForEachMountInIt) {
  const auto points = [](std::vector<VolumeMount> nested) {
    return all<file::WriteVolume>(plan_of(with_nested(std::move(nested))).files).at(0).files.mount_points;
  };
  EXPECT_EQ(points({}), Words{});
  EXPECT_EQ(points({{.name = "site", .mount_path = "/vv"}, {.name = "site", .mount_path = "/w"}}), Words{});
  EXPECT_EQ(points({{.name = "site", .mount_path = "/v/z/"}, {.name = "site", .mount_path = "/v/b//c"}}),
            (Words{"b/c", "z"}));
}

TEST(NestedMounts, AMountInThePlaceOfAFileIsAnError) {
  EXPECT_EQ(error_with({.name = "site", .mount_path = "/v/a.conf"}),
            "container app: nothing can be mounted at /v/a.conf: the volume \"v\" at /v has \"a.conf\" in its place");
  EXPECT_EQ(error_with({.name = "site", .mount_path = "/v/a.conf/b"}),
            "container app: nothing can be mounted at /v/a.conf/b: the volume \"v\" at /v has \"a.conf\" in its place");
}

TEST(NestedMounts, ASingleFileHasNoPlaceInAVolumeOfFiles) {
  const std::string error =
      "container app: nothing can be mounted at /v/x: the volume \"v\" at /v is read-only, and does not have it";
  EXPECT_EQ(error_with({.name = "file", .mount_path = "/v/x"}), error);
  EXPECT_EQ(error_with({.name = "v", .mount_path = "/v/x", .sub_path = "b.conf"}), error);
  EXPECT_EQ(error_with({.name = "site", .mount_path = "/v/x", .sub_path = "b.conf"}), "") << "a directory is made";
}

TEST(NestedMounts, AVolumeOfFilesAtEtcHasNoPlaceForThePodsFiles) {
  Pod pod = with_nested({}, "/etc");
  EXPECT_EQ(error_of(pod),
            "container app: nothing can be mounted at /etc/hosts: the volume \"v\" at /etc is read-only, and does not "
            "have it");
  pod.spec.containers[0].volume_mounts[0].sub_path = "z";
  EXPECT_EQ(error_of(pod), "");
}

}  // namespace
}  // namespace podrun::pod
