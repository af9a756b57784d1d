// Seccomp profiles: those in files, RuntimeDefault, and the system calls that podrun itself denies.
#include "pod/seccomp/seccomp_profile.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pod/annotations/composition.hpp"
#include "pod/compile/compile.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/spec/capabilities.hpp"

namespace podrun::pod {
namespace {

std::string mistake(const std::string& json) {
  const auto profile = parse_seccomp_profile(json);
  return profile ? "" : profile.error().message;
}

/// The rules of a filter that name a system call.
std::vector<SeccompRule> rules_for(const SeccompFilter& filter, const std::string& call) {
  std::vector<SeccompRule> rules;
  std::ranges::copy_if(filter.rules, std::back_inserter(rules), [&](const SeccompRule& rule) {
    return std::ranges::find(rule.names, call) != rule.names.end();
  });
  return rules;
}

TEST(SeccompProfile, AProfileIsReadWithItsActionsAndArguments) {
  const auto profile = parse_seccomp_profile(R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"],
    "syscalls": [{"names": ["read", "write"], "action": "SCMP_ACT_ALLOW", "comment": "left alone",
                  "args": [{"index": 1, "value": 7, "valueTwo": 8, "op": "SCMP_CMP_MASKED_EQ"}]},
                 {"names": ["mount"], "action": "SCMP_ACT_KILL_PROCESS"}]})");
  ASSERT_TRUE(profile) << profile.error().message;
  const SeccompFilter expected{
      .default_action = SeccompAction::Errno,
      .default_error = 38,
      .architectures = {"SCMP_ARCH_X86_64"},
      .rules = {{.names = {"read", "write"},
                 .action = SeccompAction::Allow,
                 .error = 1,
                 .arguments = {{.index = 1, .comparison = SeccompComparison::MaskedEqual, .value = 7, .value_two = 8}}},
                {.names = {"mount"}, .action = SeccompAction::KillProcess, .error = 1, .arguments = {}}}};
  EXPECT_EQ(*profile, expected);
}

TEST(SeccompProfile, AMistakeInAProfileIsAnError) {
  EXPECT_TRUE(mistake("{").starts_with("not JSON: parse error at line 1, column 2")) << mistake("{");
  EXPECT_EQ(mistake("[]"), "the profile must be an object");
  EXPECT_EQ(mistake("{}"), "the profile.defaultAction must be a string");
  EXPECT_EQ(mistake(R"({"defaultAction": "SCMP_ACT_DENY"})"),
            "the profile.defaultAction: podrun does not know \"SCMP_ACT_DENY\"");
  EXPECT_EQ(mistake(R"({"defaultAction": "SCMP_ACT_ALLOW", "sycalls": []})"),
            "the profile: podrun does not know \"sycalls\"");
  EXPECT_EQ(mistake(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_ERRNO"}]})"),
            "syscalls[0].names must name a system call");
  EXPECT_EQ(mistake(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO",
                        "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]}]})"),
            "syscalls[0].args[0].index must be a number from 0 to 5");
  EXPECT_EQ(mistake(R"({"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_LOG"]})"),
            "the profile's flags: podrun knows none");
}

TEST(RuntimeDefault, RuntimeDefaultAllowsTheCallsOfGrantedCapabilities) {
  const auto admin = default_seccomp_profile(capability_bit("SYS_ADMIN"), "x86_64");
  const auto plain = default_seccomp_profile(default_capabilities, "x86_64");
  EXPECT_TRUE(rules_for(plain, "mount").empty());
  EXPECT_EQ(rules_for(admin, "mount").size(), 1U);
  EXPECT_TRUE(rules_for(plain, "chroot").empty());
  EXPECT_EQ(rules_for(plain, "read").size(), 1U);
}

TEST(RuntimeDefault, RuntimeDefaultForbidsNamespacesInCloneAndHidesClone3) {
  const auto plain = default_seccomp_profile(default_capabilities, "x86_64");
  ASSERT_EQ(rules_for(plain, "clone").size(), 1U);
  EXPECT_EQ(rules_for(plain, "clone")[0].arguments.at(0).value, 0x7e020000U);
  ASSERT_EQ(rules_for(plain, "clone3").size(), 1U);
  EXPECT_EQ(rules_for(plain, "clone3")[0].error, 38U);
  EXPECT_EQ(rules_for(default_seccomp_profile(all_capabilities, "x86_64"), "clone3")[0].action, SeccompAction::Allow);
}

TEST(RuntimeDefault, RuntimeDefaultCoversTheArchitecturesOfTheKernel) {
  EXPECT_EQ(default_seccomp_profile(0, "x86_64").architectures.size(), 3U);
  EXPECT_EQ(default_seccomp_profile(0, "aarch64").architectures.size(), 2U);
  EXPECT_EQ(denial_filter({.machine = "x86_64"}).architectures, default_seccomp_profile(0, "x86_64").architectures);
}

// ---- podrun's own refusals ----

/// The namespaces and capabilities of a container, and the denials that depend on them.
struct ContainerComposition {
  std::string name;
  NamespaceOwner mounts, pids;
  std::uint64_t capabilities;
  std::string refused;  ///< in addition to what every container is denied
};

class DenialsByComposition : public testing::TestWithParam<ContainerComposition> {};

TEST_P(DenialsByComposition, DenialsFollowFromNamespacesAndCapabilities) {
  const ContainerComposition& composed = GetParam();
  Composition namespaces = default_composition;
  namespaces[static_cast<std::size_t>(NamespaceKind::Mnt)] = {.owner = composed.mounts};
  namespaces[static_cast<std::size_t>(NamespaceKind::Pid)] = {.owner = composed.pids};
  const SeccompDenials refused = denials_for(namespaces, composed.capabilities, {});
  std::string words = "pidfd_getfd add_key request_key keyctl socket(AF_VSOCK)";
  if (!composed.refused.empty()) words += " " + composed.refused;
  EXPECT_EQ(fmt::format("{}", fmt::join(words_of(refused), " ")), words);
  const auto filter = own_filter(refused).rules;
  ASSERT_TRUE(filter);
  for (const std::string call : {"pidfd_getfd", "keyctl", "socket", "setns", "unshare", "clone", "clone3"})
    EXPECT_EQ(rules_for(*filter, call).empty(), !words.contains(call)) << call;
}

INSTANTIATE_TEST_SUITE_P(Each, DenialsByComposition, testing::ValuesIn([] {
                           using enum NamespaceOwner;
                           const std::uint64_t plain = default_capabilities,
                                               admin = plain | capability_bit("SYS_ADMIN");
                           const std::string userns = "clone(CLONE_NEWUSER) unshare(CLONE_NEWUSER)",
                                             parent = "clone(CLONE_PARENT)";
                           return std::vector<ContainerComposition>{
                               {"ThePods", Pod, Private, plain, "setns"},
                               {"PrivateMounts", Private, Private, plain, "setns " + userns + " clone3"},
                               {"PrivateMountsToLeaveAChroot", Private, Private, plain | capability_bit("SYS_CHROOT"),
                                "setns " + userns + " clone3"},
                               {"AnothersMounts", Container, Private, plain, "setns " + userns + " clone3"},
                               {"TheHostsMounts", Host, Private, plain, "setns " + userns + " clone3"},
                               {"Administrator", Private, Private, admin, ""},
                               {"SharedPids", Pod, Pod, plain, "setns " + parent + " clone3"},
                               {"AnothersPids", Pod, Container, plain, "setns " + parent + " clone3"},
                               {"TheHostsPids", Pod, Host, plain, "setns " + parent + " clone3"},
                               {"AdministratorWithSharedPids", Private, Pod, admin, parent + " clone3"},
                               {"PrivateMountsAndSharedPids", Private, Pod, plain,
                                "setns " + userns + " " + parent + " clone3"},
                           };
                         }()),
                         [](const auto& tested) { return tested.param.name; });

TEST(DenialFilter, ADeniedCallFailsWithTheErrorThatLibrariesExpect) {
  const auto all = denial_filter({.machine = "x86_64", .entering = true, .user_namespaces = true, .siblings = true});
  EXPECT_EQ(all.default_action, SeccompAction::Allow);
  for (const auto& [call, error] :
       {std::pair{"clone", 1U}, {"unshare", 1U}, {"setns", 1U}, {"clone3", 38U}, {"socket", 97U}}) {
    ASSERT_FALSE(rules_for(all, call).empty()) << call;
    for (const SeccompRule& rule : rules_for(all, call)) {
      EXPECT_EQ(rule.error, error) << call;
      EXPECT_EQ(rule.action, SeccompAction::Errno) << call;
    }
  }
  std::vector<std::uint64_t> flags;
  for (const SeccompRule& rule : rules_for(all, "clone")) flags.push_back(rule.arguments.at(0).value_two);
  EXPECT_EQ(flags, (std::vector<std::uint64_t>{0x10000000, 0x8000}));
  EXPECT_TRUE(rules_for(all, "socket")[0].direct) << "i386's socketcall(2) would be refused as a whole";
}

}  // namespace
}  // namespace podrun::pod
