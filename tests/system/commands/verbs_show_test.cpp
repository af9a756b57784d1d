// The verbs that show what a pod prints, whose namespaces it has, and how long its start took.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

// ---- logs ----

TEST_F(Verbs, LogsAreThereAfterTheEnd) {
  EXPECT_EQ(
      run(root_, {root_.write("pod.yaml", manifest("done", {{"a", "echo one; echo two >&2"}, {"b", "echo three"}}))})
          .status,
      0);
  const Finished all = run(root_, {"logs", "done"});
  EXPECT_EQ(all.status, 0);
  EXPECT_TRUE(holds(all.out, "a | one\n"));
  EXPECT_TRUE(holds(all.out, "b | three\n"));
  EXPECT_EQ(all.err, "a | two\n");
  EXPECT_EQ(run(root_, {"logs", "done", "b"}).out, "three\n");
  EXPECT_TRUE(matches(run(root_, {"logs", "--timestamps", "done", "b"}).out, "^20[0-9-]+T[0-9:.]+Z three\n$"));
  EXPECT_NE(run(root_, {"logs", "done", "nosuch"}).status, 0);
}

TEST_F(Verbs, LogsFollowUntilThePodEnds) {
  start(manifest("talk", {{"a", "trap 'echo last words; exit 0' TERM; echo first words\nsleep 1000 & wait $!"}}));
  PodRun logs(root_, {"logs", "-f", "talk", "a"});
  EXPECT_TRUE(logs.wait_for_out("first words\n"));
  EXPECT_EQ(run(root_, {"stop", "talk"}).status, 0);
  EXPECT_EQ(logs.wait_exit(), 0);
  EXPECT_EQ(logs.out(), "first words\nlast words\n");
}

TEST_F(Verbs, LogsShowThePreviousInstanceAndATail) {
  const std::string script = "[ -e /v/x ] && { echo second; exit 0; }; touch /v/x; echo a; echo b; echo first; exit 1";
  EXPECT_EQ(
      run(root_, {root_.write("pod.yaml", manifest("twice", {{"c", script, "volumeMounts: [{name: v, mountPath: /v}]"}},
                                                   "restartPolicy: OnFailure\nvolumes: [{name: v, emptyDir: {}}]"))})
          .status,
      0);
  EXPECT_EQ(run(root_, {"logs", "twice", "c"}).out, "second\n");
  EXPECT_EQ(run(root_, {"logs", "-p", "twice", "c"}).out, "a\nb\nfirst\n");
  EXPECT_EQ(run(root_, {"logs", "-p", "--tail", "1", "twice", "c"}).out, "first\n");
}

// ---- ns ----

TEST_F(Verbs, NsShowsTheNamespacesThatProcShows) {
  start(two_sleepers("two"));
  const Processes pod = processes_of(root_, "default_two");
  const auto table = json({"ns", "two"});
  EXPECT_EQ(table.at("pod"), "default_two");
  std::map<std::string, pid_t> pids;
  for (const auto& process : table.at("processes")) {
    const std::string name = process.at("name");
    // The row of the host is the process of podrun, which has ended.
    const pid_t pid = name == "host" ? ::getpid() : process.at("pid").get<pid_t>();
    pids[name] = pid;
    const auto ids = namespaces_of(pid);
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind)
      EXPECT_EQ(process.at("namespaces").at(std::string(pod::namespace_names[kind])).at("id"), ids[kind])
          << name << " " << pod::namespace_names[kind];
  }
  EXPECT_EQ(pids, (std::map<std::string, pid_t>{
                      {"host", ::getpid()}, {"pause", pod.pause}, {"a", pod["a"]}, {"b", pod["b"]}}));
}

TEST_F(Verbs, NsShowsTheOwnerOfEachNamespace) {
  start(two_sleepers("two"));
  const auto processes = json({"ns", "two"}).at("processes");
  const auto owner = [](const nlohmann::json& process, const char* kind) -> std::string {
    return process.at("namespaces").at(kind).at("owner");
  };
  for (const auto& process : processes) {
    if (process.at("role") != "container") continue;
    for (const auto kind : {"mnt", "net", "ipc", "uts"}) EXPECT_EQ(owner(process, kind), "pod") << kind;
    for (const auto kind : {"user", "cgroup", "time"}) EXPECT_EQ(owner(process, kind), "host") << kind;
    EXPECT_EQ(owner(process, "pid"), "own");
  }
  EXPECT_TRUE(holds(run(root_, {"ns", "two"}).out, "\na "));
  EXPECT_TRUE(holds(run(root_, {"ns", "two", "-o", "dot"}).out, "graph \"two\""));
  EXPECT_TRUE(holds(run(root_, {"ns", "two", "-o", "svg"}).out, "data-process=\"a\" data-kind=\"net\""));
}

