// The plans of exec and debug: all of a container's namespaces and rights, or only some of its namespaces.
#include "pod/compile/compile_enter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pod/compile/compile_security.hpp"
#include "pod/plan/plan_fields.hpp"
#include "pod/plan/verify_entering.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::all;
using fixtures::Words;

ContainerPlan target(std::optional<std::int64_t> user = 1000) {
  auto container = fixtures::container();
  container.working_dir = "/srv";
  container.env = {{"COLOUR", "blue"}};
  container.security_context = {.run_as_user = user, .allow_privilege_escalation = false};
  return fixtures::plan_of(container);
}

ContainerPlan entering(EnterRequest request, const ContainerPlan& into = target()) {
  const auto plan = compile_enter(into, std::move(request));
  const auto verdict = verify_entering(plan);
  EXPECT_TRUE(verdict) << verdict.error().message;
  return plan;
}

TEST(Entering, AnEnteringProcessTakesItsStepsInTheOrderOfAStart) {
  EXPECT_EQ(fixtures::step_names(entering({.argv = {"ls"}, .kinds = every_kind()}).child),
            (Words{"ResetSignals", "NotDumpable", "NewSession", "ResetOomScore", "EnterNamespaces", "Chroot",
                   "WorkingDirectory", "ResourceLimits", "BoundCapabilities", "Seccomp", "SetIds", "NoNewPrivileges",
                   "SetCapabilities", "ParentDeathSignal", "CloseDescriptors", "Exec"}));
}

TEST(Entering, AnEnteringProcessRunsItsCommandInTheContainersEnvironment) {
  const auto into = target();
  const auto plan = entering({.argv = {"ls", "-l"}, .kinds = every_kind(), .host_environment = {"SECRET=1"}}, into);
  const auto& exec = std::get<step::Exec>(plan.child.back());
  EXPECT_EQ(exec.argv, (Words{"ls", "-l"}));
  EXPECT_EQ(exec.env, std::get<step::Exec>(into.child.back()).env);
  EXPECT_EQ(all<step::SetIds>(plan.child).at(0).uid, 1000U);
  EXPECT_EQ(all<step::WorkingDirectory>(plan.child).at(0).path, "/srv");
}

TEST(Entering, TermIsSetWithATerminalUnlessTheManifestSetsIt) {
  const auto term_of = [](const ContainerPlan& into) {
    Words terms;
    const auto plan = entering({.argv = {"sh"}, .kinds = every_kind(), .terminal = "xterm"}, into);
    EXPECT_EQ(plan.descriptors.at(all<step::ConnectTerminal>(plan.child).at(0).terminal), "terminal");
    for (const auto& variable : std::get<step::Exec>(plan.child.back()).env)
      if (variable.starts_with("TERM=")) terms.push_back(variable);
    return terms;
  };
  EXPECT_EQ(term_of(target()), Words{"TERM=xterm"});
  auto container = fixtures::container();
  container.env = {{"TERM", "dumb"}};
  EXPECT_EQ(term_of(fixtures::plan_of(container)), Words{"TERM=dumb"});
}

TEST(Entering, OnlyNamespacesThatAreNotTheHostsAreEntered) {
  const auto kinds = [](NamespaceSet asked) {
    const auto enters = all<step::EnterNamespaces>(entering({.argv = {"ip"}, .kinds = std::move(asked)}).child);
    return enters.empty() ? NamespaceSet{} : enters.at(0).kinds;
  };
  using enum NamespaceKind;
  EXPECT_EQ(kinds(every_kind()), (NamespaceSet{Mnt, Net, Ipc, Uts}));
  EXPECT_EQ(kinds({Net, Time}), NamespaceSet{Net});
  EXPECT_EQ(kinds({Pid}), NamespaceSet{});
  const auto only_pid = entering({.argv = {"ps"}, .kinds = {Pid}});
  EXPECT_EQ(only_pid.pid_namespace, enter_slot::container);
  EXPECT_EQ(entering({.argv = {"ip"}, .kinds = {Net}}).pid_namespace, std::nullopt);
}

TEST(Entering, TheCallersRightsAndEnvironmentAreKeptWithTheHostsRoot) {
  const auto plan =
      entering({.argv = {"tcpdump"}, .kinds = {NamespaceKind::Net}, .host_environment = {"PATH=/usr/sbin"}});
  EXPECT_EQ(fixtures::step_names(plan.child),
            (Words{"ResetSignals", "NotDumpable", "NewSession", "ResetOomScore", "EnterNamespaces",
                   "ParentDeathSignal", "CloseDescriptors", "Exec"}));
  EXPECT_EQ(std::get<step::Exec>(plan.child.back()).env, Words{"PATH=/usr/sbin"});
}

