// The mounts of a container, their order, and the mounts that a volume replaces.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "pod/plan/verify.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::all;
using fixtures::attached;
using fixtures::error_of;
using fixtures::mount_points;
using fixtures::plan_of;
using fixtures::with_mounts;
using fixtures::Words;

TEST(Volumes, AVolumeIsClonedFromItsSourceAndAttachedAtItsPath) {
  const auto plan = plan_of(with_mounts(
      {{.name = "site", .mount_path = "/srv", .read_only = true}, {.name = "data", .mount_path = "/data/"}}));
  const auto lines = attached(plan);
  EXPECT_EQ(Words(lines.begin() + 3, lines.end()), (Words{"site /srv ro", "data /data"}));
  const auto trees = all<host::CloneTree>(plan.host);
  ASSERT_EQ(trees.size(), 5U);
  EXPECT_EQ(trees[3].source, "/var/lib/podrun/pods/0c5a/volumes/site");
  EXPECT_EQ(trees[3].label, "emptyDir site");
  EXPECT_EQ(trees[4].source, "/srv/data");
  EXPECT_EQ(trees[4].label, "hostPath /srv/data");
}

TEST(Volumes, AParentIsMountedBeforeItsChildren) {
  const auto plan = plan_of(with_mounts({{.name = "site", .mount_path = "/a/b/c"},
                                         {.name = "data", .mount_path = "/z"},
                                         {.name = "site", .mount_path = "/a/b"},
                                         {.name = "data", .mount_path = "/a"}}));
  const auto points = mount_points(plan);
  EXPECT_EQ(Words(points.end() - 4, points.end()), (Words{"/z", "/a", "/a/b", "/a/b/c"}));
}

TEST(Volumes, AVolumeMountedTwiceHasTwoSlots) {
  const auto lines = attached(
      plan_of(with_mounts({{.name = "site", .mount_path = "/a"}, {.name = "site", .mount_path = "/b"}})));
  EXPECT_EQ(Words(lines.begin() + 3, lines.end()), (Words{"site /a", "site#2 /b"}));
}

TEST(Volumes, AVolumeNamedLikeABuiltInSlotGetsAnotherSlotName) {
  auto pod = fixtures::pod({with_mounts({{.name = "root", .mount_path = "/a"}})});
  pod.spec.volumes = {{.name = "root", .source = EmptyDir{}}};
  EXPECT_EQ(attached(plan_of(pod).containers.at(0)).back(), "root#2 /a");
}

TEST(Volumes, AVolumeReplacesPodrunsOwnMountAtTheSamePath) {
  const auto plan = plan_of(with_mounts(
      {{.name = "site", .mount_path = "/dev/shm"}, {.name = "data", .mount_path = "/etc/hosts"}}));
  EXPECT_TRUE(all<step::BindFromPod>(plan.child).empty());
  EXPECT_EQ(attached(plan), (Words{"hostname /etc/hostname", "resolv.conf /etc/resolv.conf", "site /dev/shm",
                                   "data /etc/hosts"}));
  EXPECT_EQ(all<host::CloneTree>(plan.host).size(), 4U);
}

TEST(Volumes, AVolumeAtDevReplacesDevptsAndMqueueButNotSharedMemory) {
  const auto plan = plan_of(with_mounts({{.name = "data", .mount_path = "/dev"}}));
  const auto points = mount_points(plan);
  const auto masks = static_cast<std::ptrdiff_t>(all<step::MaskPath>(plan.child).size() +
                                                 all<step::ReadOnlyPath>(plan.child).size());
  EXPECT_EQ(Words(points.begin(), points.begin() + 3), (Words{"/proc", "/sys", "/dev"}));
  EXPECT_EQ(Words(points.begin() + 3 + masks, points.begin() + 5 + masks), (Words{"/dev", "/dev/shm"}))
      << "masks are made of podrun's /dev/null";
  EXPECT_EQ(std::ranges::count(points, "/dev/pts"), 0);
  EXPECT_EQ(std::ranges::count(points, "/dev/mqueue"), 0);
}

TEST(Volumes, ThePodsEtcFilesAreAttachedOverAVolumeAtEtc) {
  EXPECT_EQ(
      attached(plan_of(with_mounts({{.name = "site", .mount_path = "/etc"}}))),
      (Words{"site /etc", "hosts /etc/hosts", "hostname /etc/hostname", "resolv.conf /etc/resolv.conf"}));
}

Container with_message(std::string path, std::vector<VolumeMount> mounts = {}) {
  auto it = with_mounts(std::move(mounts));
  it.termination_message_path = std::move(path);
  return it;
}

TEST(MessageFile, TheTerminationMessageFileIsAttachedAfterTheVolumes) {
  const auto plan = plan_of(with_message("/run/words", {{.name = "site", .mount_path = "/run"}}));
  EXPECT_EQ(attached(plan).back(), "message /run/words");
  EXPECT_EQ(mount_points(plan).back(), "/run/words");
  const auto files = all<host::MessageFile>(plan.host);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].path, "/var/lib/podrun/pods/0c5a/containers/app/termination-log");
}

