// The steps that make a pod's volumes, and those that mount them in containers.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "pod/plan/describe.hpp"
#include "pod/plan/verify.hpp"
#include "pod/script/script.hpp"
#include "pod/spec/namespaces.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::all;
using fixtures::compiled;
using fixtures::error_of;
using fixtures::plan_of;
using fixtures::with_mounts;
using fixtures::Words;

/// A pod with one volume, its mount, and the objects that it may refer to.
Pod pod_with(decltype(Volume::source) source, VolumeMount mount = {}) {
  mount.name = "v";
  mount.mount_path = "/v";
  Pod pod = fixtures::pod({with_mounts({mount})});
  pod.spec.volumes = {{.name = "v", .source = std::move(source)}};
  pod.objects.config_maps["app"] = {.metadata = {}, .data = {{"a.conf", "A"}, {"b.conf", "B"}}};
  pod.objects.secrets["db"] = {.metadata = {}, .data = {{"password", "hunter2"}, {"user", "bob"}}};
  pod.objects.claims["data"] = {};
  return pod;
}

/// The files by path, each as "a.conf 0644 A". The text of Secrets is included.
Words files_of(const VolumeFiles& files) {
  Words lines;
  for (const VolumeFile& file : files.list)
    lines.push_back(fmt::format("{} {:04o} {}", file.path, file.mode, file.content.text));
  return lines;
}
VolumeFiles on_disk(const Pod& pod) {
  const auto steps = all<file::WriteVolume>(plan_of(pod).files);
  EXPECT_EQ(steps.size(), 1U);
  return steps.empty() ? VolumeFiles{} : steps.front().files;
}
VolumeFiles in_memory(const Pod& pod) {
  const auto steps = all<memory::Files>(plan_of(pod).memory);
  EXPECT_EQ(steps.size(), 1U);
  return steps.empty() ? VolumeFiles{} : steps.front().files;
}
host::CloneTree tree_of(const Pod& pod) { return all<host::CloneTree>(plan_of(pod).containers.at(0).host).back(); }
step::AttachTree attached(const Pod& pod) { return all<step::AttachTree>(plan_of(pod).containers.at(0).child).back(); }

TEST(ConfigMapVolumes, AConfigMapVolumeHasAFileForEachKeyWithItsMode) {
  EXPECT_EQ(files_of(on_disk(pod_with(ConfigMapFiles{.name = "app"}))), (Words{"a.conf 0644 A", "b.conf 0644 B"}));
  EXPECT_EQ(files_of(on_disk(pod_with(ConfigMapFiles{.name = "app", .default_mode = 0400}))),
            (Words{"a.conf 0400 A", "b.conf 0400 B"}));
}

TEST(ConfigMapVolumes, ItemsChooseTheKeysPathsAndModesOfAConfigMapVolume) {
  EXPECT_EQ(files_of(on_disk(pod_with(ConfigMapFiles{.name = "app",
                                                     .items = {{.key = "b.conf", .path = "etc//./b", .mode = 0600},
                                                               {.key = "a.conf", .path = "a", .mode = {}}}}))),
            (Words{"a 0644 A", "etc/b 0600 B"}));
}

TEST(ConfigMapVolumes, AConfigMapOrSecretVolumeIsAlwaysReadOnly) {
  EXPECT_TRUE(attached(pod_with(ConfigMapFiles{.name = "app"})).read_only);
  EXPECT_TRUE(attached(pod_with(SecretFiles{.name = "db"})).read_only);
  EXPECT_FALSE(attached(pod_with(EmptyDir{})).read_only);
}

TEST(ConfigMapVolumes, AMissingObjectOrKeyIsAnErrorUnlessItIsOptional) {
  EXPECT_EQ(error_of(pod_with(ConfigMapFiles{.name = "web"})), "volume v: no document declares the ConfigMap web");
  EXPECT_EQ(error_of(pod_with(SecretFiles{.name = "db", .items = {{.key = "pin", .path = "pin", .mode = {}}}})),
            "volume v: the Secret db has no key \"pin\"");
  EXPECT_EQ(files_of(on_disk(pod_with(ConfigMapFiles{.name = "web", .optional = true}))), Words{});
  EXPECT_EQ(files_of(in_memory(pod_with(SecretFiles{
                .name = "db",
                .items = {{.key = "pin", .path = "pin", .mode = {}}, {.key = "user", .path = "u", .mode = {}}},
                .optional = true}))),
            Words{"u 0644 bob"});
}

