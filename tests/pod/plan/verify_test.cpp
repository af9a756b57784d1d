// Each invariant is broken in an otherwise good plan, and the plan is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "pod/plan/verify.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

/// A plan with every step there is.
PodPlan good_plan() {
  auto it = fixtures::container();
  it.volume_mounts = {{.name = "site", .mount_path = "/srv"}, {.name = "data", .mount_path = "/srv/data"}};
  it.security_context = {.read_only_root_filesystem = true, .allow_privilege_escalation = false};
  return fixtures::compiled(fixtures::pod({it})).value();
}

using Steps = std::vector<ChildStep>;

template <typename Step>
Steps::iterator at(Steps& steps) {
  return std::ranges::find_if(steps, [](const auto& step) { return std::holds_alternative<Step>(step); });
}

template <typename Step>
Step& get(PodPlan& plan) {
  return std::get<Step>(*at<Step>(plan.containers[0].child));
}

template <typename Step>
void remove(PodPlan& plan) {
  plan.containers[0].child.erase(at<Step>(plan.containers[0].child));
}

template <typename Step>
void duplicate(PodPlan& plan) {
  auto& steps = plan.containers[0].child;
  steps.insert(at<Step>(steps), ChildStep{get<Step>(plan)});
}

template <typename Target>
void put_before(PodPlan& plan, const ChildStep& step) {
  auto& steps = plan.containers[0].child;
  steps.insert(at<Target>(steps), step);
}

/// Takes a step out and puts it just before or after another.
template <typename Step, typename Target>
void move_before(PodPlan& plan) {
  auto& steps = plan.containers[0].child;
  const ChildStep step = *at<Step>(steps);
  remove<Step>(plan);
  steps.insert(at<Target>(steps), step);
}
template <typename Step, typename Target>
void move_after(PodPlan& plan) {
  auto& steps = plan.containers[0].child;
  const ChildStep step = *at<Step>(steps);
  remove<Step>(plan);
  steps.insert(at<Target>(steps) + 1, step);
}

struct Violation {
  std::string name;
  int invariant;
  std::string sentence;  ///< how the refusal ends
  std::function<void(PodPlan&)> commit;

  friend void PrintTo(const Violation& violation, std::ostream* out) { *out << violation.name; }
};

