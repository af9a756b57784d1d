// From Pod to plan: the decisions of the compiler, none of which violates an invariant.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "pod/compile/compile_files.hpp"
#include "pod/compile/compile_host_names.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/plan/verify.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::all;
using fixtures::attached;
using fixtures::compiled;
using fixtures::container;
using fixtures::error_of;
using fixtures::plan_of;
using fixtures::step_names;
using fixtures::with_mounts;
using fixtures::Words;

// ---- files and sandbox ----

TEST(Files, ThePodsDirectoryHasMode0700AndItsVolumesMode0777) {
  const auto made = all<file::MakeDirectory>(plan_of(fixtures::pod()).files);
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made[0].path, "/var/lib/podrun/pods/0c5a");
  EXPECT_EQ(made[0].mode, 0700U);
  EXPECT_EQ(made[1].path, "/var/lib/podrun/pods/0c5a/volumes/site");
  EXPECT_EQ(made[1].mode, 0777U);
  EXPECT_EQ(made[2].path, "/var/lib/podrun/pods/0c5a/etc");
  EXPECT_EQ(made[2].mode, 0755U);
}

TEST(Files, TheHostsFileIsTheKubeletsWithThePodsAddresses) {
  const auto written = all<file::Write>(plan_of(fixtures::pod()).files);
  ASSERT_EQ(written.size(), 3U);
  EXPECT_EQ(written[0].path, "/var/lib/podrun/pods/0c5a/etc/hosts");
  EXPECT_EQ(
      written[0].content,
      "# Written by podrun for this pod.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
      "fe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n"
      "10.77.112.197\tweb\nfd77:1:2:3::70c5\tweb\n");
  EXPECT_EQ(written[1].content, "web\n");
  EXPECT_EQ(written[2].content,
            "search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 169.254.77.53\n"
            "options ndots:5\n");
  for (const auto& file : written) EXPECT_EQ(file.mode, 0644U);
}

TEST(Sandbox, TheSandboxUnsharesItsNamespacesFirst) {
  const auto plan = plan_of(fixtures::pod());
  EXPECT_EQ(step_names(plan.sandbox), (Words{"Unshare", "Root", "SharedMemory", "Loopback", "Hostname"}));
  EXPECT_EQ(names_of(all<sandbox::Unshare>(plan.sandbox).at(0).kinds), "mnt net ipc uts");
  EXPECT_EQ(all<sandbox::SharedMemory>(plan.sandbox).at(0).bytes, 64U << 20);
}

TEST(Hostname, TheHostNameIsTheSpecsElseThePodsName) {
  auto pod = fixtures::pod();
  EXPECT_EQ(hostname(pod, fixtures::facts()), "web");
  pod.spec.hostname = "www";
  EXPECT_EQ(hostname(pod, fixtures::facts()), "www");
  EXPECT_EQ(all<sandbox::Hostname>(plan_of(pod).sandbox).at(0).name, "www");
}

TEST(Hostname, TheHostNameIsCutTo63BytesWithoutATrailingDashOrDot) {
  auto pod = fixtures::pod();
  pod.metadata.name = std::string(80, 'a');
  EXPECT_EQ(hostname(pod, fixtures::facts()), std::string(63, 'a'));
  pod.metadata.name = std::string(60, 'a') + "-.-" + "bbb";
  EXPECT_EQ(hostname(pod, fixtures::facts()), std::string(60, 'a'));
  pod.metadata.name = std::string(63, 'a');
  EXPECT_EQ(hostname(pod, fixtures::facts()), pod.metadata.name);
}

// ---- a container ----

TEST(ContainerPlan, AContainerSharesThePodsNamespacesButHasItsOwnPids) {
  Words owners;
  for (const auto source : plan_of(container()).namespaces) owners.emplace_back(name_of(source.owner));
  EXPECT_EQ(owners, (Words{"pod", "pod", "pod", "pod", "private", "host", "host", "host"}));
}

