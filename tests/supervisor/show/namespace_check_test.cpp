// ns --verify: the namespaces of processes compared with those of the plan.
#include "supervisor/show/namespace_check.hpp"

#include <gtest/gtest.h>

#include "pod/spec/namespaces.hpp"
#include "tests/supervisor/show/namespace_matrices.hpp"

namespace podrun::supervisor {
namespace {

using pod::NamespaceKind;
using pod::NamespaceOwner;
using Sentences = std::vector<std::string>;

/// The plan from which web() was started.
pod::PodPlan web_plan() {
  pod::PodPlan plan;
  plan.sandbox = {pod::sandbox::Unshare{
      {NamespaceKind::Mnt, NamespaceKind::Net, NamespaceKind::Ipc, NamespaceKind::Uts}}};
  for (const auto* const name : {"app", "log"}) {
    plan.containers.emplace_back();
    plan.containers.back().name = name;
    plan.containers.back().namespaces = pod::default_composition;
  }
  return plan;
}

/// The messages about web() if one namespace of a member is another.
Sentences with(std::size_t member, NamespaceKind kind, std::uint64_t id) {
  NamespaceMatrix matrix = web();
  matrix.members.at(member).ids[index_of(kind)] = id;
  return namespace_mismatches(matrix, web_plan());
}

TEST(NamespacePromise, AnUnchangedPodBreaksNoPromise) {
  EXPECT_EQ(namespace_mismatches(web(), web_plan()), Sentences{});
}

TEST(NamespacePromise, ANamespaceThatIsNotThePodsIsReported) {
  EXPECT_EQ(with(1, NamespaceKind::Uts, 99), Sentences{"app: uts:[99] is its own, not the pod's uts:[14]"});
  EXPECT_EQ(with(2, NamespaceKind::Net, 2), Sentences{"log: net:[2] is the host's, not the pod's net:[12]"});
}

TEST(NamespacePromise, ANamespaceThatIsNotTheContainersOwnIsReported) {
  EXPECT_EQ(with(1, NamespaceKind::Pid, 5), Sentences{"app: pid:[5] is the host's, not its own"});
  EXPECT_EQ(with(1, NamespaceKind::Pid, 22),
            (Sentences{"app: pid:[22] is log's, not its own", "log: pid:[22] is app's, not its own"}));
}

TEST(NamespacePromise, ANamespaceThatIsNotTheHostsIsReported) {
  EXPECT_EQ(with(1, NamespaceKind::User, 99),
            Sentences{"app: user:[99] is its own, not the host's user:[6]"});
}

TEST(NamespacePromise, APauseInAWrongNamespaceIsReported) {
  EXPECT_EQ(with(0, NamespaceKind::Net, 2),
            (Sentences{"pause: net:[2] is the host's, not a new one", "app: net:[12] is log's, not the pod's",
                       "log: net:[12] is app's, not the pod's"}));
  EXPECT_EQ(with(0, NamespaceKind::Time, 99),
            Sentences{"pause: time:[99] is the pod's, not the host's time:[8]"});
}

TEST(NamespacePromise, AContainerThatDoesNotRunIsNotChecked) {
  NamespaceMatrix matrix = web();
  matrix.members.pop_back();
  EXPECT_EQ(namespace_mismatches(matrix, web_plan()), Sentences{});
}

/// The plan from which composed() was started.
pod::PodPlan composed_plan() {
  using enum NamespaceOwner;
  pod::PodPlan plan = web_plan();
  plan.sandbox.emplace_back(pod::sandbox::Init{{NamespaceKind::Pid}});
  plan.containers.clear();
  const auto add = [&](std::string name, pod::Composition namespaces) {
    plan.containers.emplace_back();
    plan.containers.back().name = std::move(name);
    plan.containers.back().namespaces = namespaces;
  };
  const pod::NamespaceSource pods{Pod}, own{Private}, hosts{Host}, dbs{Container, 1};
  add("web", {pods, pods, pods, dbs, pods, hosts, own, hosts});
  add("db", {own, own, hosts, own, pods, hosts, hosts, own});
  add("a-name-that-is-as-long-as-a-label-may-be", {pods, dbs, pods, own, own, hosts, hosts, hosts});
  add("hosts", {pods, hosts, hosts, hosts, hosts, hosts, hosts, hosts});
  return plan;
}

TEST(NamespacePromise, AnUnchangedComposedPodBreaksNoPromise) {
  EXPECT_EQ(namespace_mismatches(composed(), composed_plan()), Sentences{});
}

TEST(NamespacePromise, ANamespaceThatIsNotTheJoinedContainersIsReported) {
  NamespaceMatrix matrix = composed();
  matrix.members[2].ids[index_of(NamespaceKind::Uts)] = 14;
  EXPECT_EQ(namespace_mismatches(matrix, composed_plan()),
            Sentences{"web: uts:[14] is the pod's, not db's uts:[44]"});
}

TEST(NamespacePromise, AnUnplannedSharingIsReportedForBothContainers) {
  NamespaceMatrix matrix = composed();
  matrix.members[4].ids[index_of(NamespaceKind::Uts)] = 44;  // the plan gives it one of its own
  EXPECT_EQ(namespace_mismatches(matrix, composed_plan()),
            (Sentences{"db: uts:[44] is web's, not its own",
                       "a-name-that-is-as-long-as-a-label-may-be: uts:[44] is web's, not its own"}));
}

TEST(NamespacePromise, AnInitInAWrongNamespaceIsReported) {
  NamespaceMatrix matrix = composed();
  matrix.members[1].ids[index_of(NamespaceKind::Net)] = 2;
  EXPECT_EQ(namespace_mismatches(matrix, composed_plan()),
            Sentences{"init: net:[2] is the host's, not the pause's net:[12]"});
  matrix = composed();
  for (const std::size_t member : {1, 2, 3}) matrix.members[member].ids[index_of(NamespaceKind::Pid)] = 5;
  EXPECT_EQ(
      namespace_mismatches(matrix, composed_plan()),
      (Sentences{"init: pid:[5] is the host's, not a new one", "web: pid:[5] is the host's, not the pod's",
                 "db: pid:[5] is the host's, not the pod's"}));
}

}  // namespace
}  // namespace podrun::supervisor
