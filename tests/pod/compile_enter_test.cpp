// What one more process in a container gets: all of the container's, or only some of its namespaces.
#include "pod/compile_enter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "pod/plan_fields.hpp"
#include "pod/verify_entering.hpp"
#include "tests/pod/fixtures.hpp"

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

TEST(Entering, TakesTheContainersIdsRightsAndDirectoryInTheOrderOfAStart) {
  EXPECT_EQ(fixtures::step_names(entering({.argv = {"ls"}, .kinds = every_kind()}).child),
            (Words{"ResetSignals", "NotDumpable", "NewSession", "EnterNamespaces", "Chroot", "WorkingDirectory",
                   "BoundCapabilities", "RefuseCalls", "SetIds", "NoNewPrivileges", "SetCapabilities", "ParentDeathSignal",
                   "CloseDescriptors", "Exec"}));
}

TEST(Entering, ExecutesItsOwnCommandInTheContainersEnvironment) {
  const auto into = target();
  const auto plan = entering({.argv = {"ls", "-l"}, .kinds = every_kind(), .host_environment = {"SECRET=1"}}, into);
  const auto& exec = std::get<step::Exec>(plan.child.back());
  EXPECT_EQ(exec.argv, (Words{"ls", "-l"}));
  EXPECT_EQ(exec.env, std::get<step::Exec>(into.child.back()).env);
  EXPECT_EQ(all<step::SetIds>(plan.child).at(0).uid, 1000U);
  EXPECT_EQ(all<step::WorkingDirectory>(plan.child).at(0).path, "/srv");
}

TEST(Entering, ATerminalIsToldToTheProgramUnlessTheManifestDoes) {
  const auto term_of = [](const ContainerPlan& into) {
    Words terms;
    const auto plan = entering({.argv = {"sh"}, .kinds = every_kind(), .terminal = "xterm"}, into);
    EXPECT_EQ(all<step::ConnectTerminal>(plan.child).at(0).terminal, enter_slot::terminal);
    EXPECT_EQ(plan.descriptors.size(), 5U);
    for (const auto& variable : std::get<step::Exec>(plan.child.back()).env)
      if (variable.starts_with("TERM=")) terms.push_back(variable);
    return terms;
  };
  EXPECT_EQ(term_of(target()), Words{"TERM=xterm"});
  auto container = fixtures::container();
  container.env = {{"TERM", "dumb"}};
  EXPECT_EQ(term_of(fixtures::plan_of(container)), Words{"TERM=dumb"});
}

TEST(Entering, TheNamespacesAreThoseThatAreNotTheHostsAnyway) {
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

TEST(Entering, WhoKeepsTheHostsRootKeepsTheCallersRightsAndEnvironment) {
  const auto plan =
      entering({.argv = {"tcpdump"}, .kinds = {NamespaceKind::Net}, .host_environment = {"PATH=/usr/sbin"}});
  EXPECT_EQ(fixtures::step_names(plan.child),
            (Words{"ResetSignals", "NotDumpable", "NewSession", "EnterNamespaces", "ParentDeathSignal",
                   "CloseDescriptors", "Exec"}));
  EXPECT_EQ(std::get<step::Exec>(plan.child.back()).env, Words{"PATH=/usr/sbin"});
}

// ---- laws ----

/// What verify_entering() says of a good plan after a change.
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

TEST(EnteringLaws, AreKeptByTheCompiler) {
  EXPECT_EQ(verdict_after([](Steps&) {}), "");
}

TEST(EnteringLaws, TheOrderIsFixed) {
  EXPECT_EQ(verdict_after([](Steps& steps) { std::swap(steps[1], steps[3]); }),
            "an entering plan breaks law 1: NewSession comes too late");
  EXPECT_EQ(verdict_after([](Steps& steps) { steps.push_back(steps.back()); }),
            "an entering plan breaks law 1: Exec comes too late");
}

TEST(EnteringLaws, WhatProtectsTheHostIsThere) {
  EXPECT_EQ(verdict_after(remove<step::NotDumpable>), "an entering plan breaks law 2: there is no NotDumpable");
  EXPECT_EQ(verdict_after(remove<step::CloseDescriptors>),
            "an entering plan breaks law 2: there is no CloseDescriptors");
}

TEST(EnteringLaws, NothingIsMounted) {
  EXPECT_EQ(verdict_after([](Steps& steps) {
              steps.insert(steps.begin() + 4, step::MountProc{.root = enter_slot::root, .path = "/proc"});
            }),
            "an entering plan breaks law 3: MountProc would change the container");
}

TEST(EnteringLaws, TheHostsPowersDoNotMeetTheContainersRoot) {
  EXPECT_EQ(verdict_after(remove<step::Chroot>), "an entering plan breaks law 4: there is no Chroot");
  EXPECT_EQ(verdict_after(remove<step::SetIds>),
            "an entering plan breaks law 4: there is a Chroot, but no SetIds");
}

TEST(EnteringLaws, EverySlotIsThere) {
  EXPECT_EQ(verdict_after([](Steps& steps) { std::get<step::ConnectTerminal>(steps[6]).terminal = 5; }),
            "an entering plan breaks law 5: nothing provides what ConnectTerminal uses");
}

}  // namespace
}  // namespace podrun::pod