TEST(ConfigMapVolumes, AnInvalidItemPathIsRefused) {
  const auto with_paths = [](std::string first, std::string second) {
    return error_of(pod_with(ConfigMapFiles{.name = "app",
                                            .items = {{.key = "a.conf", .path = std::move(first), .mode = {}},
                                                      {.key = "b.conf", .path = std::move(second), .mode = {}}}}));
  };
  EXPECT_EQ(with_paths("..data", "b"), "volume v: \"..data\": names that begin with \"..\" are the volume's own");
  EXPECT_EQ(with_paths("a/b/c", "a"), "volume v: a is a file, so that a/b/c cannot lie in it");
  EXPECT_EQ(with_paths("./", "a"), "volume v: \"./\" is not the path of a file");
}

TEST(SecretVolumes, ASecretVolumeIsInMemoryAndItsTextIsNeverPrinted) {
  const Pod pod = pod_with(SecretFiles{.name = "db", .default_mode = 0400});
  const PodPlan plan = plan_of(pod);
  EXPECT_EQ(files_of(in_memory(pod)), (Words{"password 0400 hunter2", "user 0400 bob"}));
  EXPECT_TRUE(all<file::WriteVolume>(plan.files).empty());
  EXPECT_TRUE(tree_of(pod).in_memory);
  for (const std::string& shown : {to_text(plan), to_json(plan), to_script(plan)}) {
    EXPECT_EQ(shown.find("hunter2"), std::string::npos);
    EXPECT_EQ(shown.find("bob"), std::string::npos);
  }
  EXPECT_NE(to_json(plan).find("\"content\": \"<secret db/password>\""), std::string::npos);
  EXPECT_NE(to_script(plan).find("printf %s '<secret db/password>'"), std::string::npos);
}

TEST(ProjectedVolumes, AProjectedVolumeMergesItsSourcesAndTheLastOneWins) {
  const Pod pod = pod_with(Projected{
      .sources = {ConfigMapFiles{.name = "app"}, ServiceAccountToken{.path = "token"},
                  ConfigMapFiles{.name = "app", .items = {{.key = "b.conf", .path = "a.conf", .mode = 0444}}}},
      .default_mode = 0440});
  EXPECT_EQ(files_of(on_disk(pod)), (Words{"a.conf 0444 B", "b.conf 0440 B"})) << "the later source wins";
}

TEST(ProjectedVolumes, AProjectedVolumeWithASecretIsWhollyInMemory) {
  const Pod pod = pod_with(Projected{.sources = {ConfigMapFiles{.name = "app"}, SecretFiles{.name = "db"}}});
  EXPECT_EQ(in_memory(pod).list.size(), 4U);
  EXPECT_EQ(in_memory(pod).list.front().content.secret, "") << "a ConfigMap's text may be seen";
  EXPECT_TRUE(tree_of(pod).in_memory);
}

TEST(EmptyDirs, AnEmptyDirInMemoryIsSizedAsByKubernetes) {
  HostFacts facts = fixtures::facts();
  facts.memory = 8LL << 30;
  const auto bytes = [&](Pod pod) {
    return all<memory::EmptyDir>(plan_of(pod, facts).memory).at(0).bytes;
  };
  Pod pod = pod_with(EmptyDir{.medium = Medium::Memory, .size_limit = {}});
  EXPECT_EQ(bytes(pod), 8ULL << 30) << "what the host has";
  pod.spec.containers[0].resources.limits["memory"] = {.units = 64 << 20};
  EXPECT_EQ(bytes(pod), 64ULL << 20) << "what the pod may use";
  EXPECT_EQ(bytes(pod_with(EmptyDir{.medium = Medium::Memory, .size_limit = Quantity{.units = 1 << 20}})), 1ULL << 20);
  EXPECT_EQ(all<file::MakeDirectory>(plan_of(pod).files).size(), 2U) << "nothing on disk";
}

TEST(HostPaths, AHostPathWithATypeIsChecked) {
  const auto checks = all<file::CheckHostPath>(plan_of(pod_with(HostPath{"/dev/x", HostPathType::CharDevice})).files);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(describe(FileStep{checks[0]}).detail, "hostPath /dev/x of volume v: CharDevice");
}

TEST(HostPaths, AMountedHostPathWithoutATypeIsMadeIfItIsMissing) {
  Pod pod = pod_with(HostPath{"/srv", HostPathType::Any});
  const auto checks = all<file::CheckHostPath>(plan_of(pod).files);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(describe(FileStep{checks[0]}).detail,
            "hostPath /srv of volume v: a directory (0755) is made if nothing is there");
  pod.spec.containers[0].volume_mounts.clear();
  EXPECT_TRUE(all<file::CheckHostPath>(plan_of(pod).files).empty()) << "nobody mounts it";
}