/// The system calls that podrun itself denies in a plan.
SeccompDenials refused_in(const ContainerPlan& plan) {
  for (const auto& filter : all<step::Seccomp>(plan.child))
    if (filter.own) {
      EXPECT_EQ(*filter.rules, denial_filter(*filter.own));
      return *filter.own;
    }
  ADD_FAILURE() << "nothing is refused";
  return {};
}

TEST(Entering, AnEnteringProcessGetsEverySeccompFilterOfTheContainer) {
  for (const bool escalation : {true, false}) {
    auto container = fixtures::container();
    container.security_context.allow_privilege_escalation = escalation;
    container.security_context.seccomp_profile = {.type = SeccompProfile::Type::RuntimeDefault};
    Words profiles;
    for (const auto& filter :
         all<step::Seccomp>(entering({.argv = {"ls"}, .kinds = every_kind()}, fixtures::plan_of(container)).child))
      profiles.push_back(filter.profile);
    EXPECT_EQ(profiles, (Words{"podrun", "RuntimeDefault"})) << escalation;
  }
}

TEST(Entering, AnEnteringProcessIsAlsoDeniedCloneParent) {
  const auto into = target();
  SeccompDenials expected = refused_in(into);
  EXPECT_FALSE(expected.siblings) << "its PIDs are its own";
  expected.siblings = true;
  EXPECT_EQ(refused_in(entering({.argv = {"ls"}, .kinds = every_kind()}, into)), expected);
}

TEST(Entering, AnEnteringProcessGetsTheContainersResourceLimits) {
  Pod pod = fixtures::pod();
  pod.metadata.annotations["podrun.io/limit-nofile"] = "2000:3000";
  const auto limits = all<step::ResourceLimits>(
      entering({.argv = {"ls"}, .kinds = every_kind()}, fixtures::plan_of(pod).containers.at(0)).child);
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0].limits.at(static_cast<std::size_t>(Resource::Nofile)),
            (ResourceLimit{Resource::Nofile, 2000, 3000}));
}

// ---- debug ----

ContainerPlan debugging(const Pod& pod, const std::string& terminal = "") {
  const Image tools{.reference = "tools", .rootfs = "/images/tools", .config = {.cmd = {"/bin/bash"}}};
  auto stand_in = compile_stand_in(pod, 0, tools, {}, fixtures::facts(), fixtures::run_parameters());
  EXPECT_TRUE(stand_in) << stand_in.error().message;
  const auto plan = compile_debug(stand_in.value_or(ContainerPlan{}), "/debug", terminal);
  const auto verdict = verify_entering(plan);
  EXPECT_TRUE(verdict) << verdict.error().message;
  return plan;
}

TEST(Debugging, ADebugContainerHasItsOwnRootInACopyOfThePodsMountNamespace) {
  const auto plan = debugging(fixtures::pod());
  const auto names = fixtures::step_names(plan.child);
  EXPECT_EQ((Words{names.begin(), names.begin() + 8}),
            (Words{"ResetSignals", "NotDumpable", "NewSession", "ResetOomScore", "EnterNamespaces", "EnterNamespaces",
                   "OwnMounts", "AttachOwnRoot"}));
  using enum NamespaceKind;
  const auto enters = all<step::EnterNamespaces>(plan.child);
  EXPECT_EQ(enters[0].of, enter_slot::container);
  EXPECT_EQ(enters[0].kinds, (NamespaceSet{Net, Ipc, Uts}));
  EXPECT_EQ(enters[1].of, enter_slot::aux_fd);
  EXPECT_EQ(enters[1].kinds, NamespaceSet{Mnt});
  EXPECT_EQ(plan.pid_namespace, enter_slot::container);
  EXPECT_EQ(all<step::PivotRoot>(plan.child).size(), 1U);
}

TEST(Debugging, ADebugContainerTakesNoEnvUserOrMountsFromTheContainer) {
  auto container = fixtures::with_mounts({{.name = "site", .mount_path = "/srv"}});
  container.env = {{"COLOUR", "blue"}};
  container.security_context = {.run_as_user = 1000, .allow_privilege_escalation = false};
  const auto plan = debugging(fixtures::pod({container}));
  const auto& exec = std::get<step::Exec>(plan.child.back());
  EXPECT_EQ(exec.argv, Words{"/bin/bash"});
  EXPECT_EQ(std::ranges::count(exec.env, "COLOUR=blue"), 0);
  EXPECT_EQ(all<step::SetIds>(plan.child).at(0).uid, 0U);
  EXPECT_EQ(std::ranges::count(fixtures::mount_points(plan), "/srv"), 0);
  EXPECT_EQ(std::ranges::count(fixtures::mount_points(plan), "/etc/hosts"), 1);
  const auto roots = all<host::OverlayRoot>(plan.host);
  EXPECT_EQ(roots.at(0).layers, Words{"/images/tools"});
  EXPECT_EQ(roots.at(0).layer, host::Layer::Memory);
}

