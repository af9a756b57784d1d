// `podrun script`: a shell makes the same pod as podrun. Each pod is started both ways, and its processes are compared:
// namespaces, mounts, ids, capabilities, limits and environment.
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "pod/manifest/parse.hpp"
#include "supervisor/show/namespace_matrix.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::NamespaceMatrix;
using supervisor::Role;
using Pids = std::vector<std::pair<std::string, pid_t>>;  // the pause, the init if there is one, the containers

std::string with(std::string text, const std::string& old, const std::string& replacement) {
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), replacement);
}

/// The attributes of a process that are compared.
const std::string hardened = R"(apiVersion: v1
kind: Pod
metadata: {name: hardened, annotations: {podrun.io/limit-nofile: 'tight: 100:200'}}
spec:
  hostname: shelf
  terminationGracePeriodSeconds: 1
  volumes: [{name: box, emptyDir: {}}]
  containers:
  - name: tight
    image: localhost/busybox
    command: [sh, -c, "exec sleep 1000"]
    workingDir: /box/deep
    env: [{name: WORDS, value: "it's \"quoted\"\nEND $HOME `id`"}]
    securityContext:
      {runAsUser: 1000, runAsGroup: 1001, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true}
    volumeMounts: [{name: box, mountPath: /box}]
  - name: bare
    image: localhost/busybox
    command: [/bin/sleep, "1000"]
    securityContext: {runAsUser: 0, capabilities: {drop: [ALL], add: [NET_ADMIN]}}
  - name: wide
    image: localhost/busybox
    command: [sleep, "1000"]
    securityContext: {runAsUser: 0, capabilities: {add: [SYS_ADMIN]}}
)";

/// The manifest of an example, with containers that run until they are asked to end.
std::string lasting(const TemporaryRoot& root, const std::string& name) {
  if (name == "hardened") return hardened;
  static const std::regex grace("terminationGracePeriodSeconds: [0-9]+");
  std::string text =
      std::regex_replace(contents_of(example(name)), grace, "terminationGracePeriodSeconds: 1");
  if (name == "crashloop" || name == "job") text = with(text, "exit 1", "sleep 1000");
  if (name == "job") text = with(text, "[echo, 'done at once']", "[sleep, '1000']");
  if (name == "nginx") {
    const std::string rootfs = root.make_rootfs("nginx");
    root.write("nginx/bin/nginx", "#!/bin/sh\nexec sleep 1000\n");
    ::chmod((rootfs + "/bin/nginx").c_str(), 0755);
    text = with(text, "rootfs:/var/lib/podrun/rootfs/nginx", "rootfs:" + rootfs);
  }
  return text;
}

/// Waits until there is one, because proc(5) shows none while a process is in an execve(2).
std::string environment_of(pid_t pid) {
  std::string text;
  for (const Deadline deadline = soon(); text.empty() && std::chrono::steady_clock::now() < deadline; ::sched_yield())
    text = proc_file(pid, "environ");
  return text;
}

