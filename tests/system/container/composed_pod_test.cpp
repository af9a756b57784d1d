// Compositions of namespaces during the life of a pod: restarts, left-over processes, clocks and roots.
#include <signal.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "namespaces/kernel/process.hpp"
#include "tests/system/support/entered_pod.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using pod::NamespaceKind;
using supervisor::ContainerState;
using supervisor::PodRecord;

const std::string sleeper = "command: [sleep, '1000']";

/// A running pod, with lines in the annotation podrun.io/namespaces.
class ComposedPod : public testing::Test {
 protected:
  void start(const std::string& lines, const std::vector<ContainerText>& containers, const std::string& spec = "",
             const std::string& more_annotations = "") {
    std::string text = manifest("pod", containers, "terminationGracePeriodSeconds: 0\n" + spec);
    std::string annotation = "  annotations:\n    podrun.io/backoff-initial: 10ms\n" + more_annotations;
    if (!lines.empty()) annotation += "    podrun.io/namespaces: |\n";
    for (const std::string& line : lines_of(lines)) annotation += "      " + line + "\n";
    text.insert(text.find("spec:"), annotation);
    const Finished started = run(root_, {"-d", root_.write("pod.yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
    pod_ = processes_of(root_, "default_pod");
  }

  PodRecord record(const std::function<bool(const PodRecord&)>& wanted = [](const PodRecord&) { return true; }) {
    return wait_for_state(root_, "default_pod", wanted);
  }

  /// Ends a container's first process, and waits until its successor runs.
  void restart(std::size_t index) {
    const PodRecord before = record();
    const auto process = ns::open_process(before.containers[index].pid);
    ASSERT_TRUE(process && ns::send_signal(*process, SIGKILL));
    wait_for_instance(index, before.status.containers[index].instance + 1);
  }
  void wait_for_instance(std::size_t index, int instance) {
    record([&](const PodRecord& now) {
      const auto& container = now.status.containers[index];
      return container.state == ContainerState::Running && container.instance >= instance;
    });
    pod_ = processes_of(root_, "default_pod");
  }

  /// The output of a container, once it has so many lines.
  std::string output(const std::string& container, int lines = 1) {
    PodRun logs(root_, {"logs", "-f", "pod", container});
    EXPECT_TRUE(logs.wait_for_out("\n", lines));
    return logs.out();
  }

  TemporaryRoot root_;
  Processes pod_;
};

TEST_F(ComposedPod, AJoinedNetworkNamespaceOutlivesItsContainer) {
  start("web: net=private\ndb: net=container:web", {{"db", "", sleeper}, {"web", "", sleeper}});
  const auto net = namespace_of(pod_["web"], NamespaceKind::Net);
  const pid_t db = pod_["db"];
  restart(1);
  EXPECT_EQ(namespace_of(pod_["web"], NamespaceKind::Net), net);
  EXPECT_EQ(pod_["db"], db) << "it runs on";
  restart(0);
  EXPECT_EQ(namespace_of(pod_["db"], NamespaceKind::Net), net);
}

TEST_F(ComposedPod, AJoinedNetworkNamespaceOutlivesTheSupervisor) {
  start("web: net=private\ndb: net=container:web", {{"db", "", sleeper}, {"web", "", sleeper}});
  const auto net = namespace_of(pod_["web"], NamespaceKind::Net);
  const auto supervisor = ns::open_process(pod_.supervisor);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
  record([&](const PodRecord& now) { return now.supervisor != pod_.supervisor; });
  restart(1);
  EXPECT_EQ(namespace_of(pod_["web"], NamespaceKind::Net), net);
}

TEST_F(ComposedPod, AJoinerOfAPidNamespaceRestartsWithItsOwner) {
  start("tail: pid=container:web", {{"tail", "", sleeper}, {"web", "", sleeper}});
  const pid_t tail = pod_["tail"];
  EXPECT_EQ(namespace_of(tail, NamespaceKind::Pid), namespace_of(pod_["web"], NamespaceKind::Pid));
  restart(1);
  EXPECT_TRUE(wait_until_dead(tail));
  wait_for_instance(0, 1);
  EXPECT_EQ(namespace_of(pod_["tail"], NamespaceKind::Pid), namespace_of(pod_["web"], NamespaceKind::Pid));
}

TEST_F(ComposedPod, AJoinerOfAMountNamespaceRestartsWithItsOwner) {
  start("web: mnt=private\ntwin: mnt=container:web", {{"twin", "", sleeper}, {"web", "", sleeper}});
  const pid_t twin = pod_["twin"];
  EXPECT_EQ(root_of(twin), root_of(pod_["web"]));
  restart(1);
  EXPECT_TRUE(wait_until_dead(twin));
  wait_for_instance(0, 1);
  EXPECT_EQ(root_of(pod_["twin"]), root_of(pod_["web"]));
}

TEST_F(ComposedPod, AJoinerEndsWithItsOwnerThatIsNotRestarted) {
  start("late: pid=container:job", {{"late", "", sleeper}, {"job", "trap 'exit 0' TERM; echo up; sleep 1000 & wait"}},
        "restartPolicy: Never\n");
  ASSERT_TRUE(holds(output("job"), "up"));
  const auto job = ns::open_process(pod_["job"]);
  ASSERT_TRUE(job && ns::send_signal(*job, SIGTERM));
  EXPECT_TRUE(wait_until_dead(pod_.pause));
  const auto pods = nlohmann::json::parse(run(root_, {"ps", "-a", "-o", "json"}).out);
  const auto& containers = pods.at("items").at(0).at("status").at("containerStatuses");
  EXPECT_EQ(containers.at(0).at("state").at("terminated").at("exitCode"), 137);
  EXPECT_EQ(containers.at(1).at("state").at("terminated").at("exitCode"), 0);
}

// The job may end before its joiner is launched, which fails the start, or afterwards, which ends the joiner.
TEST_F(ComposedPod, AJoinerOfAnEndedContainerFailsAndLeavesNothing) {
  const std::string text = manifest("pod", {{"late", "", sleeper}, {"job", "exit 0"}});
  std::string composed = text;
  composed.insert(text.find("spec:"), "  annotations:\n    podrun.io/namespaces: 'late: pid=container:job'\n");
  const HostSnapshot before = snapshot(root_);
  const Finished ended = run(root_, {root_.write("pod.yaml", composed)});
  if (ended.status == 3) {
    EXPECT_TRUE(matches(ended.err, "pod/late: (host step .*: container job (has ended|does not run)|.* is ending)"));
  } else {
    EXPECT_EQ(ended.status, 1) << ended.err;
    EXPECT_TRUE(matches(ended.err, "late: exited with 137"));
    EXPECT_TRUE(matches(ended.err, "job: exited with 0"));
  }
  std::filesystem::remove_all(root_.layout().logs());
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

// ---- a shared PID namespace ----

TEST_F(ComposedPod, ASharedPidNamespaceHasAnInitThatReaps) {
  const std::string makes_orphan = "(sleep 2000 &)\necho ready\nsleep 1000 & wait";
  start("", {{"a", makes_orphan}, {"b", "", sleeper}}, "shareProcessNamespace: true\n");
  const PodRecord now = record();
  ASSERT_GT(now.init, 0);
  EXPECT_EQ(namespace_of(pod_["a"], NamespaceKind::Pid), namespace_of(now.init, NamespaceKind::Pid));
  EXPECT_EQ(namespace_of(pod_["b"], NamespaceKind::Pid), namespace_of(now.init, NamespaceKind::Pid));
  EXPECT_TRUE(status_of(now.init, "NSpid").ends_with(" 1"));
  EXPECT_EQ(comm_of(now.init), "podrun-init");
  EXPECT_EQ(command_line_of(now.init).size() >= 2 ? command_line_of(now.init)[1] : "", "default_pod");
  EXPECT_FALSE(holds(proc_file(now.init, "cmdline"), root_.path())) << "containers can read it";
  EXPECT_EQ(descriptors_of(now.init).size(), 0U);
  ASSERT_TRUE(holds(output("a"), "ready"));
  const auto orphans = [&] {
    std::vector<pid_t> found;
    for (const pid_t child : children_of(now.init))
      if (holds(proc_file(child, "cmdline"), "2000")) found.push_back(child);
    return found;
  };
  const Deadline deadline = soon();
  while (orphans().empty()) ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "init has no orphan";
  const pid_t orphan = orphans().front();
  end_descendant(orphan);
  while (state_of(orphan) != '\0') ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it is not reaped";
}

TEST_F(ComposedPod, APodEndsWithItsInit) {
  start("", {{"a", "", sleeper}}, "shareProcessNamespace: true\n");
  const PodRecord now = record();
  const auto init = ns::open_process(now.init);
  ASSERT_TRUE(init && ns::send_signal(*init, SIGKILL));
  EXPECT_TRUE(wait_until_dead(pod_["a"]));
  EXPECT_TRUE(wait_until_dead(now.pause));
}

TEST_F(ComposedPod, ChildrenLeftInASharedPidNamespaceEndWithTheContainer) {
  for (const std::string spec : {"shareProcessNamespace: true\n", "hostPID: true\n"}) {
    SCOPED_TRACE(spec);
    const std::string script = "sleep 2000 &\nsleep 1000 &\necho ready\nwait";
    start("", {{"a", script}}, spec);
    ASSERT_TRUE(holds(output("a"), "ready"));
    const std::vector<pid_t> left = children_of(pod_["a"]);
    ASSERT_EQ(left.size(), 2U);
    restart(0);
    for (const pid_t each : left) EXPECT_TRUE(wait_until_dead(each));
    EXPECT_EQ(run(root_, {"stop", "pod"}).status, 0);
  }
}

// ---- clocks, names, groups ----

TEST_F(ComposedPod, APrivateTimeNamespaceHasItsOffset) {
  start("a: time=private", {{"a", "cut -d. -f1 /proc/uptime\nsleep 1000 & wait"}}, "",
        "    podrun.io/time-offsets: 'a: boottime=240h'\n");
  const std::string uptime = output("a");
  const double host = std::stod(contents_of("/proc/uptime"));
  EXPECT_NEAR(std::stod(uptime.substr(uptime.find('|') + 1)), host + 240 * 3600, 60);
}

TEST_F(ComposedPod, APrivateCgroupNamespaceIsRootedAtTheContainersGroup) {
  start("a: cgroup=private\nb: cgroup=pod", {{"a", "grep ^0: /proc/self/cgroup\nsleep 1000 & wait"},
                                             {"b", "grep ^0: /proc/self/cgroup\nsleep 1000 & wait"}});
  const std::string a = output("a"), b = output("b");
  EXPECT_TRUE(holds(a, "0::/\n"));
  EXPECT_TRUE(holds(b, "0::/b\n"));
  const auto seen_by_command = [&](const std::string& container) {
    return run(root_, {"exec", "pod/" + container, "--", "grep", "^0:", "/proc/self/cgroup"}).out;
  };
  EXPECT_EQ(seen_by_command("a"), "0::/cmd-0\n");
  EXPECT_EQ(seen_by_command("b"), "0::/b/cmd-0\n");
}

TEST_F(ComposedPod, APodInTheHostsNetworkHasItsHostnameAndHostsFile) {
  start("", {{"a", "hostname\ncat /etc/hosts\nsleep 1000 & wait"}}, "hostNetwork: true\nhostname: mine\n");
  const std::string hosts = contents_of("/etc/hosts");
  const std::string seen = output("a", static_cast<int>(lines_of(hosts).size()) + 1);
  EXPECT_TRUE(holds(seen, contents_of("/proc/sys/kernel/hostname")));
  for (const std::string& line : lines_of(hosts)) EXPECT_TRUE(holds(seen, line));
  EXPECT_EQ(namespace_of(pod_["a"], NamespaceKind::Net), namespace_of(::getpid(), NamespaceKind::Net));
}

// ---- roots ----

TEST_F(ComposedPod, AContainerWithSysAdminHasAMountNamespaceOfItsOwn) {
  start("",
        {{"a", "", sleeper + "\nsecurityContext: {capabilities: {add: [SYS_ADMIN, SYS_CHROOT]}}"}, {"b", "", sleeper}});
  EXPECT_NE(namespace_of(pod_["a"], NamespaceKind::Mnt), namespace_of(pod_["b"], NamespaceKind::Mnt));
  for (const MountLine& mount : mounts_of(pod_["a"])) EXPECT_FALSE(mount.point.starts_with("/c")) << mount.point;
  EXPECT_EQ(mount_at(mounts_of(pod_["a"]), "/").type, "overlay") << "nothing is above it";
  EXPECT_TRUE(holds(run(root_, {"plan", root_ / "pod.yaml"}).out, "with SYS_ADMIN a chroot could be left"));
}

TEST_F(ComposedPod, APrivilegedContainerHasAllCapabilitiesAndCanMount) {
  start("", {{"a", "mount -t tmpfs x /mnt || mkdir -p /mnt && mount -t tmpfs x /mnt\necho mounted\nsleep 1000 & wait",
              "securityContext: {privileged: true}"}});
  EXPECT_TRUE(holds(output("a"), "mounted"));
  EXPECT_EQ(mount_at(mounts_of(pod_["a"]), "/mnt").type, "tmpfs");
  EXPECT_FALSE(mount_at(mounts_of(pod_["a"]), "/proc").has("ro"));
  EXPECT_EQ(status_of(pod_["a"], "CapEff"), status_of(pod_.supervisor, "CapBnd"));
}

TEST_F(ComposedPod, CapabilitiesAreAddedAndDropped) {
  start("", {{"a", "", sleeper + "\nsecurityContext: {capabilities: {add: [NET_ADMIN], drop: [ALL]}}"},
             {"b", "", sleeper + "\nsecurityContext: {capabilities: {drop: [KILL]}}"}});
  EXPECT_EQ(status_of(pod_["a"], "CapEff"), "0000000000001000");
  EXPECT_EQ(status_of(pod_["a"], "CapBnd"), "0000000000001000");
  EXPECT_EQ(status_of(pod_["b"], "CapEff"),
            fmt::format("{:016x}", 0xa00425fb & ~(1ULL << 18) & ~(1ULL << 27) & ~(1ULL << 5)));
}

TEST_F(ComposedPod, ACommandCanEnterEveryNamespaceComposition) {
  const std::string privileges = sleeper + "\nsecurityContext: {capabilities: {add: [SYS_ADMIN], drop: [NET_RAW]}}";
  start(
      "own: mnt=private net=private ipc=private uts=private cgroup=private time=private\n"
      "joins: mnt=container:own net=container:own pid=container:own time=container:own ipc=host\n"
      "hosts: mnt=host net=host pid=host\n"
      "pods: pid=pod cgroup=pod time=pod\n",
      {{"own", "", sleeper},
       {"joins", "", sleeper},
       {"hosts", "", sleeper, "rootfs:/"},
       {"pods", "", sleeper},
       {"rights", "", privileges}});
  for (const std::string name : {"own", "joins", "hosts", "pods", "rights"}) {
    PodRun client(root_, {"exec", "pod/" + name, "--", "sh", "-c", "echo here; while :; do sleep 1000; done"});
    ASSERT_TRUE(client.wait_for_out("here")) << name;
    const pid_t command = command_of(client), container = pod_[name];
    EXPECT_EQ(namespaces_of(command), namespaces_of(container)) << name;
    EXPECT_EQ(root_of(command), root_of(container)) << name;
    EXPECT_EQ(group_of(command), group_of(container) + "/cmd-0") << name;
    for (const auto field : {"CapPrm", "CapBnd", "Seccomp", "NoNewPrivs"})
      EXPECT_EQ(status_of(command, field), status_of(container, field)) << name << ": " << field;
  }
  const Finished debugged = run(root_, {"debug", "pod/joins", "--image", "localhost/busybox", "--", "hostname"});
  EXPECT_EQ(debugged.status, 0) << debugged.err;
}

}  // namespace
}  // namespace podrun::test
