// The sources of a container's namespaces, set by fields of Kubernetes and by the podrun.io/namespaces annotation: what
// is accepted, the resulting composition and plan, and the messages of what is refused.
#include "pod/annotations/composition.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "pod/plan/verify.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::Words;

/// The pod of containers a, b and c, with these lines of the annotation.
Pod pod_of(const std::string& lines) {
  Pod pod = fixtures::pod({fixtures::container("a"), fixtures::container("b"), fixtures::container("c")});
  if (!lines.empty()) pod.metadata.annotations[std::string(namespaces_annotation)] = lines;
  return pod;
}

std::vector<ContainerComposition> composed(const Pod& pod) {
  std::vector<CompositionError> errors;
  auto result = compose(pod, errors);
  for (const CompositionError& error : errors) ADD_FAILURE() << error.where << ": " << error.message;
  return result;
}

/// A container's composition, in the words of the annotation.
std::string words(const Pod& pod, std::size_t index) {
  std::string text;
  const auto all = composed(pod);
  for (const NamespaceSource source : all.at(index).namespaces)
    text += (text.empty() ? "" : " ") + source_words(source, {"a", "b", "c"});
  return text;
}

/// The first error of compose(), without its place. "" if there is none.
std::string refusal(const Pod& pod) {
  std::vector<CompositionError> errors;
  compose(pod, errors);
  return errors.empty() ? "" : errors.front().message;
}
std::string refusal(const std::string& lines) { return refusal(pod_of(lines)); }

TEST(Composition, TheDefaultCompositionIsThatOfKubernetes) {
  EXPECT_EQ(words(pod_of(""), 0), "pod pod pod pod private host host host");
}

TEST(Composition, KubernetesHostAndShareFieldsSetTheNamespaceSources) {
  Pod pod = pod_of("");
  pod.spec.host_network = true;
  EXPECT_EQ(words(pod, 1), "pod host pod host private host host host");
  pod.spec.host_ipc = true;
  pod.spec.host_pid = true;
  EXPECT_EQ(words(pod, 1), "pod host host host host host host host");
  pod = pod_of("");
  pod.spec.share_process_namespace = true;
  EXPECT_EQ(words(pod, 2), "pod pod pod pod pod host host host");
  pod.spec.host_pid = true;
  EXPECT_EQ(refusal(pod), "hostPID and shareProcessNamespace exclude each other");
}

TEST(Composition, AnAnnotationLineChangesOnlyTheNamespacesItNames) {
  const Pod pod = pod_of("\n  b: net=private ipc=host\tuts=container:a \n\nc: time=pod");
  EXPECT_EQ(words(pod, 0), "pod pod pod pod private host host host");
  EXPECT_EQ(words(pod, 1), "pod private host pod private host host host");
  EXPECT_EQ(words(pod, 2), "pod pod pod pod private host host pod");
}

TEST(Composition, AChainOfContainerReferencesIsResolvedToItsOwner) {
  const Pod pod = pod_of("a: net=private\nb: net=container:a\nc: net=container:b pid=container:b ipc=container:b");
  EXPECT_EQ(words(pod, 1), "pod container:a pod pod private host host host");
  EXPECT_EQ(words(pod, 2), "pod container:a pod pod container:b host host host");
}

TEST(Composition, ACircularReferenceIsRefused) {
  EXPECT_EQ(refusal("a: net=container:a"), "a: net is a circle: a → a");
  EXPECT_EQ(refusal("a: ipc=container:b\nb: ipc=container:c\nc: ipc=container:a"), "a: ipc is a circle: a → b → c → a");
}

TEST(Composition, AMalformedAnnotationLineIsRefusedWithTheReason) {
  EXPECT_EQ(refusal("nonsense:"), "no container is called \"nonsense\"");
  EXPECT_EQ(refusal("a net=host"), "the line \"a net=host\" is not \"NAME: WORD=VALUE …\"");
  EXPECT_EQ(refusal("a:"), "the line of a says nothing");
  EXPECT_EQ(refusal("a: net"), "a: \"net\" is not WORD=VALUE");
  EXPECT_EQ(refusal("a: network=host"), "a: no kind of namespace is called \"network\": there are mnt, net, ipc, uts, "
                                        "pid, user, cgroup, time");
  EXPECT_EQ(refusal("a: net=mine"), "a: net=mine: it must be pod, private, host or container:NAME");
  EXPECT_EQ(refusal("a: net=container:d"), "a: net=container:d: no container is called \"d\"");
  EXPECT_EQ(refusal("a: net=host net=pod"), "a: net is there twice");
  EXPECT_EQ(refusal("a: net=host\na: net=pod"), "a: net is there twice");
}