const std::vector<Violation>& violations() {
  using namespace step;
  static const std::vector<Violation> all{
      {"TwoExecs", 1, "there is a second Exec", duplicate<Exec>},
      {"NoExec", 1, "there is no Exec", remove<Exec>},
      {"NoStepAtAll", 1, "there is no Exec", [](PodPlan& plan) { plan.containers[0].child.clear(); }},
      {"ExecNotLast", 1, "the Exec is last: nothing runs after it", move_before<Exec, Gate>},

      {"SignalsNotFirst", 2, "signals are reset first", move_after<ResetSignals, NotDumpable>},
      {"SignalsNotReset", 2, "there is no ResetSignals", remove<ResetSignals>},

      {"MountAfterChroot", 3, "every mount comes before the change of root", move_after<MountSys, Chroot>},
      {"VolumeAfterChroot", 3, "every mount comes before the change of root", move_after<AttachTree, Chroot>},
      {"ReadOnlyRootAfterChroot", 3, "every mount comes before the change of root", move_after<ReadOnlyRoot, Chroot>},
      {"EnterAfterChroot", 3, "every mount comes before the change of root", move_after<EnterNamespaces, Chroot>},
      {"TwoChroots", 3, "there is a second Chroot", duplicate<Chroot>},
      {"NoChroot", 3, "there is no Chroot", remove<Chroot>},
      {"DirectoryBeforeChroot", 3, "before the change of root its path would be one of the pod's",
       move_before<WorkingDirectory, Chroot>},

      {"BoundBeforeChroot", 4, "the change of root comes before the capabilities that it needs go",
       move_before<BoundCapabilities, Chroot>},
      {"IdsBeforeBound", 4, "the bounding set comes before the ids", move_before<SetIds, BoundCapabilities>},
      {"FilterAfterIds", 4, "the filter comes before the ids, whose change ends the right to set it",
       move_after<Seccomp, SetIds>},
      {"CapabilitiesBeforeIds", 4, "the ids come before the capabilities that they need go",
       move_before<SetCapabilities, SetIds>},
      {"NoIds", 4, "there is no SetIds", remove<SetIds>},
      {"NoBound", 4, "there is no BoundCapabilities", remove<BoundCapabilities>},
      {"NoCapabilities", 4, "there is no SetCapabilities", remove<SetCapabilities>},

      {"DeathSignalBeforeIds", 5, "PDEATHSIG comes after ids and capabilities, whose change clears it",
       move_before<ParentDeathSignal, SetIds>},
      {"DeathSignalBeforeCapabilities", 5,
       "PDEATHSIG comes after ids and capabilities, whose change clears it",
       move_before<ParentDeathSignal, SetCapabilities>},
      {"NoDeathSignal", 5, "there is no ParentDeathSignal", remove<ParentDeathSignal>},
      {"NoNewPrivilegesTooLate", 5, "no_new_privs comes before the capabilities go",
       move_after<NoNewPrivileges, SetCapabilities>},

      {"GateBeforeClose", 6, "the gate comes just before the Exec", move_before<Gate, CloseDescriptors>},
      {"NoGate", 6, "there is no Gate", remove<Gate>},
      {"NoClose", 6, "there is no CloseDescriptors", remove<CloseDescriptors>},
      {"UseAfterClose", 6, "descriptors are closed after their last use",
       move_after<ConnectStdio, CloseDescriptors>},

      {"SlotNeverProvided", 7, "nothing provides slot stdout",
       [](PodPlan& plan) { plan.containers[0].host.pop_back(); }},
      {"SlotOutOfRange", 7, "there is no slot 250", [](PodPlan& plan) { get<AttachTree>(plan).tree = 250; }},
      {"ProvidedSlotOutOfRange", 7, "there is no slot 250",
       [](PodPlan& plan) { std::get<host::OverlayRoot>(plan.containers[0].host[0]).to = 250; }},
      {"SlotProvidedTwice", 7, "slot root is provided twice",
       [](PodPlan& plan) { std::get<host::CloneTree>(plan.containers[0].host[1]).to = 4; }},
      {"LaunchSlotProvided", 7, "slot gate is provided twice",
       [](PodPlan& plan) { std::get<host::CloneTree>(plan.containers[0].host[1]).to = slot::gate; }},
      {"LaunchSlotsMissing", 7, "the first slots are those of the launch",
       [](PodPlan& plan) { plan.containers[0].descriptors.resize(3); }},

      {"MountBeforeRoot", 8, "the root is attached before anything is mounted in it",
       move_before<MountProc, AttachRoot>},
      {"TwoRoots", 8, "there is a second AttachRoot", duplicate<AttachRoot>},
      {"NoRoot", 8, "there is no AttachRoot", remove<AttachRoot>},
      {"ReadOnlyBeforeAMount", 8, "the root becomes read-only after the last mount in it",
       move_before<ReadOnlyRoot, AttachTree>},
      {"MaskUnderProc", 8, "it covers the earlier mount at /proc/kcore", move_before<MaskPath, MountProc>},
      {"DevOverItsMounts", 8, "it covers the earlier mount at /dev/pts", move_after<MountDev, MountPts>},
      {"VolumeOverAMask", 8, "it covers the earlier mount at /sys/firmware",
       [](PodPlan& plan) { get<AttachTree>(plan).path = "/sys/firmware"; }},
      {"SomebodyElsesPlace", 8, "the root's place is the container's own",
       [](PodPlan& plan) { get<AttachRoot>(plan).cell = "db"; }},
      {"PlaceOutsideTheCells", 8, "the root's place is the container's own",
       [](PodPlan& plan) { get<AttachRoot>(plan).cell = plan.containers[0].name = ".."; }},
      {"SetsAsideSomebodyElse", 8, "the old root leaves the same place before the new one is attached",
       [](PodPlan& plan) { get<SetAsideOldRoot>(plan).cell = "db"; }},
      {"SetsAsideIntoSomebodyElse", 8, "the old root leaves the same place before the new one is attached",
       [](PodPlan& plan) { get<SetAsideOldRoot>(plan).aside = "db"; }},
      {"SetsAsideTheNewRoot", 8, "the old root leaves the same place before the new one is attached",
       move_after<SetAsideOldRoot, AttachRoot>},

      {"EntersDumpable", 9, "a process that enters the pod is not dumpable",
       move_after<NotDumpable, EnterNamespaces>},
      {"EntersInTheCallersSession", 9, "a process that enters the pod has a session of its own",
       move_after<NewSession, EnterNamespaces>},
      {"NeverEnters", 9, "a container enters just the namespaces that its composition takes from elsewhere",
       remove<EnterNamespaces>},
      {"MountsOnTheHost", 9, "before the pod is entered this would change the host",
       move_before<SetAsideOldRoot, EnterNamespaces>},
      {"EntersTooLittle", 9, "a container enters just the namespaces that its composition takes from elsewhere",
       [](PodPlan& plan) { get<EnterNamespaces>(plan).kinds.pop_back(); }},
      {"CompositionSaysOtherwise", 9,
       "a container enters just the namespaces that its composition takes from elsewhere",
       [](PodPlan& plan) { plan.containers[0].namespaces[1] = {.owner = NamespaceOwner::Host}; }},

      {"StreamsNeverConnected", 12, "its streams are the supervisor's", remove<ConnectStdio>},
      {"StreamsConnectedTwice", 12, "its streams are connected already", duplicate<ConnectStdio>},
      {"StdinBeforeTheOthers", 12, "stdin is connected once, after stdout and stderr",
       [](PodPlan& plan) { put_before<ConnectStdio>(plan, ConnectInput{}); }},
      {"TerminalOfTheCallersSession", 12, "only a session of its own can have a controlling terminal",
       [](PodPlan& plan) { put_before<NewSession>(plan, ConnectTerminal{}); }},

      {"ScoreOfTheSupervisor", 13, "its oom_score_adj is the supervisor's", remove<ResetOomScore>},
      {"ScoreInTheContainersProc", 13, "the score is written while /proc is the host's",
       move_after<ResetOomScore, EnterNamespaces>},
      {"LimitsOfTheCaller", 13, "its limits are the caller's", remove<ResourceLimits>},
      {"LimitsSetTwice", 13, "its limits are set already", duplicate<ResourceLimits>},
      {"OneLimitMissing", 13, "every resource has a limit, once",
       [](PodPlan& plan) { get<ResourceLimits>(plan).limits.pop_back(); }},
      {"OneLimitTwice", 13, "every resource has a limit, once",
       [](PodPlan& plan) { get<ResourceLimits>(plan).limits[1] = get<ResourceLimits>(plan).limits[0]; }},
      {"MountsWithinTheLimits", 13, "what is mounted is not to be bound by the container's limits",
       move_before<ResourceLimits, AttachRoot>},
      {"LimitsAfterTheBound", 13, "the limits come before the capabilities that raise them go",
       move_after<ResourceLimits, BoundCapabilities>},
  };
  return all;
}

