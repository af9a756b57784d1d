// All errors of a pod on this host at once, each with the field that it is about.
#include "pod/compile/host_errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "pod/spec/capabilities.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::container;

/// The fields of the errors, sorted.
std::vector<std::string> fields(const std::vector<Error>& errors) {
  std::vector<std::string> found;
  for (const Error& error : errors) found.push_back(error.field);
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> fields_of(const Pod& pod, const Images& images = {{"localhost/busybox", fixtures::image()}},
                                   const HostFacts& facts = fixtures::facts()) {
  return fields(host_errors(pod, images, facts, fixtures::run_parameters()));
}

TEST(HostErrors, AGoodPodHasNone) {
  EXPECT_EQ(fields_of(fixtures::pod()), (std::vector<std::string>{}));
}

TEST(HostErrors, EachContainerIsCheckedWhateverTheOthersAre) {
  Container root = container("root"), traced = container("traced"), profiled = container("profiled");
  root.security_context = {.run_as_user = 0, .run_as_non_root = true};
  traced.security_context.capabilities.add = {"CHOWN", "SYS_TIME", "SYS_BOOT"};
  profiled.security_context.seccomp_profile = {.type = SeccompProfile::Type::Localhost, .localhost_profile = "a.json"};
  HostFacts facts = fixtures::facts();
  facts.capabilities &= ~(capability_bit("SYS_TIME") | capability_bit("SYS_BOOT"));
  Pod pod = fixtures::pod({root, container("good"), traced, profiled});
  pod.spec.hostname_override = std::string(65, 'a');
  EXPECT_EQ(fields_of(pod, {{"localhost/busybox", fixtures::image()}}, facts),
            (std::vector<std::string>{"spec.containers[0].securityContext.runAsNonRoot",
                                      "spec.containers[2].securityContext.capabilities.add[1]",
                                      "spec.containers[2].securityContext.capabilities.add[2]",
                                      "spec.containers[3].securityContext.seccompProfile.localhostProfile",
                                      "spec.hostnameOverride"}));
}

TEST(HostErrors, WhatTheImageDoesNotProvideIsAtTheImage) {
  Image bare = fixtures::image();
  bare.config = {.entrypoint = {}, .cmd = {}, .env = {}, .working_dir = "srv", .user = "nobody"};
  Container silent = container();
  silent.command.clear();
  const auto errors = host_errors(fixtures::pod({silent}), {{"localhost/busybox", bare}}, fixtures::facts(),
                                  fixtures::run_parameters());
  EXPECT_EQ(fields(errors), (std::vector<std::string>(3, "spec.containers[0].image")));
}

TEST(HostErrors, AMissingImageHidesNothingElse) {
  Container root = container();
  root.security_context = {.run_as_user = 0, .run_as_non_root = true};
  root.security_context.seccomp_profile = {.type = SeccompProfile::Type::Localhost, .localhost_profile = "a.json"};
  EXPECT_EQ(fields_of(fixtures::pod({root}), {}),
            (std::vector<std::string>{"spec.containers[0].securityContext.runAsNonRoot",
                                      "spec.containers[0].securityContext.seccompProfile.localhostProfile"}));
}

TEST(HostErrors, AMissingImageIsReportedAtEachFieldThatNamesIt) {
  Pod pod = fixtures::pod({container("a"), container("b")});
  pod.spec.volumes.push_back({.name = "tools", .source = ImageVolume{.reference = "localhost/busybox"}});
  const auto errors = image_errors(pod, {{"localhost/busybox", Error{"image localhost/busybox: not found", ENOENT}}});
  EXPECT_EQ(fields(errors), (std::vector<std::string>{"spec.containers[0].image", "spec.containers[1].image",
                                                      "spec.volumes[2].image.reference"}));
  EXPECT_EQ(errors.at(0).message, "image localhost/busybox: not found");

  Container refused = container();
  refused.image.clear();
  EXPECT_EQ(fields(image_errors(fixtures::pod({refused}), {{"", Error{"image : not found", ENOENT}}})),
            std::vector<std::string>{})
      << "decoding has refused it";
}

TEST(HostErrors, MountsAndVariablesOfEachContainerAreChecked) {
  Container hidden = container("hidden"), expanded = container("expanded"), message = container("message");
  hidden.volume_mounts = {{.name = "site", .mount_path = "/a"}, {.name = "site", .mount_path = "/proc/sys"}};
  expanded.volume_mounts = {{.name = "site", .mount_path = "/a", .sub_path_expr = "$(NONE)"}};
  message.termination_message_path = "/proc/message";
  EXPECT_EQ(fields_of(fixtures::pod({hidden, expanded, message})),
            (std::vector<std::string>{"spec.containers[0].volumeMounts[1].mountPath",
                                      "spec.containers[1].volumeMounts[0].subPathExpr",
                                      "spec.containers[2].terminationMessagePath"}));
}

TEST(HostErrors, AnErrorOfAContainerHidesNoOtherOfIt) {
  Container wrong = container();
  wrong.security_context.seccomp_profile = {.type = SeccompProfile::Type::Localhost, .localhost_profile = "a.json"};
  wrong.volume_mounts = {{.name = "site", .mount_path = "/proc/sys"},
                         {.name = "site", .mount_path = "/a", .sub_path_expr = "$(NONE)"},
                         {.name = "site", .mount_path = "/"}};
  wrong.termination_message_path = "/proc/message";
  const std::vector<std::string> all{"spec.containers[0].securityContext.seccompProfile.localhostProfile",
                                     "spec.containers[0].terminationMessagePath",
                                     "spec.containers[0].volumeMounts[0].mountPath",
                                     "spec.containers[0].volumeMounts[1].subPathExpr",
                                     "spec.containers[0].volumeMounts[2].mountPath"};
  EXPECT_EQ(fields_of(fixtures::pod({wrong})), all);
  EXPECT_EQ(fields_of(fixtures::pod({wrong}), {}), all) << "without the image";
}

TEST(HostErrors, WithoutItsVariablesNothingIsSaidOfASubPathExpr) {
  Container wrong = container();
  wrong.env = {{.name = "A", .source = ConfigMapKeyRef{.name = "none", .key = "a"}}};
  wrong.volume_mounts = {{.name = "site", .mount_path = "/a", .sub_path_expr = "$(A)"},
                         {.name = "site", .mount_path = "/"}};
  EXPECT_EQ(fields_of(fixtures::pod({wrong})),
            (std::vector<std::string>{"spec.containers[0].env[0]", "spec.containers[0].volumeMounts[1].mountPath"}));
}

TEST(HostErrors, EachVolumeIsChecked) {
  Pod pod = fixtures::pod();
  for (const char* name : {"a", "b"})
    pod.spec.volumes.push_back({.name = name, .source = ConfigMapFiles{.name = "none"}});
  EXPECT_EQ(fields_of(pod), (std::vector<std::string>{"spec.volumes[2]", "spec.volumes[3]"}));
}

TEST(HostErrors, MoreGroupsThanLinuxAllowsAreAnErrorWithOrWithoutTheImage) {
  constexpr std::int64_t most = 65536;
  Pod pod = fixtures::pod();
  for (std::int64_t group = 1; group < most; ++group) pod.spec.security_context.supplemental_groups.push_back(group);
  pod.spec.security_context.fs_group = 1;
  EXPECT_EQ(fields_of(pod), std::vector<std::string>{}) << "with the group of the process they are 65536";
  pod.spec.security_context.fs_group = most;
  const std::vector<std::string> field{"spec.containers[0].securityContext.supplementalGroups"};
  EXPECT_EQ(fields_of(pod), field);
  EXPECT_EQ(fields_of(pod, {}), field);
}

TEST(HostErrors, TheErrorOfCompileIsAmongThem) {
  Container root = container();
  root.security_context = {.run_as_user = 0, .run_as_non_root = true};
  const auto first = fixtures::compiled(fixtures::pod({root}), fixtures::image(), fixtures::facts());
  ASSERT_FALSE(first);
  EXPECT_EQ(fields_of(fixtures::pod({root})), std::vector<std::string>{first.error().field});
}

}  // namespace
}  // namespace podrun::pod
