// The user of a container, its command, its environment and its working directory.
#include <gtest/gtest.h>

#include "pod/compile/compile_process.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::container;
using fixtures::image;
using Words = std::vector<std::string>;
using Ids = std::vector<std::uint32_t>;

Result<step::Exec> exec_of(const Container& container, const Image& image, const Identity& identity) {
  const auto declared = TRY(declared_variables(fixtures::pod({container}), container, "0c5a", fixtures::facts()));
  return compile_exec(container, image, identity, "web", declared);
}

// ---- command ----

/// The command of a container over an image with Entrypoint "entry" and Cmd "cmd".
Words command_of(Words command, Words args, Words entrypoint = {"entry"}, Words cmd = {"cmd"}) {
  auto it = container();
  it.command = std::move(command);
  it.args = std::move(args);
  auto with = image();
  with.config.entrypoint = std::move(entrypoint);
  with.config.cmd = std::move(cmd);
  const auto exec = exec_of(it, with, {});
  return exec ? exec->argv : Words{};
}

TEST(Command, TheImagesCommandRunsWithoutCommandAndArgs) {
  EXPECT_EQ(command_of({}, {}), (Words{"entry", "cmd"}));
}
TEST(Command, ACommandDropsTheImagesCmd) {
  EXPECT_EQ(command_of({"sh"}, {}), (Words{"sh"}));
}
TEST(Command, ArgsKeepTheImagesEntrypoint) {
  EXPECT_EQ(command_of({}, {"-v"}), (Words{"entry", "-v"}));
}
TEST(Command, CommandAndArgsReplaceEntrypointAndCmd) {
  EXPECT_EQ(command_of({"sh"}, {"-c", "x"}), (Words{"sh", "-c", "x"}));
}
TEST(Command, ArgsAreTheCommandOfAnImageWithoutEntrypoint) {
  EXPECT_EQ(command_of({}, {"ls"}, {}), (Words{"ls"}));
}

TEST(Command, AMissingCommandIsAnErrorThatNamesContainerAndImage) {
  auto it = container("worker");
  it.command = {};
  auto with = image();
  with.config.cmd = {};
  const auto exec = exec_of(it, with, {});
  ASSERT_FALSE(exec);
  EXPECT_EQ(
      exec.error().message,
      "container worker: no command: the manifest has neither command nor args, and image localhost/busybox "
      "has neither Entrypoint nor Cmd");
}

TEST(Command, ReferencesInACommandSeeOnlyTheManifestsVariables) {
  auto it = container();
  it.env = {{"WHO", "world"}};
  it.command = {"echo", "$(WHO)"};
  it.args = {"$(PATH)", "$(FROM_IMAGE)", "$$(WHO)"};
  auto with = image();
  with.config.env = {"FROM_IMAGE=x"};
  EXPECT_EQ(exec_of(it, with, {})->argv,
            (Words{"echo", "world", "$(PATH)", "$(FROM_IMAGE)", "$(WHO)"}));
}

TEST(Command, TheImagesOwnCommandIsNotExpanded) {
  auto it = container();
  it.command = {};
  it.env = {{"WHO", "world"}};
  auto with = image();
  with.config.cmd = {"echo", "$(WHO)"};
  EXPECT_EQ(exec_of(it, with, {})->argv, (Words{"echo", "$(WHO)"}));
}

TEST(Command, ANulInArgsOrEnvIsAnError) {
  using namespace std::string_literals;
  auto it = container();
  it.args = {"a\0b"s};
  EXPECT_FALSE(exec_of(it, image(), {}));
  it.args = {};
  it.env = {{"A", "a\0b"s}};
  EXPECT_FALSE(exec_of(it, image(), {}));
}

// ---- environment ----

TEST(Environment, TheEnvironmentBeginsWithPathHomeAndHostname) {
  EXPECT_EQ(exec_of(container(), image(), {.home = "/home/app"})->env,
            (Words{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/home/app",
                   "HOSTNAME=web"}));
}

TEST(Environment, ALaterValueReplacesAnEarlierOneInItsPlace) {
  auto it = container();
  it.env = {{"HOME", "/manifest"}, {"A", "manifest"}, {"B", "1"}, {"B", "2"}};
  auto with = image();
  with.config.env = {"PATH=/image", "A=image", "EMPTY=", "EQUALS=a=b"};
  EXPECT_EQ(exec_of(it, with, {})->env, (Words{"PATH=/image", "HOME=/manifest", "HOSTNAME=web",
                                                           "A=manifest", "EMPTY=", "EQUALS=a=b", "B=2"}));
}