TEST(Composition, AUserNamespaceOtherThanTheHostsIsRefused) {
  for (const char* source : {"pod", "private", "container:b"})
    EXPECT_EQ(
        refusal(fmt::format("a: user={}", source)),
        fmt::format("a: user={}: user namespaces are not supported yet: every container is in the host's", source));
  EXPECT_EQ(refusal("a: user=host"), "");
}

// ---- roots and mounts ----

TEST(Composition, AContainerThatCouldLeaveAChrootGetsAPrivateMountNamespace) {
  for (const char* power : {"SYS_ADMIN", "SYS_CHROOT", "ALL"}) {
    Pod pod = pod_of("");
    pod.spec.containers[1].security_context.capabilities.add = {power};
    EXPECT_EQ(words(pod, 1), "private pod pod pod private host host host") << power;
    EXPECT_EQ(composed(pod).at(1).remarks.size(), 1U);
    EXPECT_EQ(words(pod, 0), "pod pod pod pod private host host host");
  }
  Pod pod = pod_of("");
  pod.spec.containers[0].security_context.privileged = true;
  EXPECT_EQ(composed(pod).at(0).remarks,
            Words{"mnt is private, with pivot_root: with privileged a chroot could be left"});
}

TEST(Composition, SharingThePodsMountsIsRefusedIfAChrootCouldBeLeft) {
  Pod pod = pod_of("a: mnt=pod");
  pod.spec.containers[0].security_context.capabilities.add = {"SYS_ADMIN"};
  EXPECT_EQ(refusal(pod),
            "a: with SYS_ADMIN it could leave a chroot in the pod's mount namespace: it needs mnt=private");
}

TEST(Composition, AContainerInOthersMountsCannotHaveItsOwnImageOrVolumes) {
  EXPECT_EQ(refusal("a: mnt=host"), "a: it uses the host's mounts and files, so its image must be \"rootfs:/\"");
  Pod pod = pod_of("a: mnt=host");
  pod.spec.containers[0].image = "rootfs:/";
  EXPECT_EQ(refusal(pod), "");
  pod.spec.containers[0].volume_mounts = {{.name = "site", .mount_path = "/srv"}};
  EXPECT_EQ(refusal(pod), "a: it uses the host's mounts and files, so it can have no volumeMounts");
  pod = pod_of("a: mnt=private\nb: mnt=container:a");
  EXPECT_EQ(refusal(pod), "");
  pod.spec.containers[1].security_context.read_only_root_filesystem = true;
  EXPECT_EQ(refusal(pod), "b: it uses a's mounts and files, so it can have no readOnlyRootFilesystem");
  pod.spec.containers[1] = fixtures::container("b");
  pod.spec.containers[1].image = "other";
  EXPECT_EQ(refusal(pod), "b: it uses a's mounts and files, so its image must be \"localhost/busybox\"");
}

// ---- clocks ----

std::string refusal_of_offsets(const std::string& lines, const std::string& composition = "a: time=private") {
  Pod pod = pod_of(composition);
  pod.metadata.annotations[std::string(time_offsets_annotation)] = lines;
  return refusal(pod);
}

TEST(Composition, TimeOffsetsSetTheClocksOfAPrivateTimeNamespace) {
  Pod pod = pod_of("a: time=private");
  pod.metadata.annotations[std::string(time_offsets_annotation)] = "a: monotonic=24h boottime=-1m30s";
  const auto offsets = composed(pod).at(0).offsets;
  EXPECT_EQ(offsets.monotonic, std::chrono::hours(24));
  EXPECT_EQ(offsets.boottime, -std::chrono::seconds(90));
}

TEST(Composition, AnOffsetOfASharedOrUnknownClockIsRefused) {
  EXPECT_EQ(refusal_of_offsets("b: monotonic=1h"),
            "b: its clocks are not its own: podrun.io/namespaces must give it time=private");
  EXPECT_EQ(refusal_of_offsets("a: realtime=1h"),
            "a: \"realtime\" is no clock that can be set: monotonic and boottime are");
  EXPECT_EQ(refusal_of_offsets("a: monotonic=soon"),
            "a: monotonic=soon: the offset must be a duration like 24h or -90m");
}

// ---- the plan ----

std::string child_steps(const ContainerPlan& plan) {
  std::string names;
  for (const auto& step : plan.child) {
    if (std::holds_alternative<step::WorkingDirectory>(step)) break;
    const auto name = step_name(step);
    if (name.starts_with("Mount") || name == "MaskPath" || name == "ReadOnlyPath" || name == "AttachTree") continue;
    names.append(names.empty() ? "" : " ").append(name);
  }
  return names;
}

TEST(ComposedPlan, PivotRootIsUsedOnlyInAPrivateMountNamespace) {
  const auto plan = fixtures::plan_of(pod_of("a: mnt=private"));
  EXPECT_EQ(child_steps(plan.containers.at(0)),
            "ResetSignals NotDumpable NewSession ResetOomScore EnterNamespaces OwnMounts AttachOwnRoot BindFromPod "
            "PivotRoot");
  EXPECT_EQ(child_steps(plan.containers.at(1)),
            "ResetSignals NotDumpable NewSession ResetOomScore EnterNamespaces SetAsideOldRoot AttachRoot BindFromPod "
            "Chroot");
}