TEST(HostPaths, AHostPathsDevicesNeedADeviceTypeOrPrivilege) {
  EXPECT_EQ(tree_of(pod_with(HostPath{"/dev/x", HostPathType::CharDevice})).devices, host::Devices::Usable);
  EXPECT_EQ(tree_of(pod_with(HostPath{"/dev", HostPathType::Directory})).devices, host::Devices::Refused);
  EXPECT_EQ(tree_of(pod_with(HostPath{"/dev/fuse", HostPathType::Any})).devices, host::Devices::Refused);
  EXPECT_EQ(tree_of(pod_with(HostPath{"/dev/null", HostPathType::Any})).devices, host::Devices::Usable)
      << "every container has that device";
  Pod privileged = pod_with(HostPath{"/dev", HostPathType::Directory});
  privileged.spec.containers[0].security_context.privileged = true;
  EXPECT_EQ(tree_of(privileged).devices, host::Devices::AsOnHost);
}

TEST(Claims, AClaimIsStoredOutsideThePodBelowItsNamespace) {
  const Pod pod = pod_with(ClaimVolume{.claim_name = "data", .read_only = true});
  const auto made = all<file::MakeDirectory>(plan_of(pod).files);
  EXPECT_EQ(made.at(1).path, "/var/lib/podrun/volumes");
  EXPECT_EQ(made.at(1).mode, 0700U) << "of the host's users";
  EXPECT_EQ(made.at(2).path, "/var/lib/podrun/volumes/default/data");
  EXPECT_EQ(tree_of(pod).source, made.at(2).path);
  EXPECT_TRUE(attached(pod).read_only);
}

TEST(Claims, AClaimThatNoDocumentDeclaresIsMade) {
  const auto made = all<file::MakeDirectory>(plan_of(pod_with(ClaimVolume{.claim_name = "other"})).files);
  EXPECT_EQ(made.at(2).path, "/var/lib/podrun/volumes/default/other");
}

TEST(ImageVolumes, AnImageVolumeIsReadOnlyAndNotExecutable) {
  const Pod pod = pod_with(ImageVolume{.reference = "localhost/busybox"});
  EXPECT_EQ(tree_of(pod).source, "/images/localhost/busybox/latest/rootfs");
  EXPECT_TRUE(tree_of(pod).no_exec);
  EXPECT_TRUE(attached(pod).read_only);
  EXPECT_TRUE(image_references(pod_with(ImageVolume{.reference = "other"})).contains("other"));
}

TEST(VolumeMounts, AMountsSubPathAndRecursiveReadOnlyAreInThePlan) {
  const Pod part = pod_with(EmptyDir{}, {.name = {}, .mount_path = {}, .sub_path = "a/b"});
  EXPECT_EQ(tree_of(part).sub_path, "a/b");
  EXPECT_TRUE(tree_of(part).make_sub_path);
  const Pod of_config = pod_with(ConfigMapFiles{.name = "app"}, {.name = {}, .mount_path = {}, .sub_path = "a.conf"});
  EXPECT_TRUE(tree_of(of_config).make_sub_path) << "as the kubelet does where there is no such key";
  const Pod of_image = pod_with(ImageVolume{.reference = "localhost/busybox"},
                                {.name = {}, .mount_path = {}, .sub_path = "etc"});
  EXPECT_FALSE(tree_of(of_image).make_sub_path);
  EXPECT_FALSE(attached(pod_with(EmptyDir{}, {.name = {}, .mount_path = {}, .read_only = true})).recursive);
  EXPECT_TRUE(attached(pod_with(EmptyDir{}, {.name = {}, .mount_path = {}, .read_only = true,
                                             .recursive_read_only = RecursiveReadOnly::IfPossible})).recursive);
}

TEST(VolumeMounts, SubPathExprIsExpandedAndItsResultIsChecked) {
  const auto with = [](std::string expression, std::string value) {
    VolumeMount mount;
    mount.sub_path_expr = std::move(expression);
    Pod pod = pod_with(EmptyDir{}, mount);
    pod.spec.containers[0].env = {{"NAME", std::move(value)}, {"KEY", SecretKeyRef{.name = "db", .key = "user"}}};
    return pod;
  };
  EXPECT_EQ(tree_of(with("logs/$(NAME)", "web")).sub_path, "logs/web");
  const std::string refused = "container app: subPathExpr ";
  EXPECT_EQ(error_of(with("$(OTHER)/x", "")),
            refused + "$(OTHER)/x wants the variable OTHER, which is missing or empty");
  EXPECT_EQ(error_of(with("a$(NAME)", "")), refused + "a$(NAME) wants the variable NAME, which is missing or empty");
  EXPECT_EQ(error_of(with("$(NAME)", "../x")), refused + "$(NAME) is ../x, but it must not contain \"..\"");
  EXPECT_EQ(error_of(with("$(KEY)", "")), refused + "$(KEY) holds the text of a Secret");
}