class Law : public testing::TestWithParam<Violation> {};

TEST_P(Law, ABrokenLawIsRefusedInASentence) {
  const auto& violation = GetParam();
  auto plan = good_plan();
  violation.commit(plan);
  const auto verdict = verify(plan);
  ASSERT_FALSE(verdict);
  const auto& message = verdict.error().message;
  const auto end = "breaks law " + std::to_string(violation.invariant) + ": " + violation.sentence;
  EXPECT_TRUE(message.ends_with(end)) << message << "\nshould end in\n" << end;
  EXPECT_TRUE(message.starts_with("web/" + plan.containers[0].name + ": ")) << message;
  EXPECT_NE(message.find("step"), message.npos) << message;
}

INSTANTIATE_TEST_SUITE_P(Each, Law, testing::ValuesIn(violations()),
                         [](const auto& tested) { return tested.param.name; });

TEST(Verify, AGoodPlanIsAccepted) {
  const auto verdict = verify(good_plan());
  EXPECT_TRUE(verdict) << verdict.error().message;
}

TEST(Verify, ARefusalNamesContainerStepAndLaw) {
  auto plan = good_plan();
  move_after<step::MountSys, step::Chroot>(plan);
  EXPECT_EQ(verify(plan).error().message,
            "web/app: step 23 of 35 (MountSys) breaks law 3: every mount comes before the change of root");
  plan = good_plan();
  remove<step::Gate>(plan);
  EXPECT_EQ(verify(plan).error().message, "web/app: the end of 34 steps breaks law 6: there is no Gate");
  plan = good_plan();
  std::get<host::CloneTree>(plan.containers[0].host[1]).to = 4;
  EXPECT_EQ(verify(plan).error().message,
            "web/app: host step 2 of 7 (CloneTree) breaks law 7: slot root is provided twice");
}