TEST(MessageFile, NoMessageFileIsMadeInTheHostsDevOrAVolumeAtDev) {
  auto privileged = with_message("/dev/termination-log");
  privileged.security_context.privileged = true;
  EXPECT_TRUE(all<host::MessageFile>(plan_of(privileged).host).empty());
  EXPECT_TRUE(
      all<host::MessageFile>(plan_of(with_message("/dev/x", {{.name = "data", .mount_path = "/dev"}})).host).empty());
  privileged.termination_message_path = "/words";
  EXPECT_EQ(all<host::MessageFile>(plan_of(privileged).host).size(), 1U);
}

TEST(MessageFile, AMessagePathThatCoversAnotherMountIsRefused) {
  const auto error = [](Container it) { return error_of(fixtures::pod({std::move(it)})); };
  EXPECT_EQ(error(with_message("/")),
            "container app: terminationMessagePath / would replace the container's whole root");
  EXPECT_EQ(error(with_message("/proc/x")),
            "container app: terminationMessagePath /proc/x lies in /proc, where only the kernel's own files may be");
  EXPECT_EQ(error(with_message("/a", {{.name = "site", .mount_path = "/a"}})),
            "container app: terminationMessagePath /a is a volume's mountPath too");
  EXPECT_EQ(error(with_message("/a", {{.name = "site", .mount_path = "/a/b"}})),
            "container app: terminationMessagePath /a is a file, but /a/b is mounted below it");
  EXPECT_EQ(error(with_message("/etc")),
            "container app: terminationMessagePath /etc is a file, but /etc/hosts is mounted below it");
  for (const char* path : {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev/shm", "/dev/pts", "/dev/mqueue"})
    EXPECT_EQ(error(with_message(path)),
              fmt::format("container app: terminationMessagePath {} is a mount of every container", path));
  Container privileged = with_message("/dev");
  privileged.security_context.privileged = true;
  EXPECT_NE(error(privileged), "");
}

TEST(Volumes, AVolumeMayBeMountedBelowDevAndSys) {
  const auto points = mount_points(plan_of(with_mounts(
      {{.name = "data", .mount_path = "/dev/snd"}, {.name = "data", .mount_path = "/sys/fs/bpf"}})));
  EXPECT_EQ(Words(points.end() - 2, points.end()), (Words{"/dev/snd", "/sys/fs/bpf"}));
}

TEST(Volumes, AVolumeThatReplacesTheRootOrUncoversAMaskedPathIsRefused) {
  const auto refusal = [](std::string path) {
    return error_of(fixtures::pod({with_mounts({{.name = "site", .mount_path = std::move(path)}})}));
  };
  EXPECT_EQ(refusal("/"), "container app: mountPath / would replace the container's whole root");
  EXPECT_EQ(refusal("/proc"),
            "container app: mountPath /proc would uncover /proc/acpi, which is kept from containers");
  EXPECT_EQ(refusal("/proc/self"),
            "container app: mountPath /proc/self lies in /proc, where only the kernel's own files may be");
  for (const auto* path :
       {"/sys", "/sys/devices", "/sys/firmware", "/proc/kcore", "/proc/sys", "/x/../proc/", "//"})
    EXPECT_NE(refusal(path), "") << path;
}

TEST(Volumes, ARelativeOrRepeatedMountPathAndAnUnknownVolumeAreErrors) {
  EXPECT_EQ(error_of(fixtures::pod({with_mounts({{.name = "site", .mount_path = "srv"}})})),
            "container app: mountPath srv is not an absolute path");
  EXPECT_EQ(error_of(fixtures::pod({with_mounts({{.name = "nope", .mount_path = "/srv"}})})),
            "container app: mountPath /srv wants the unknown volume nope");
  EXPECT_EQ(error_of(fixtures::pod({with_mounts(
                {{.name = "site", .mount_path = "/srv"}, {.name = "data", .mount_path = "/srv/"}})})),
            "container app: mountPath /srv/ is used twice");
}

TEST(Volumes, AControlCharacterInARefusedPathIsEscaped) {
  EXPECT_EQ(error_of(fixtures::pod({with_mounts({{.name = "site", .mount_path = "\x1b[2J"}})})),
            "container app: mountPath \\x1b[2J is not an absolute path");
}

TEST(Volumes, AContainerMayHave230VolumeMountsAndNoMore) {
  std::vector<VolumeMount> mounts;
  for (int i = 0; i < 230; ++i) mounts.push_back({.name = "site", .mount_path = "/v" + std::to_string(i)});
  EXPECT_TRUE(verify(plan_of(fixtures::pod({with_mounts(mounts)}))));
  mounts.push_back({.name = "site", .mount_path = "/one-too-many"});
  EXPECT_EQ(error_of(fixtures::pod({with_mounts(mounts)})),
            "container app: 231 volumeMounts, at most 230 are possible");
}

}  // namespace
}  // namespace podrun::pod