TEST(DownwardApiVolumes, ADownwardApiVolumeHoldsThePodsFieldsAndResources) {
  Pod pod = pod_with(
      DownwardApiFiles{.items = {{.path = "labels", .source = FieldRef{"metadata.labels"}, .mode = {}},
                                 {.path = "memory",
                                  .source = ResourceFieldRef{"limits.memory", "app", Quantity{.units = 1 << 20}},
                                  .mode = 0400}}});
  pod.metadata.labels = {{"app", "web"}, {"tier", "a\"b"}};
  pod.spec.containers[0].resources.limits["memory"] = {.units = 64 << 20};
  EXPECT_EQ(files_of(on_disk(pod)), (Words{"labels 0644 app=\"web\"\ntier=\"a\\\"b\"", "memory 0400 64"}));
  std::get<DownwardApiFiles>(pod.spec.volumes[0].source).items[1].source = ResourceFieldRef{"limits.cpu", "nobody", {}};
  EXPECT_EQ(error_of(pod), "volume v: no container is called \"nobody\"");
}

TEST(VolumeMounts, AContainerWithMountPropagationGetsAPrivateMountNamespace) {
  const Pod pod = pod_with(HostPath{"/srv"},
                           {.name = {}, .mount_path = {}, .mount_propagation = MountPropagation::HostToContainer});
  const auto plan = plan_of(pod).containers.at(0);
  EXPECT_EQ(source_of(plan.namespaces, NamespaceKind::Mnt).owner, NamespaceOwner::Private);
  EXPECT_EQ(plan.remarks, Words{"mnt is private, with pivot_root: it asks for mountPropagation"});
  EXPECT_EQ(tree_of(pod).propagation, MountPropagation::HostToContainer);
}

TEST(FsGroup, EveryVolumeThatPodrunMakesIsGivenToTheFsGroup) {
  const auto grouped = [](decltype(Volume::source) source) {
    Pod pod = pod_with(std::move(source));
    pod.spec.security_context.fs_group = 2000;
    return plan_of(pod);
  };
  const auto made = all<file::MakeDirectory>(grouped(EmptyDir{}).files).at(1);
  EXPECT_EQ(made.mode, 02777U);
  EXPECT_EQ(made.group, 2000U);
  const auto memory = all<memory::EmptyDir>(grouped(EmptyDir{.medium = Medium::Memory, .size_limit = {}}).memory).at(0);
  EXPECT_EQ(memory.mode, 02777U);
  EXPECT_EQ(memory.group, 2000U);
  const VolumeFiles files =
      all<file::WriteVolume>(grouped(ConfigMapFiles{.name = "app", .default_mode = 0400}).files).at(0).files;
  EXPECT_EQ(files_of(files), (Words{"a.conf 0440 A", "b.conf 0440 B"}));
  EXPECT_EQ(files.group, 2000U);
  EXPECT_EQ(files.below, 02755U);
  EXPECT_EQ(all<file::GiveToGroup>(grouped(ClaimVolume{.claim_name = "data"}).files).size(), 1U);
  EXPECT_TRUE(all<file::GiveToGroup>(grouped(ClaimVolume{.claim_name = "data", .read_only = true}).files).empty());
  EXPECT_TRUE(all<file::GiveToGroup>(grouped(HostPath{"/srv"}).files).empty());
}

TEST(FsGroup, OnRootMismatchSkipsAClaimWhoseRootHasTheFsGroup) {
  Pod pod = pod_with(ClaimVolume{.claim_name = "data"});
  pod.spec.security_context.fs_group = 2000;
  EXPECT_FALSE(all<file::GiveToGroup>(plan_of(pod).files).at(0).unless_root_has_it);
  pod.spec.security_context.fs_group_change_policy = FsGroupChangePolicy::OnRootMismatch;
  EXPECT_TRUE(all<file::GiveToGroup>(plan_of(pod).files).at(0).unless_root_has_it);
}

}  // namespace
}  // namespace podrun::pod