/// The attributes of a process, without those that differ from run to run.
std::string snapshot_of(pid_t pid) {
  std::string text;
  for (const auto* const field :
       {"Uid", "Gid", "Groups", "Umask", "NoNewPrivs", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    text += fmt::format("{} {}\n", field, status_of(pid, field));
  text += proc_file(pid, "limits") + proc_file(pid, "oom_score_adj");
  std::vector<std::string> mounts;
  for (const MountLine& mount : mounts_of(pid))
    mounts.push_back(fmt::format("{} {} {}{}\n", mount.point, mount.type, mount.has("ro") ? "ro" : "rw",
                                 mount.propagation));
  std::ranges::sort(mounts);
  for (const std::string& mount : mounts) text += mount;
  // A shell adds these variables and changes the order.
  const std::set<std::string> of_shells{"SHLVL", "PWD", "OLDPWD", "_"};
  std::istringstream environment(environment_of(pid));
  std::set<std::string> variables;
  for (std::string variable; std::getline(environment, variable, '\0');)
    if (!of_shells.contains(variable.substr(0, variable.find('=')))) variables.insert(variable);
  for (const std::string& variable : variables) text += variable + "\n";
  return text;
}

/// The namespaces of processes, as letters that are equal for the same namespace.
std::string letters_of(const Pids& pids) {
  NamespaceMatrix matrix{.host = {"host", Role::Host, ::getpid(), namespaces_of(::getpid())}, .members = {}};
  for (const auto& [name, pid] : pids)
    matrix.members.push_back({name, Role::Container, pid, namespaces_of(pid)});
  const supervisor::Sharing sharing = supervisor::sharing_of(matrix);
  std::string text;
  for (std::size_t row = 0; row < pids.size(); ++row) {
    text += pids[row].first;
    for (const auto& group : sharing.cells[row])
      text += " " + (group ? sharing.groups[*group].letter : "host");
    text += "\n";
  }
  return text;
}

/// A pod, started by podrun or by the script.
struct PodSnapshot {
  std::string namespaces;
  std::map<std::string, std::string> containers;
};
PodSnapshot snapshot_of(Pids pids) {
  const auto is_container = [](const auto& process) {
    return process.first != "pause" && process.first != "init";
  };
  std::ranges::sort(std::ranges::find_if(pids, is_container),
                    pids.end());  // a container that needs the process of another one starts later
  PodSnapshot portrait{.namespaces = letters_of(pids), .containers = {}};
  for (const auto& [name, pid] : pids)
    if (is_container(std::pair(name, pid))) portrait.containers[name] = snapshot_of(pid);
  return portrait;
}

PodSnapshot of_podrun(const TemporaryRoot& root, const std::string& path, const std::string& id) {
  const Finished started = run(root, {"-d", path});
  EXPECT_EQ(started.status, 0) << started.err;
  const auto is_init = [](const auto& container) { return container.role == pod::ContainerRole::Init; };
  const auto record = wait_for_state(root, id, [&](const auto& state) {
    return std::ranges::all_of(state.containers, [&](const auto& each) { return each.pid != 0 || is_init(each); });
  });
  Pids pids{{"pause", record.pause}};
  if (record.init != 0) pids.emplace_back("init", record.init);
  for (const auto& container : record.containers)
    if (!is_init(container)) pids.emplace_back(container.name, container.pid);
  PodSnapshot portrait = snapshot_of(pids);
  EXPECT_EQ(run(root, {"ns", "--verify", id}).status, 0);
  EXPECT_EQ(run(root, {"stop", "--grace-period", "0", id}).status, 0);
  return portrait;
}

PodSnapshot of_script(const TemporaryRoot& root, const std::string& path, const std::string& id) {
  const Finished printed = run(root, {"script", path});
  EXPECT_EQ(printed.status, 0) << printed.err;
  PodRun script({"/bin/sh", root.write("pod.sh", printed.out)});
  // The script runs a few hundred commands, which takes longer than test_timeout on a busy machine.
  bool runs = false;
  for (int attempt = 0; attempt < 6 && !runs; ++attempt) runs = bool(script.wait_for_out("running: "));
  EXPECT_TRUE(runs) << script.err();
  const std::string& out = script.out();
  const auto at = out.find("running: ") + 9;
  std::istringstream words(out.substr(at, out.find('\n', at) - at));
  Pids pids;
  std::string name;
  for (pid_t pid = 0; words >> name >> pid;) pids.emplace_back(name, pid);
  PodSnapshot portrait = snapshot_of(pids);
  script.signal(SIGINT);
  EXPECT_EQ(script.wait_exit(), 130) << script.err();
  for (const auto& [_, pid] : pids) EXPECT_TRUE(wait_until_dead(pid));
  EXPECT_FALSE(fs::exists(root / "var/lib/podrun/by-hand"));
  EXPECT_FALSE(fs::exists(root.facts().cgroup2_mount + "/podrun-by-hand/" + id));
  return portrait;
}

void expect_the_same_pod(const std::string& name) {
  const TemporaryRoot root;
  const std::string path = root.write(name + ".yaml", lasting(root, name));
  const HostSnapshot before = snapshot(root);
  const PodSnapshot podrun = of_podrun(root, path, "default_" + name);
  const PodSnapshot script = of_script(root, path, "default_" + name);
  EXPECT_EQ(changes(before, snapshot(root)), "");
  EXPECT_EQ(script.namespaces, podrun.namespaces);
  ASSERT_FALSE(podrun.containers.empty());
  EXPECT_EQ(script.containers.size(), podrun.containers.size());
  for (const auto& [container, portrait] : podrun.containers)
    EXPECT_EQ(script.containers.contains(container) ? script.containers.at(container) : "", portrait)
        << container;
}

TEST(Script, AScriptMakesTheSamePodAsPodrun) {
  expect_the_same_pod("web");
}

TEST(Script, AFailedStepOfAScriptLeavesNothing) {
  const TemporaryRoot root;
  const std::string text = with(contents_of(example("web")), "mountPath: /srv", "mountPath: /bin/sh/below");
  const HostSnapshot before = snapshot(root);
  PodRun script({"/bin/sh", root.write("pod.sh", run(root, {"script", root.write("web.yaml", text)}).out)});
  EXPECT_EQ(script.wait_exit(), 1);
  EXPECT_TRUE(holds(script.err(), "app: a step failed"));
  EXPECT_EQ(changes(before, snapshot(root)), "");
  EXPECT_FALSE(fs::exists(root / "var/lib/podrun/by-hand"));
}

TEST(Script, ASecondScriptOfARunningPodIsRefused) {
  const TemporaryRoot root;
  const std::string pod = root.write("pod.yaml", manifest("one", {{"c", ready_until_stopped}}));
  const std::string path = root.write("pod.sh", run(root, {"script", pod}).out);
  PodRun first({"/bin/sh", path});
  ASSERT_TRUE(first.wait_for_out("ready\n"));
  PodRun second({"/bin/sh", path});
  EXPECT_EQ(second.wait_exit(), 1);
  EXPECT_TRUE(holds(second.err(), "this pod runs already"));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait_exit(), 143);
}

/// Those of examples that are one pod, but web, and another.
std::vector<std::string> other_pods() {
  std::vector<std::string> names{"hardened"};
  for (const auto& entry : fs::directory_iterator(PODRUN_SOURCE_DIR "/examples/pods"))
    if (const auto name = entry.path().stem();
        entry.path().extension() == ".yaml" && name != "web" && name != "guestbook")
      names.push_back(name);
  std::ranges::sort(names);
  return names;
}

class EveryScript : public testing::TestWithParam<std::string> {};

TEST_P(EveryScript, EachScriptMakesTheSamePodAsPodrun) {
  expect_the_same_pod(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Of, EveryScript, testing::ValuesIn(other_pods()), [](const auto& example) {
  std::string name = example.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

}  // namespace
}  // namespace podrun::test