TEST(Debugging, ADebugContainerHasItsDenialsAndTheContainersLimits) {
  Pod pod = fixtures::pod();
  pod.metadata.annotations["podrun.io/limit-nofile"] = "app: 2000";
  const auto plan = debugging(pod);
  EXPECT_TRUE(refused_in(plan).user_namespaces);
  EXPECT_TRUE(refused_in(plan).siblings);
  EXPECT_EQ(all<step::ResourceLimits>(plan.child).at(0).limits.at(static_cast<std::size_t>(Resource::Nofile)).hard,
            2000U);
}

TEST(Debugging, ADebugTerminalIsInTheDevptsOfItsOwnRoot) {
  const auto plan = debugging(fixtures::pod(), "xterm");
  EXPECT_TRUE(all<step::MountPts>(plan.child).empty());
  EXPECT_EQ(std::ranges::count(fixtures::attached(plan), "devpts /dev/pts"), 1);
  EXPECT_EQ(all<step::MountPts>(debugging(fixtures::pod()).child).size(), 1U);
}

// ---- invariants ----

/// The message of verify_entering() for a good plan after a change.
template <typename Change>
std::string verdict_after(Change change) {
  auto plan = compile_enter(target(), {.argv = {"ls"}, .kinds = every_kind(), .terminal = "xterm"});
  change(plan.child);
  const auto verdict = verify_entering(plan);
  return verdict ? "" : verdict.error().message;
}

template <typename Step>
void remove(std::vector<ChildStep>& steps) {
  std::erase_if(steps, [](const ChildStep& step) { return std::holds_alternative<Step>(step); });
}

using Steps = std::vector<ChildStep>;

TEST(EnteringLaws, ACompiledEnteringPlanIsAccepted) {
  EXPECT_EQ(verdict_after([](Steps&) {}), "");
}

TEST(EnteringLaws, AStepOutOfOrderIsRefused) {
  EXPECT_EQ(verdict_after([](Steps& steps) { std::swap(steps[1], steps[3]); }),
            "an entering plan breaks law 1: NewSession comes too late");
  EXPECT_EQ(verdict_after([](Steps& steps) { steps.push_back(steps.back()); }),
            "an entering plan breaks law 1: Exec comes too late");
}

TEST(EnteringLaws, AMissingProtectiveStepIsRefused) {
  EXPECT_EQ(verdict_after(remove<step::NotDumpable>), "an entering plan breaks law 2: there is no NotDumpable");
  EXPECT_EQ(verdict_after(remove<step::CloseDescriptors>),
            "an entering plan breaks law 2: there is no CloseDescriptors");
}

TEST(EnteringLaws, AMountStepIsRefused) {
  EXPECT_EQ(verdict_after([](Steps& steps) {
              steps.insert(steps.begin() + 5, step::MountProc{.root = enter_slot::aux_fd, .path = "/proc"});
            }),
            "an entering plan breaks law 3: MountProc would change the container");
}

TEST(EnteringLaws, ADebugPlanWithoutOwnMountsOrPivotRootIsRefused) {
  auto plan = debugging(fixtures::pod());
  remove<step::PivotRoot>(plan.child);
  EXPECT_EQ(verify_entering(plan).error().message, "an entering plan breaks law 4: the root is not changed");
  plan = debugging(fixtures::pod());
  remove<step::OwnMounts>(plan.child);
  EXPECT_EQ(verify_entering(plan).error().message,
            "an entering plan breaks law 3: AttachOwnRoot would change the container");
}

TEST(EnteringLaws, AHostStepOtherThanATreeIsRefused) {
  auto plan = debugging(fixtures::pod());
  plan.host.emplace_back(host::OpenInit{.to = enter_slot::aux_fd});
  EXPECT_EQ(verify_entering(plan).error().message, "an entering plan breaks law 3: OpenInit would change the pod");
}

TEST(EnteringLaws, ChrootAndSetIdsAreAcceptedOnlyTogether) {
  EXPECT_EQ(verdict_after(remove<step::Chroot>), "an entering plan breaks law 4: the root is not changed");
  EXPECT_EQ(verdict_after(remove<step::SetIds>),
            "an entering plan breaks law 4: the root is changed, but there is no SetIds");
}

TEST(EnteringLaws, AStepThatUsesAMissingSlotIsRefused) {
  EXPECT_EQ(verdict_after([](Steps& steps) { std::get<step::ConnectTerminal>(steps[7]).terminal = 5; }),
            "an entering plan breaks law 5: nothing provides what ConnectTerminal uses");
}

}  // namespace
}  // namespace podrun::pod