TEST(ComposedPlan, AnInitIsMadeOnlyForThePodsPidAndTimeNamespaces) {
  const auto kinds = [](const std::string& lines) {
    for (const auto& step : fixtures::plan_of(pod_of(lines)).sandbox)
      if (const auto* init = std::get_if<sandbox::Init>(&step)) return init->kinds;
    return NamespaceSet{};
  };
  EXPECT_EQ(kinds("a: net=private"), NamespaceSet{});
  EXPECT_EQ(kinds("a: pid=pod\nb: time=pod"), (NamespaceSet{NamespaceKind::Pid, NamespaceKind::Time}));
}

TEST(ComposedPlan, ThePauseMakesOnlyNamespacesThatAreUsed) {
  Pod pod = pod_of("");
  pod.spec.host_network = true;
  HostFacts facts = fixtures::facts();
  facts.hostname = "node";
  facts.hosts = "192.0.2.7 node\n";
  const auto plan = fixtures::plan_of(pod, facts);
  EXPECT_EQ(std::get<sandbox::Unshare>(plan.sandbox.at(0)).kinds,
            (NamespaceSet{NamespaceKind::Mnt, NamespaceKind::Ipc}));
  for (const auto& step : plan.sandbox) {
    EXPECT_FALSE(std::holds_alternative<sandbox::Loopback>(step)) << "the host's";
    EXPECT_FALSE(std::holds_alternative<sandbox::Hostname>(step)) << "the host's";
  }
  const auto& exec = std::get<step::Exec>(plan.containers.at(0).child.back());
  EXPECT_NE(std::ranges::find(exec.env, "HOSTNAME=node"), exec.env.end());
}

TEST(ComposedPlan, ANamespaceThatAnotherContainerJoinsIsHeld) {
  const auto plan = fixtures::plan_of(pod_of("a: net=private uts=private\nb: net=container:a"));
  std::string made;
  for (const auto& container : plan.containers)
    for (const auto& step : container.host)
      if (const auto* make = std::get_if<host::MakeNamespace>(&step))
        made += fmt::format("{}: {} of {}{}; ", container.name, namespace_names[static_cast<std::size_t>(make->kind)],
                            make->container, make->held ? ", held" : "");
  EXPECT_EQ(made, "a: net of a, held; a: uts of a; b: net of a, held; ");
}

TEST(ComposedPlan, JoiningACgroupNamespaceOpensItsOwnersProcess) {
  const auto plan = fixtures::plan_of(pod_of("a: cgroup=private\nb: cgroup=container:a"));
  const auto& host = plan.containers.at(1).host;
  EXPECT_TRUE(
      std::ranges::any_of(host, [](const auto& step) { return std::holds_alternative<host::OpenProcess>(step); }));
}

TEST(ComposedPlan, SharedMemoryFollowsTheIpcNamespace) {
  const auto source = [](const Pod& pod, std::size_t index) {
    const PodPlan plan = fixtures::plan_of(pod);
    for (const auto& step : plan.containers.at(index).child)
      if (const auto* bind = std::get_if<step::BindFromPod>(&step)) return bind->source;
    return std::string("none");
  };
  const Pod pod = pod_of("a: ipc=private\nb: ipc=container:a");
  EXPECT_EQ(source(pod, 0), "_ipc/a");
  EXPECT_EQ(source(pod, 1), "_ipc/a");
  EXPECT_EQ(source(pod, 2), "_shm");
  EXPECT_EQ(source(pod_of("a: ipc=host"), 0), "none") << "the host's is a tree of the host";
}

TEST(ComposedPlan, EveryPairOfNamespaceSourcesPassesVerification) {
  int verified = 0, refused = 0;
  for (std::size_t kind = 0; kind < namespace_kinds; ++kind) {
    for (const char* a : {"pod", "private", "host", "container:b"}) {
      for (const char* b : {"pod", "private", "host", "container:a"}) {
        const auto name = namespace_names[kind];
        Pod pod = pod_of(fmt::format("a: {}={}\nb: {}={}", name, a, name, b));
        if (!refusal(pod).empty()) {
          ++refused;
          continue;
        }
        ++verified;
        const auto plan = fixtures::compiled(pod);
        ASSERT_TRUE(plan) << plan.error().message;
        const auto lawful = verify(*plan);
        EXPECT_TRUE(lawful) << lawful.error().message;
      }
    }
  }
  // Circles, user namespaces, and the host's mounts with an image are refused.
  EXPECT_EQ(verified, 99);
  EXPECT_EQ(refused, 29);
}

}  // namespace
}  // namespace podrun::pod
