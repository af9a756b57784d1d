// What is stored of a pod, and read back, between this process and itself.
#include "supervisor/state/stored_pod.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/manifest/manifests.hpp"

namespace podrun::supervisor {
namespace {

constexpr const char* manifest = R"yaml(apiVersion: v1
kind: Secret
metadata: {name: key, annotations: {note: "not to be stored"}}
stringData: {used: one, unused: two}
---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  volumes: [{name: v, emptyDir: {}}]
  containers:
  - {name: app, image: localhost/app, command: [/bin/app]}
  - name: app2
    image: localhost/app
    command: [/bin/app]
    env:
    - {name: FILE, valueFrom: {fileKeyRef: {volumeName: v, path: env, key: K}}}
    - {name: SECRET, valueFrom: {secretKeyRef: {name: key, key: used}}}
)yaml";

LoadedPod loaded() {
  pod::Manifests manifests = pod::read_manifests({{"", manifest}}, {});
  LoadedPod loaded;
  loaded.pod = std::move(manifests.pods.at(0).pod);
  loaded.images.emplace("localhost/app", pod::Image{.reference = "localhost/app", .rootfs = "/image"});
  loaded.run_parameters = {.uid = "0c5a", .storage = "/pods", .claims = "/volumes"};
  loaded.plan = pod::compile(loaded.pod, loaded.images, loaded.facts, loaded.run_parameters).value();
  return loaded;
}

PodRecord record_of(const LoadedPod& loaded) {
  PodRecord record{
      .id = loaded.plan.id, .pause = ::getpid(), .pause_started = ns::start_ticks(::getpid()).value_or(0)};
  for (const pod::ContainerPlan& container : loaded.plan.containers)
    record.containers.push_back({.name = container.name, .revision = first_revision});
  return record;
}

TEST(StoredPod, ARevisionIsTheContainersOwn) {
  EXPECT_EQ(revision_hold("app", 3), "plan/app/3");
  EXPECT_TRUE(is_other_revision("plan/app/3", "app", 4));
  EXPECT_FALSE(is_other_revision("plan/app/3", "app", 3));
  EXPECT_FALSE(is_other_revision("plan/app2/3", "app", 4));
  EXPECT_FALSE(is_other_revision("pod", "app", 4));
  EXPECT_FALSE(is_other_revision("plan/app/", "app", 4));
}

TEST(StoredPod, ThePodsOwnFileIsTheLast) {
  const LoadedPod given = loaded();
  const auto files = store_pod(given, file_variables_of(given));
  ASSERT_TRUE(files) << files.error().message;
  std::vector<std::string> names;
  for (const ns::NamedFd& file : *files) names.push_back(file.name);
  EXPECT_EQ(names, (std::vector<std::string>{"plan/app/1", "plan/app2/1", "inputs", "pod"}));
}

TEST(StoredPod, ALaterSupervisorReadsTheNewestRevisions) {
  LoadedPod given = loaded();
  auto files = store_pod(given, file_variables_of(given)).value();
  given.plan.containers[0].remarks = {"newer"};
  for (const unsigned number : {9U, 10U})
    files.push_back(store_revision(given.plan.id, number, given.plan.containers[0]).value());
  const auto run = read_stored_run(Layout("/nowhere"), record_of(given));
  ASSERT_TRUE(run) << run.error().text;
  EXPECT_EQ(run->revisions, (std::vector<unsigned>{10, 1}));
  EXPECT_EQ(run->plan.id, "default_web");
  ASSERT_EQ(run->plan.containers.size(), 2U);
  EXPECT_EQ(run->plan.containers[0].remarks, std::vector<std::string>{"newer"});
  EXPECT_EQ(run->plan.containers[1].name, "app2");
  EXPECT_TRUE(run->to_hold.empty());
  ASSERT_TRUE(run->file_variables);
  EXPECT_EQ(run->file_variables->inputs.uid, "0c5a");
}

TEST(StoredPod, ACommandReadsTheRevisionThatTheRecordNames) {
  LoadedPod given = loaded();
  auto files = store_pod(given, file_variables_of(given)).value();
  given.plan.containers[0].remarks = {"newer"};
  files.push_back(store_revision(given.plan.id, 2, given.plan.containers[0]).value());
  PodRecord record = record_of(given);
  const auto first = read_stored_plan(Layout("/nowhere"), record, 0);
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_TRUE(first->remarks.empty());
  record.containers[0].revision = 2;
  EXPECT_EQ(read_stored_plan(Layout("/nowhere"), record, 0)->remarks, std::vector<std::string>{"newer"});
  record.containers[0].revision = 3;
  const auto released = read_stored_plan(Layout("/nowhere"), record, 0);
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().status, ExitStatus::CannotEnter);
  EXPECT_EQ(released.error().text, "podrun: container app of pod web is ending\n");
}

TEST(StoredPod, OfASecretOnlyWhatTheNextRevisionNeedsIsStored) {
  const LoadedPod given = loaded();
  const auto variables = file_variables_of(given);
  ASSERT_TRUE(variables);
  const pod::Secret& secret = variables->inputs.secrets.at("key");
  EXPECT_EQ(secret.data, (std::map<std::string, std::string>{{"used", "one"}}));
  EXPECT_TRUE(secret.metadata.annotations.empty());
  EXPECT_EQ(variables->pod.objects.secrets.at("key").data, secret.data);
}