TEST_F(Verbs, NsVerifyReportsANamespaceChangedSinceTheStart) {
  const std::string script =
      "trap : TERM\necho ready\nsleep 1000 & wait $!\nexec unshare -u sh -c 'echo changed; exec sleep 1000'\n";
  start(manifest("two", {{"a", script, "securityContext: {capabilities: {add: [SYS_ADMIN]}}"}, {"b", until_stopped}}));
  const Processes pod = processes_of(root_, "default_two");
  PodRun logs(root_, {"logs", "-f", "two", "a"});
  ASSERT_TRUE(logs.wait_for_out("ready"));
  const Finished before = run(root_, {"ns", "--verify", "two"});
  EXPECT_EQ(before.status, 0) << before.out;
  ASSERT_EQ(::kill(pod["a"], SIGTERM), 0);
  ASSERT_TRUE(logs.wait_for_out("changed"));
  const Finished after = run(root_, {"ns", "--verify", "two"});
  EXPECT_EQ(after.status, 1);
  EXPECT_TRUE(matches(after.out, "^a: uts:\\[[0-9]+\\] is its own, not the pod's uts:\\[[0-9]+\\]\n$"));
}

// ---- timeline ----

TEST_F(Verbs, TimelineHasEveryStepOfThePlanAfterThePodsEnd) {
  start(two_sleepers("two"));
  const auto plan = json({"plan", root_ / "pod.yaml"});
  ASSERT_EQ(run(root_, {"stop", "--grace-period", "0", "two"}).status, 0);
  std::map<std::string, std::size_t> steps;
  const auto timeline = json({"timeline", "two"});
  for (const auto& span : timeline.at("spans")) {
    EXPECT_LE(span.at("beginNanoseconds"), span.at("endNanoseconds")) << span;
    ++steps[span.at("who")];
  }
  EXPECT_EQ(steps["pause"], plan.at("sandbox").size());
  for (const auto& container : plan.at("containers"))
    EXPECT_EQ(steps[container.at("name")], container.at("child").size());
  EXPECT_TRUE(holds(run(root_, {"timeline", "two"}).out, "child 1 signals"));
}

// The start of the next run removes the logs of the oldest, whose folder is then the one that was changed last.
TEST_F(Verbs, TimelineOfARunningPodIsThatOfItsPresentRun) {
  start(two_sleepers("two"));
  std::filesystem::create_directory(root_.layout().logs() + "/default_two_0b6b3a4e-5d5c-4f0e-8f4b-1a2b3c4d5e6f");
  const Finished shown = run(root_, {"timeline", "two"});
  EXPECT_EQ(shown.status, 0) << shown.err;
}

// The supervisor has only one thread.
TEST_F(Verbs, TimelineSpansOfOneActorDoNotOverlap) {
  start(two_sleepers("two"));
  const auto timeline = json({"timeline", "two"});
  using Span = std::pair<std::int64_t, std::int64_t>;  // begin, end
  std::map<std::string, std::vector<Span>> of;
  for (const auto& span : timeline.at("spans"))
    of[span.at("who")].emplace_back(span.at("beginNanoseconds"), span.at("endNanoseconds"));
  for (const std::string who : {"podrun", "pause", "a", "b"}) EXPECT_GT(of[who].size(), 1U) << who;
  for (auto& [who, spans] : of) {
    std::ranges::sort(spans);
    for (std::size_t next = 1; next < spans.size(); ++next)
      EXPECT_LE(spans[next - 1].second, spans[next].first) << who << ": span " << next;
  }
}

TEST_F(Verbs, TimelineUsesTheHostsClockDespiteATimeNamespace) {
  std::string text = two_sleepers("two");
  text.insert(text.find("spec:"),
              "  annotations:\n"
              "    podrun.io/namespaces: 'a: time=private'\n"
              "    podrun.io/time-offsets: 'a: boottime=24h'\n");
  start(text);
  const auto steps = json({"plan", root_ / "pod.yaml"}).at("containers").at(0).at("child").size();
  const auto spans = json({"timeline", "two"}).at("spans");
  EXPECT_EQ(std::ranges::count_if(spans, [](const auto& span) { return span.at("who") == "a"; }), steps);
  const auto begin = spans.at(0).at("beginNanoseconds").get<std::int64_t>();
  for (const auto& span : spans) {
    const std::chrono::nanoseconds end(span.at("endNanoseconds").get<std::int64_t>() - begin);
    EXPECT_LT(end, std::chrono::hours(1)) << span;
  }
}

}  // namespace
}  // namespace podrun::test