/// A change of a plan outside its containers' child steps, and the whole refusal.
struct PodViolation {
  int invariant;
  std::string message;
  std::function<void(PodPlan&)> commit;
};

memory::Files secret_in_memory() {
  const VolumeFile secret{.path = "key", .content = {.text = "x", .secret = "db/key"}, .mode = 0400};
  return {.volume = "keys", .bytes = 1, .files = {.list = {secret}}};
}

const std::vector<PodViolation>& pod_violations() {
  static const std::vector<PodViolation> all{
      {10, "web: sandbox step 1 of 5 (Root) breaks law 10: the pause unshares before it changes anything",
       [](PodPlan& plan) { std::swap(plan.sandbox[0], plan.sandbox[1]); }},
      {10,
       "web: sandbox step 2 of 5 (Hostname) breaks law 10: the pause leaves the host's root before it changes anything "
       "else",
       [](PodPlan& plan) { std::swap(plan.sandbox[1], plan.sandbox[4]); }},
      {10,
       "web: sandbox step 1 of 5 (Unshare) breaks law 10: app wants the pod's uts namespace, which the pause does not "
       "make",
       [](PodPlan& plan) { std::get<sandbox::Unshare>(plan.sandbox[0]).kinds.pop_back(); }},
      {11, "web: file step 7 of 7 (WriteVolume) breaks law 11: a Secret's text touches no disk",
       [](PodPlan& plan) {
         plan.files.emplace_back(file::WriteVolume{.path = "/disk", .files = secret_in_memory().files});
       }},
      {11, "web: memory step 2 of 2 (EmptyDir) breaks law 11: its place is its own",
       [](PodPlan& plan) {
         plan.memory.emplace_back(secret_in_memory());
         plan.memory.emplace_back(memory::EmptyDir{.volume = "keys", .bytes = 1, .mode = 0777});
       }},
      {11, "web/app: host step 2 of 7 (CloneTree) breaks law 11: nothing makes this volume",
       [](PodPlan& plan) { std::get<host::CloneTree>(plan.containers[0].host[1]).in_memory = true; }},
  };
  return all;
}

TEST(Verify, ABrokenLawOfThePodIsRefusedWithItsStep) {
  for (const PodViolation& violation : pod_violations()) {
    auto plan = good_plan();
    violation.commit(plan);
    const auto verdict = verify(plan);
    ASSERT_FALSE(verdict) << violation.message;
    EXPECT_EQ(verdict.error().message, violation.message);
    EXPECT_NE(violation.message.find(fmt::format(" breaks law {}: ", violation.invariant)), std::string::npos);
  }
}

TEST(Verify, APlanWithoutASandboxIsRefused) {
  auto plan = good_plan();
  plan.sandbox.clear();
  EXPECT_FALSE(verify(plan));
}

TEST(Verify, ASecretInMemoryIsAccepted) {
  auto plan = good_plan();
  plan.memory.emplace_back(secret_in_memory());
  EXPECT_TRUE(verify(plan));
}

TEST(Verify, EveryLawIsTested) {
  std::set<int> tested;
  for (const auto& violation : violations()) tested.insert(violation.invariant);
  for (const auto& violation : pod_violations()) tested.insert(violation.invariant);
  std::set<int> expected;
  for (int invariant = 1; invariant <= invariants; ++invariant) expected.insert(invariant);
  EXPECT_EQ(tested, expected);
}

TEST(Verify, EveryContainerIsVerified) {
  auto plan = fixtures::compiled(fixtures::pod({fixtures::container("a"), fixtures::container("b")})).value();
  plan.containers[1].child.pop_back();
  const auto verdict = verify(plan);
  ASSERT_FALSE(verdict);
  EXPECT_TRUE(verdict.error().message.starts_with("web/b: "));
}

}  // namespace
}  // namespace podrun::pod
