// Plans that break an invariant, for the tests of verify().
#include "tests/pod/plan/violations.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

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

/// Invariants 1, 2, 3: what runs first and last, and the change of root.
std::vector<Violation> sequence_violations() {
  using namespace step;
  return {
      {"TwoExecs", 1, "there is a second Exec", duplicate<Exec>},
      {"NoExec", 1, "there is no Exec", remove<Exec>},
      {"NoStepAtAll", 1, "there is no Exec", [](PodPlan& plan) { plan.containers[0].child.clear(); }},
      {"ExecNotLast", 1, "the Exec is last: nothing runs after it", move_before<Exec, Gate>},

      {"SignalsNotFirst", 2, "signals are reset first", move_after<ResetSignals, NotDumpable>},
      {"SignalsNotReset", 2, "there is no ResetSignals", remove<ResetSignals>},

      {"MountAfterChroot", 3, "every mount comes before the change of root", move_after<MountSys, Chroot>},
      {"VolumeAfterChroot", 3, "every mount comes before the change of root", move_after<AttachTree, Chroot>},
      {"EnterAfterChroot", 3, "every mount comes before the change of root", move_after<EnterNamespaces, Chroot>},
      {"TwoChroots", 3, "there is a second Chroot", duplicate<Chroot>},
      {"NoChroot", 3, "there is no Chroot", remove<Chroot>},
      {"DirectoryBeforeChroot", 3, "before the change of root its path would be one of the pod's",
       move_before<WorkingDirectory, Chroot>},
  };
}

/// Invariants 4, 5, 6: ids, capabilities, PDEATHSIG and the gate.
std::vector<Violation> privilege_violations() {
  using namespace step;
  return {
      {"BoundBeforeChroot", 4, "the change of root comes before the capabilities that it needs go",
       move_before<BoundCapabilities, Chroot>},
      {"ReadOnlyRootAfterBound", 4, "the root becomes read-only before the capabilities that this needs go",
       move_after<ReadOnlyRoot, BoundCapabilities>},
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
      {"DeathSignalBeforeCapabilities", 5, "PDEATHSIG comes after ids and capabilities, whose change clears it",
       move_before<ParentDeathSignal, SetCapabilities>},
      {"NoDeathSignal", 5, "there is no ParentDeathSignal", remove<ParentDeathSignal>},
      {"NoNewPrivilegesTooLate", 5, "no_new_privs comes before the capabilities go",
       move_after<NoNewPrivileges, SetCapabilities>},

      {"GateBeforeClose", 6, "the gate comes just before the Exec", move_before<Gate, CloseDescriptors>},
      {"NoGate", 6, "there is no Gate", remove<Gate>},
      {"NoClose", 6, "there is no CloseDescriptors", remove<CloseDescriptors>},
      {"UseAfterClose", 6, "descriptors are closed after their last use", move_after<ConnectStdio, CloseDescriptors>},
  };
}

/// Invariant 7: descriptors.
std::vector<Violation> slot_violations() {
  using namespace step;
  return {
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
  };
}

/// Invariant 8: mounts in the root.
std::vector<Violation> mount_violations() {
  using namespace step;
  return {
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
  };
}

/// Invariant 9: the pod's namespaces.
std::vector<Violation> entering_violations() {
  using namespace step;
  return {
      {"EntersDumpable", 9, "a process that enters the pod is not dumpable", move_after<NotDumpable, EnterNamespaces>},
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
  };
}

/// Invariants 12, 13: standard streams and limits.
std::vector<Violation> stream_and_limit_violations() {
  using namespace step;
  return {
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
}

}  // namespace

PodPlan good_plan() {
  auto it = fixtures::container();
  it.volume_mounts = {{.name = "site", .mount_path = "/srv"}, {.name = "data", .mount_path = "/srv/data"}};
  it.security_context = {.read_only_root_filesystem = true, .allow_privilege_escalation = false};
  return fixtures::compiled(fixtures::pod({it})).value();
}

const std::vector<Violation>& violations() {
  static const std::vector<Violation> all = [] {
    std::vector<Violation> found;
    for (const auto table : {sequence_violations, privilege_violations, slot_violations, mount_violations,
                             entering_violations, stream_and_limit_violations})
      std::ranges::move(table(), std::back_inserter(found));
    return found;
  }();
  return all;
}

memory::Files secret_in_memory() {
  const VolumeFile secret{.path = "key", .content = {.text = "x", .secret = "db/key"}, .mode = 0400};
  return {.volume = "keys", .bytes = 1, .files = {.list = {secret}}};
}

const std::vector<PodViolation>& pod_violations() {
  static const std::string beginning =
      " breaks law 14: a link, its end in the namespace, its end on the host, its filter and the filter of all pods come "
      "first, each once";
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
      {11, "web: file step 8 of 8 (WriteVolume) breaks law 11: a Secret's text touches no disk",
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
      {14, "web: network step 3 of 6 (Filter)" + beginning,
       [](PodPlan& plan) { std::swap(plan.networks[0].steps[2], plan.networks[0].steps[3]); }},
      {14, "web: network step 7 of 7 (Link)" + beginning,
       [](PodPlan& plan) { plan.networks[0].steps.push_back(plan.networks[0].steps[0]); }},
      {14, "web: network step 1 of 6 (Link) breaks law 14: the interface is that of the network",
       [](PodPlan& plan) { std::get<network::Link>(plan.networks[0].steps[0]).interface = "eth1"; }},
      {14, "web: network step 2 of 6 (PodEnd) breaks law 14: the addresses are those of the network",
       [](PodPlan& plan) { std::get<network::PodEnd>(plan.networks[0].steps[1]).addresses.ipv6.reset(); }},
      {14,
       "web: network step 3 of 6 (HostEnd) breaks law 14: both ends have the same interface, addresses and gateways",
       [](PodPlan& plan) { std::get<network::HostEnd>(plan.networks[0].steps[2]).gateways.ipv4.reset(); }},
      {14,
       "web: network step 4 of 6 (Filter) breaks law 14: only what has an address of the network comes in by its "
       "interface",
       [](PodPlan& plan) {
         auto& ingress = std::get<network::Filter>(plan.networks[0].steps[3]).table.chains[0];
         ingress.rules.erase(ingress.rules.begin());
       }},
      {14, "web: network step 5 of 6 (SharedFilter) breaks law 14: what is forwarded to pods from elsewhere is dropped",
       [](PodPlan& plan) {
         auto& chains = std::get<network::SharedFilter>(plan.networks[0].steps[4]).table.chains;
         std::erase_if(chains, [](const nft::Chain& chain) { return chain.hook == nft::Hook::Forward; });
       }},
      {14, "web: network step 5 of 5 (Resolver)" + beginning,
       [](PodPlan& plan) { plan.networks[0].steps.erase(plan.networks[0].steps.begin() + 4); }},
      {14, "web: network step 1 of 6 (Link) breaks law 14: a network has an address",
       [](PodPlan& plan) { plan.networks[0].addresses = {}; }},
      {14, "web: db's network step 1 of 6 (Link) breaks law 14: the network's namespace is made and held",
       [](PodPlan& plan) { plan.networks[0].container = "db"; }},
      {14, "web: network step 1 of 6 (Link) breaks law 14: each network has its own number and namespace",
       [](PodPlan& plan) { plan.networks.push_back(plan.networks[0]); }},
  };
  return all;
}

}  // namespace podrun::pod