TEST(ContainerPlan, AContainersStepsAreInAFixedOrder) {
  auto it = with_mounts({{.name = "site", .mount_path = "/srv"}});
  it.security_context = {.read_only_root_filesystem = true, .allow_privilege_escalation = false};
  const auto plan = plan_of(it);
  EXPECT_EQ(step_names(plan.host),
            (Words{"OverlayRoot", "CloneTree", "CloneTree", "CloneTree", "CloneTree", "Stdio"}));
  EXPECT_EQ(step_names(plan.child), (Words{"ResetSignals",
                                           "NotDumpable",
                                           "NewSession",
                                           "ResetOomScore",
                                           "EnterNamespaces",
                                           "SetAsideOldRoot",
                                           "AttachRoot",
                                           "MountProc",
                                           "MountSys",
                                           "MountDev",
                                           "MountPts",
                                           "MountMqueue",
                                           "BindFromPod",
                                           "MaskPath",
                                           "MaskPath",
                                           "ReadOnlyPath",
                                           "AttachTree",
                                           "AttachTree",
                                           "AttachTree",
                                           "AttachTree",
                                           "Chroot",
                                           "WorkingDirectory",
                                           "ReadOnlyRoot",
                                           "ConnectStdio",
                                           "ResourceLimits",
                                           "BoundCapabilities",
                                           "Seccomp",
                                           "SetIds",
                                           "NoNewPrivileges",
                                           "SetCapabilities",
                                           "ParentDeathSignal",
                                           "CloseDescriptors",
                                           "Gate",
                                           "Exec"}));
}

TEST(ContainerPlan, StepsThatTheManifestDoesNotAskForAreLeftOut) {
  const auto names = step_names(plan_of(container()).child);
  EXPECT_EQ(std::ranges::count(names, "ReadOnlyRoot"), 0);
  EXPECT_EQ(std::ranges::count(names, "NoNewPrivileges"), 0);
}

TEST(ContainerPlan, AContainersRootIsItsImageBelowItsOwnWritableLayer) {
  const auto root = all<host::OverlayRoot>(plan_of(container()).host).at(0);
  EXPECT_EQ(root.layers, (Words{"/images/localhost/busybox/latest/rootfs"}));
  EXPECT_EQ(root.directory, "/var/lib/podrun/pods/0c5a/containers/app");
  EXPECT_EQ(root.layer, host::Layer::Disk);
}

TEST(ContainerPlan, TheWritableLayerIsInMemoryWhereTheStorageCannotHoldOne) {
  auto facts = fixtures::facts();
  facts.overlay_on_storage = false;
  EXPECT_EQ(all<host::OverlayRoot>(plan_of(container(), facts).host).at(0).layer, host::Layer::Memory);
}

TEST(ContainerPlan, ThePipesBelongToTheContainersUser) {
  auto it = container();
  it.security_context.run_as_user = 1000;
  const auto plan = plan_of(it);
  const auto stdio = all<host::Stdio>(plan.host).at(0);
  EXPECT_EQ(stdio.uid, 1000U);
  EXPECT_EQ(stdio.gid, 100U);
  const auto ids = all<step::SetIds>(plan.child).at(0);
  EXPECT_EQ(ids.uid, 1000U);
  EXPECT_EQ(ids.groups, (std::vector<std::uint32_t>{100, 10, 27}));
}

TEST(ContainerPlan, DevHoldsTheSixDevicesAndFiveLinksOfTheOciSpecification) {
  const auto dev = all<step::MountDev>(plan_of(container()).child).at(0);
  Words nodes;
  for (const auto& node : dev.nodes)
    nodes.push_back(node.name + " " + std::to_string(node.major) + ":" + std::to_string(node.minor));
  EXPECT_EQ(nodes, (Words{"null 1:3", "zero 1:5", "full 1:7", "random 1:8", "urandom 1:9", "tty 5:0"}));
  Words links;
  for (const auto& [name, target] : dev.links) links.push_back(name + " " + target);
  EXPECT_EQ(links, (Words{"fd /proc/self/fd", "stdin /proc/self/fd/0", "stdout /proc/self/fd/1",
                          "stderr /proc/self/fd/2", "ptmx pts/ptmx"}));
}

TEST(ContainerPlan, OnlyKnownSensitivePathsOfTheKernelAreMasked) {
  auto facts = fixtures::facts();
  facts.sensitive_paths = {"/proc/keys", "/proc/irq", "/proc/unheard-of"};
  const auto plan = plan_of(container(), facts);
  ASSERT_EQ(all<step::MaskPath>(plan.child).size(), 1U);
  EXPECT_EQ(all<step::MaskPath>(plan.child)[0].path, "/proc/keys");
  ASSERT_EQ(all<step::ReadOnlyPath>(plan.child).size(), 1U);
  EXPECT_EQ(all<step::ReadOnlyPath>(plan.child)[0].path, "/proc/irq");
}