TEST(Environment, AValueExpandsReferencesToEarlierEntriesOnly) {
  auto it = container();
  it.env = {{"LATER", "$(A)"}, {"A", "1"}, {"B", "$(A)2"}, {"A", "$(A)$(B)"}};
  const auto env = exec_of(it, image(), {})->env;
  EXPECT_EQ(Words(env.begin() + 3, env.end()), (Words{"LATER=$(A)", "A=112", "B=12"}));
}

// ---- identity ----

/// The ids of a container whose image has this `User`.
Result<Identity> identity_of(std::string user, SecurityContext security = {}) {
  auto it = container();
  it.security_context = security;
  auto with = image();
  with.config.user = std::move(user);
  return identify(it, with, {});
}

void expect_identity(const Result<Identity>& identity, std::uint32_t uid, std::uint32_t gid,
                     const Ids& groups, std::string_view home) {
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->uid, uid);
  EXPECT_EQ(identity->gid, gid);
  EXPECT_EQ(identity->groups, groups);
  EXPECT_EQ(identity->home, home);
}

TEST(Identity, AContainerWithoutAUserRunsAsRoot) {
  expect_identity(identity_of(""), 0, 0, {0, 10}, "/root");
  expect_identity(identity_of(":"), 0, 0, {0, 10}, "/root");
}

TEST(Identity, ANumericUserGetsItsGroupHomeAndMembershipsFromTheImage) {
  expect_identity(identity_of("1000"), 1000, 100, {100, 10, 27}, "/home/app");
}

TEST(Identity, ANumberWithoutAnEntryHasGroupZeroAndHomeSlash) {
  expect_identity(identity_of("4711"), 4711, 0, {0}, "/");
}

TEST(Identity, AUserNameIsLookedUpInTheImage) {
  expect_identity(identity_of("app"), 1000, 100, {100, 10, 27}, "/home/app");
}

TEST(Identity, TheImagesGroupMayBeANumberOrAName) {
  expect_identity(identity_of("1000:5"), 1000, 5, {5, 10, 27}, "/home/app");
  expect_identity(identity_of("app:logs"), 1000, 27, {27, 10}, "/home/app");
  expect_identity(identity_of("4711:users"), 4711, 100, {100}, "/");
  expect_identity(identity_of("app:7"), 1000, 7, {7, 10, 27}, "/home/app");
}

TEST(Identity, RunAsUserReplacesTheImagesUserAndItsGroup) {
  expect_identity(identity_of("app:logs", {.run_as_user = 33}), 33, 33, {33, 27}, "/srv");
  expect_identity(identity_of("app:logs", {.run_as_user = 4711}), 4711, 0, {0}, "/");
  expect_identity(identity_of("app:logs", {.run_as_user = 0}), 0, 0, {0, 10}, "/root");
}

TEST(Identity, RunAsGroupReplacesTheGroupAlone) {
  expect_identity(identity_of("app:logs", {.run_as_group = 9}), 1000, 9, {9, 10, 27}, "/home/app");
  expect_identity(identity_of("", {.run_as_group = 9}), 0, 9, {9, 10}, "/root");
  expect_identity(identity_of("", {.run_as_user = 1000, .run_as_group = 9}), 1000, 9, {9, 10, 27},
                  "/home/app");
}

TEST(Identity, AnUnknownUserOrGroupIsAnErrorThatNamesFileAndImage) {
  EXPECT_EQ(identity_of("nobody").error().message,
            "container app: the user \"nobody\" is not in /etc/passwd of image localhost/busybox");
  EXPECT_EQ(identity_of("app:staff").error().message,
            "container app: the group \"staff\" is not in /etc/group of image localhost/busybox");
}

TEST(Identity, AnIdOutOfRangeIsAnError) {
  for (const auto* user : {"4294967295", "99999999999999999999", "-1", "1000:-1", "1000:4294967296"})
    EXPECT_FALSE(identity_of(user)) << user;
  EXPECT_FALSE(identity_of("", {.run_as_user = -1}));
  EXPECT_FALSE(identity_of("", {.run_as_user = std::int64_t{1} << 32}));
  EXPECT_EQ(identity_of("4294967295").error().message,
            "container app: user 4294967295 is not an id: those go from 0 to 4294967294");
}

// ---- working directory ----

TEST(WorkingDirectory, TheManifestsDirectoryPrecedesTheImagesAndTheRoot) {
  auto it = container();
  auto with = image();
  EXPECT_EQ(*working_directory(it, with), "/");
  with.config.working_dir = "/srv";
  EXPECT_EQ(*working_directory(it, with), "/srv");
  it.working_dir = "/tmp";
  EXPECT_EQ(*working_directory(it, with), "/tmp");
}

TEST(WorkingDirectory, ARelativeWorkingDirectoryIsAnError) {
  auto it = container();
  it.working_dir = "srv";
  EXPECT_EQ(working_directory(it, image()).error().message,
            "container app: the working directory \"srv\" is not an absolute path");
}