TEST(StoredPod, APodWithoutVariablesFromFilesNeedsNoInputs) {
  LoadedPod given = loaded();
  given.pod.spec.containers.pop_back();
  given.plan.containers.pop_back();
  EXPECT_FALSE(file_variables_of(given));
  const auto files = store_pod(given, std::nullopt).value();
  const auto run = read_stored_run(Layout("/nowhere"), record_of(given));
  ASSERT_TRUE(run) << run.error().text;
  EXPECT_FALSE(run->file_variables);
}

/// Expects every reader to say that the pod, or its container, is ending.
void expect_ending(const PodRecord& record) {
  const Layout layout("/nowhere");
  const auto run = read_stored_run(layout, record);
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().status, ExitStatus::NameConflict);
  EXPECT_EQ(run.error().text, "podrun: pod web is ending\n");
  const auto pod = read_stored_pod(layout, record);
  ASSERT_FALSE(pod);
  EXPECT_EQ(pod.error().text, "podrun: pod web is ending\n");
  const auto plan = read_stored_plan(layout, record, 0);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().status, ExitStatus::CannotEnter);
  EXPECT_EQ(plan.error().text, "podrun: container app of pod web is ending\n");
}

TEST(StoredPod, NothingIsReadFromAnotherProcessThatHasThePidOfThePause) {
  const LoadedPod given = loaded();
  const auto files = store_pod(given, file_variables_of(given)).value();
  PodRecord record = record_of(given);
  ++record.pause_started;
  expect_ending(record);
}

TEST(StoredPod, APodWhosePauseHasExitedIsEnding) {
  const LoadedPod given = loaded();
  PodRecord record = record_of(given);
  const auto ended = ns::run_in_child([] { return 0; });
  ASSERT_TRUE(ended);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(ended->pid), &info, WEXITED | WNOWAIT), 0);
  record.pause = ended->pid;
  record.pause_started = ns::start_ticks(ended->pid).value();
  expect_ending(record);
  ASSERT_TRUE(ns::wait_for(*ended));
  expect_ending(record);
}

TEST(StoredPod, APauseThatHasNoPlanOfANewPodIsABug) {
  const auto run = read_stored_run(Layout("/nowhere"), record_of(loaded()));
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().status, ExitStatus::Bug);
  EXPECT_EQ(run.error().text, "podrun: the pause of pod web holds no plan\n");
}

// The supervisor that gave the pause the plans of a pod of an older podrun has died before it wrote the state.
TEST(StoredPod, WhatThePauseHoldsIsReadAlthoughTheStateIsOfAnOlderPodrun) {
  const LoadedPod given = loaded();
  const auto files = store_pod(given, file_variables_of(given)).value();
  PodRecord record = record_of(given);
  for (ContainerRecord& container : record.containers) container.revision = 0;
  const Layout layout("/nowhere");
  const auto run = read_stored_run(layout, record);
  ASSERT_TRUE(run) << run.error().text;
  EXPECT_TRUE(run->to_hold.empty());
  EXPECT_TRUE(read_stored_pod(layout, record));
  const auto plan = read_stored_plan(layout, record, 1);
  ASSERT_TRUE(plan) << plan.error().text;
  EXPECT_EQ(plan->name, "app2");
}

TEST(StoredPod, APlanOfANewerPodrunIsRefusedWithItsName) {
  const LoadedPod given = loaded();
  const std::string newer = "d7:versioni99e6:podrun5:9.8.76:futured";
  const auto plan = ns::file_in_memory("plan/app/1", newer);
  const auto pod = ns::file_in_memory(pod_hold, newer);
  ASSERT_TRUE(plan && pod);
  const auto refused = read_stored_plan(Layout("/nowhere"), record_of(given), 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, ExitStatus::Failed);
  EXPECT_TRUE(refused.error().text.starts_with("podrun: the pod was started by podrun 9.8.7, "))
      << refused.error().text;
  EXPECT_EQ(read_stored_run(Layout("/nowhere"), record_of(given)).error().status, ExitStatus::Failed);
}

TEST(StoredPod, AStateWithOtherContainersThanThePlanIsABug) {
  const LoadedPod given = loaded();
  const auto files = store_pod(given, file_variables_of(given)).value();
  PodRecord shorter = record_of(given), other = record_of(given);
  shorter.containers.pop_back();
  other.containers[1].name = "app3";
  for (const PodRecord& record : {shorter, other}) {
    const auto run = read_stored_run(Layout("/nowhere"), record);
    ASSERT_FALSE(run);
    EXPECT_EQ(run.error().status, ExitStatus::Bug);
    EXPECT_EQ(run.error().text, "podrun: the state of pod web has other containers than its plan\n");
  }
}

TEST(StoredPod, ADamagedPlanIsABug) {
  const LoadedPod given = loaded();
  const auto plan = ns::file_in_memory("plan/app/1", "d7:versioni1e");
  ASSERT_TRUE(plan);
  EXPECT_EQ(read_stored_plan(Layout("/nowhere"), record_of(given), 0).error().status, ExitStatus::Bug);
}

}  // namespace
}  // namespace podrun::supervisor