TEST(ContainerPlan, ProcIsReadOnly) {
  EXPECT_TRUE(all<step::MountProc>(plan_of(container()).child).at(0).read_only);
}

TEST(ContainerPlan, ThePodsFilesAreReadOnlyIfTheRootIs) {
  auto it = container();
  EXPECT_EQ(attached(plan_of(it)),
            (Words{"hosts /etc/hosts", "hostname /etc/hostname", "resolv.conf /etc/resolv.conf"}));
  it.security_context.read_only_root_filesystem = true;
  EXPECT_EQ(attached(plan_of(it)),
            (Words{"hosts /etc/hosts ro", "hostname /etc/hostname ro", "resolv.conf /etc/resolv.conf ro"}));
}

// ---- the whole ----

TEST(Compile, ThePlanCarriesThePodsIdentityAndRestartPolicy) {
  auto pod = fixtures::pod();
  pod.metadata.namespace_name = "shop";
  pod.spec.restart_policy = RestartPolicy::OnFailure;
  pod.spec.termination_grace_period_seconds = 5;
  const auto plan = plan_of(pod);
  EXPECT_EQ(plan.id, "shop_web");
  EXPECT_EQ(plan.name, "web");
  EXPECT_EQ(plan.uid, "0c5a");
  EXPECT_EQ(plan.restart_policy, RestartPolicy::OnFailure);
  EXPECT_EQ(plan.grace_seconds, 5);
  EXPECT_EQ(plan.storage, "/var/lib/podrun/pods/0c5a");
}

TEST(Compile, EachImageIsReferencedOnce) {
  auto other = container("other");
  other.image = "rootfs:/srv/root";
  EXPECT_EQ(image_references(fixtures::pod({container("a"), container("b"), other})),
            (std::set<std::string>{"localhost/busybox", "rootfs:/srv/root"}));
}

TEST(Compile, AMissingImageIsAnError) {
  auto it = container();
  it.image = "localhost/nginx";
  EXPECT_EQ(error_of(fixtures::pod({it})), "container app: image localhost/nginx was not found");
}

/// Random pods, the same at each run.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Pod pod() {
    std::vector<Container> containers;
    for (int i = up_to(4); i >= 0; --i) containers.push_back(any_container("c" + std::to_string(i)));
    return fixtures::pod(std::move(containers));
  }

  HostFacts facts() {
    HostFacts facts;
    for (const auto* candidates : {&mask_candidates(), &readonly_candidates()})
      for (const auto& path : *candidates)
        if (coin()) facts.sensitive_paths.insert(path);
    facts.overlay_on_storage = coin();
    return facts;
  }

 private:
  int up_to(int most) { return std::uniform_int_distribution{0, most}(random_); }
  bool coin() { return up_to(1) == 1; }

  Container any_container(std::string name) {
    static constexpr std::array paths{"/a",      "/a/b",     "/a/b/c",   "/a//b/../d/", "/srv",
                                      "/dev",    "/dev/shm", "/dev/pts", "/etc",        "/etc/hosts",
                                      "/sys/fs", "/tmp/./x", "/proc",    "relative"};
    auto it = container(std::move(name));
    for (int i = up_to(6); i > 0; --i) {
      // The last two are errors, and therefore rare.
      const auto path = static_cast<std::size_t>(up_to(40) == 0 ? up_to(13) : up_to(11));
      it.volume_mounts.push_back(
          {.name = coin() ? "site" : "data", .mount_path = paths.at(path), .read_only = coin()});
    }
    it.security_context = {.read_only_root_filesystem = coin(), .allow_privilege_escalation = coin()};
    if (coin()) it.security_context.run_as_user = up_to(2000);
    if (coin()) it.security_context.run_as_group = up_to(2000);
    return it;
  }

  std::mt19937 random_;
};

TEST(Compile, EveryCompiledPlanPassesVerification) {
  int compiled_pods = 0;
  for (unsigned seed = 0; seed < 600; ++seed) {
    Generator any{seed};
    const auto pod = any.pod();
    const auto plan = compiled(pod, fixtures::image(), any.facts());
    if (!plan) continue;
    ++compiled_pods;
    const auto lawful = verify(*plan);
    ASSERT_TRUE(lawful) << "seed " << seed << ": " << lawful.error().message;
  }
  EXPECT_GT(compiled_pods, 150);
}

}  // namespace
}  // namespace podrun::pod