// ---- the security context of the pod ----

TEST(Identity, AContainerInheritsThePodsRunAsUserAndRunAsGroup) {
  Pod pod = fixtures::pod({fixtures::container("silent"), fixtures::container("own")});
  pod.spec.security_context.run_as_user = 7;
  pod.spec.security_context.run_as_group = 8;
  pod.spec.containers[1].security_context.run_as_user = 9;
  const auto plan = fixtures::plan_of(pod);
  const auto ids = [&](std::size_t i) { return fixtures::all<step::SetIds>(plan.containers.at(i).child).at(0); };
  EXPECT_EQ(ids(0).uid, 7U);
  EXPECT_EQ(ids(0).gid, 8U);
  EXPECT_EQ(ids(1).uid, 9U);
  EXPECT_EQ(ids(1).gid, 8U);
}

TEST(Identity, AProcessHasThePodsSupplementalGroupsAndFsGroup) {
  auto it = container();
  it.security_context.run_as_user = 1000;
  PodSecurityContext pod{.supplemental_groups = {500, 10}, .fs_group = 600};
  expect_identity(identify(it, image(), pod), 1000, 100, {100, 10, 27, 500, 600}, "/home/app");
  pod.supplemental_groups_policy = SupplementalGroupsPolicy::Strict;
  expect_identity(identify(it, image(), pod), 1000, 100, {100, 500, 10, 600}, "/home/app");
}

TEST(Identity, RunAsNonRootRefusesRoot) {
  SecurityContext security{.run_as_non_root = true};
  EXPECT_EQ(identity_of("", security).error().message,
            "container app: runAsNonRoot, but its user is root; say runAsUser");
  expect_identity(identity_of("app", security), 1000, 100, {100, 10, 27}, "/home/app");
}

TEST(SeccompFilters, AContainersSeccompProfileReplacesThePods) {
  Pod pod = fixtures::pod({fixtures::container("silent"), fixtures::container("own"), fixtures::container("strong")});
  pod.spec.security_context.seccomp_profile = {.type = SeccompProfile::Type::RuntimeDefault};
  pod.spec.containers[1].security_context.seccomp_profile = SeccompProfile{};
  pod.spec.containers[2].security_context.privileged = true;
  const auto plan = fixtures::plan_of(pod);
  const auto names = [&](std::size_t i) {
    Words profiles;
    for (const auto& filter : fixtures::all<step::Seccomp>(plan.containers.at(i).child))
      profiles.push_back(filter.profile);
    return profiles;
  };
  EXPECT_EQ(names(0), (Words{"podrun", "RuntimeDefault"}));
  EXPECT_EQ(names(1), Words{"podrun"});
  EXPECT_EQ(names(2), Words{});
}

TEST(SeccompFilters, ALocalhostProfileIsAppliedLastWithNoNewPrivileges) {
  auto it = container();
  it.security_context.seccomp_profile = {.type = SeccompProfile::Type::Localhost, .localhost_profile = "app.json"};
  it.security_context.allow_privilege_escalation = false;
  auto on = fixtures::facts();
  EXPECT_EQ(fixtures::compiled(fixtures::pod({it}), image(), on).error().message,
            "container app: there is no seccomp profile \"app.json\"");
  on.seccomp_profiles["app.json"] = R"({"defaultAction": "SCMP_ACT_ALLOW"})";
  const auto plan = fixtures::plan_of(it, on);
  const auto names = fixtures::step_names(plan.child);
  ASSERT_GE(names.size(), 3U);
  EXPECT_EQ(names[names.size() - 3], "Seccomp");
  on.seccomp_profiles["app.json"] = "{}";
  EXPECT_EQ(fixtures::compiled(fixtures::pod({it}), image(), on).error().message,
            "seccomp profile \"app.json\": the profile.defaultAction must be a string");
}

TEST(SysctlRules, OnlySafeSysctlsOfThePodsOwnNamespacesAreAccepted) {
  Pod pod = fixtures::pod();
  const auto error = [&](const std::string& name) {
    pod.spec.security_context.sysctls = {{name, "1"}};
    return fixtures::error_of(pod);
  };
  EXPECT_EQ(error("net.ipv4.ip_unprivileged_port_start"), "");
  EXPECT_TRUE(error("kernel.core_pattern")
                  .starts_with("sysctl \"kernel.core_pattern\" is not among those that Kubernetes calls safe"));
  pod.spec.host_network = true;
  EXPECT_EQ(error("net/ipv4/tcp_syncookies"),
            "sysctl \"net/ipv4/tcp_syncookies\" would be the host's with hostNetwork: true");
}

}  // namespace
}  // namespace podrun::pod
