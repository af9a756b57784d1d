// Fields of a manifest as a container sees their effect: variables, names and rights. Manifests of several documents.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "supervisor/core/exit_status.hpp"
#include "tests/system/support/entered_pod.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

const std::string objects =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: blue}\n---\n"
    "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n---\n";

/// The output of a pod's only container, until its end.
std::string output_of(const TemporaryRoot& root, const std::string& spec, const std::string& fields,
                      const std::string& script) {
  const std::string text = objects + manifest("pod", {{"app", script, fields}}, "restartPolicy: Never\n" + spec);
  PodRun pod(root, {root.write("pod.yaml", text)});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  return pod.out();
}

/// The files below a directory that contain WORDS.
std::vector<std::string> files_with(const std::string& folder, const std::string& words) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && !entry.is_symlink() && contents_of(entry.path()).find(words) != std::string::npos)
      found.push_back(entry.path());
  return found;
}

void expect_line(const std::string& output, const std::string& line) {
  EXPECT_NE(("\n" + output).find("\napp | " + line + "\n"), std::string::npos) << line << "\n--- in ---\n" << output;
}

TEST(Sysctls, SysctlsApplyOnlyToThePod) {
  const std::string path = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  const std::string before = contents_of(path);
  const TemporaryRoot root;
  const std::string out = output_of(root,
                                    "securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "
                                    "'81'}, {name: kernel.shm_rmid_forced, value: '1'}]}",
                                    "", "cat " + path + " /proc/sys/kernel/shm_rmid_forced");
  expect_line(out, "81");
  expect_line(out, "1");
  EXPECT_EQ(contents_of(path), before) << "the host's";
}

TEST(SeccompFilters, AFilterRefusesWhatItsProfileRefuses) {
  const TemporaryRoot root;
  const std::string script =
      "grep Seccomp_filters /proc/self/status\nunshare -U true 2>/dev/null && echo new || echo refused\n";
  // Without SYS_ADMIN podrun denies user namespaces. With SYS_ADMIN RuntimeDefault allows them.
  const std::string fields = "securityContext: {capabilities: {add: [SYS_ADMIN]}}";
  const std::string unconfined = output_of(root, "", fields, script);
  expect_line(unconfined, "Seccomp_filters:\t1");
  expect_line(unconfined, "new");
  const std::string confined = output_of(root, "securityContext: {seccompProfile: {type: RuntimeDefault}}", "", script);
  expect_line(confined, "Seccomp_filters:\t2");
  expect_line(confined, "refused");
}

TEST(SeccompFilters, AFilterNeedNotAllowTheCallsOfThePodsStart) {
  const TemporaryRoot root;
  const std::string folder = root.layout().seccomp_profiles();
  std::filesystem::create_directories(folder);
  root.write(folder.substr(root.path().size() + 1) + "/strict.json", R"({
    "defaultAction": "SCMP_ACT_ALLOW",
    "syscalls": [{"names": ["setgroups", "setresuid", "setresgid", "capset", "mkdir", "mkdirat"],
                  "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]})");
  const std::string out = output_of(root, "",
                                    "securityContext: {allowPrivilegeEscalation: false, runAsUser: 7, seccompProfile: "
                                    "{type: Localhost, localhostProfile: strict.json}}",
                                    "id -u\nmkdir /tmp/x 2>&1 | grep -o 'not supported'");
  expect_line(out, "7");
  expect_line(out, "not supported");
}

TEST(WholeManifest, VariablesNamesAndGroupsReachTheContainer) {
  const TemporaryRoot root;
  const std::string out =
      output_of(root,
                "subdomain: sites\nsetHostnameAsFQDN: true\nhostAliases: [{ip: 192.0.2.3, hostnames: [db, "
                "db.example]}]\ndnsPolicy: None\n"
                "dnsConfig: {nameservers: [192.0.2.9], options: [{name: ndots, value: '2'}]}\n"
                "securityContext: {runAsUser: 1000, runAsGroup: 1001, supplementalGroups: [77]}",
                "env:\n- {name: COLOUR, valueFrom: {configMapKeyRef: {name: settings, key: colour}}}\n"
                "- {name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}\n"
                "- {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}\n"
                "- {name: BOTH, value: $(COLOUR)-$(PASSWORD)}\nenvFrom: [{prefix: S_, configMapRef: {name: settings}}]",
                "echo $COLOUR $PASSWORD $POD $BOTH $S_colour\nhostname\nid -u; id -g; id -G\ngrep db /etc/hosts\ncat "
                "/etc/resolv.conf\n");
  expect_line(out, "blue hunter2 pod blue-hunter2 blue");
  expect_line(out, "pod.sites.default.svc.cluster.local");
  expect_line(out, "1001 77");
  expect_line(out, "192.0.2.3\tdb\tdb.example");
  expect_line(out, "nameserver 192.0.2.9");
  expect_line(out, "options ndots:2");
}

TEST(WholeManifest, ASecretIsInNoFileButSurvivesTheSupervisor) {
  const TemporaryRoot root;
  const std::string fields = "env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}]";
  const std::string text =
      objects + manifest("pod", {{"app", "[ ${#PASSWORD} = 7 ] && echo known\nsleep 1000 & wait", fields}},
                         "terminationGracePeriodSeconds: 0");
  const std::string path = root.write("pod.yaml", text);
  const Finished started = run(root, {"-d", path});
  ASSERT_EQ(started.status, 0) << started.err;
  std::filesystem::remove(path);
  const Processes pod = processes_of(root, "default_pod");
  EXPECT_EQ(files_with(root.path(), "hunter2"), std::vector<std::string>{});

  const auto supervisor = ns::open_process(pod.supervisor);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
  const auto app = ns::open_process(pod["app"]);
  ASSERT_TRUE(app && ns::send_signal(*app, SIGKILL));
  wait_for_state(root, "default_pod", [](const supervisor::PodRecord& now) {
    return now.status.containers[0].instance == 1 &&
           now.status.containers[0].state == supervisor::ContainerState::Running;
  });
  PodRun logs(root, {"logs", "-f", "pod", "app"});
  EXPECT_TRUE(logs.wait_for_out("known")) << "of the second instance, by another supervisor";
  EXPECT_EQ(files_with(root.path(), "hunter2"), std::vector<std::string>{});
  EXPECT_EQ(run(root, {"exec", "pod", "--", "true"}).status, 0);
}

TEST(SeveralPods, OneSignalStopsSeveralPods) {
  const TemporaryRoot root;
  const std::string text = manifest("one", {{"app", ready_until_stopped}}, "terminationGracePeriodSeconds: 5") +
                           "---\n" +
                           manifest("two", {{"app", ready_until_stopped}}, "terminationGracePeriodSeconds: 5");
  PodRun pods(root, {root.write("pods.yaml", text)});
  ASSERT_TRUE(pods.wait_for_out("ready", 2));
  pods.signal(SIGTERM);
  EXPECT_EQ(pods.wait_exit(), 0) << pods.err();
  EXPECT_NE(pods.err().find("pod one stopped"), std::string::npos) << pods.err();
  EXPECT_NE(pods.err().find("pod two stopped"), std::string::npos) << pods.err();
}

TEST(SeveralPods, OutputIsPrefixedWithPodAndContainer) {
  const TemporaryRoot root;
  const std::string text = manifest("one", {{"app", ready_until_stopped}}) + "---\n" +
                           manifest("twelve", {{"app", ready_until_stopped}});
  PodRun pods(root, {root.write("pods.yaml", text)});
  ASSERT_TRUE(pods.wait_for_out("one/app    | ready\n"));
  ASSERT_TRUE(pods.wait_for_out("twelve/app | ready\n"));
  EXPECT_TRUE(pods.wait_for_err("podrun: one: app: started"));
  EXPECT_TRUE(pods.wait_for_err("podrun: twelve: app: started"));
  const auto supervisor = ns::open_process(processes_of(root, "default_one").supervisor);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
  EXPECT_TRUE(pods.wait_for_err("podrun: one: supervisor"));
  pods.signal(SIGTERM);
  EXPECT_EQ(pods.wait_exit(), 0) << pods.err();
}

TEST(SeveralPods, ADetachedStartStartsAndNamesEachPod) {
  const TemporaryRoot root;
  const std::string folder = root / "pods";
  std::filesystem::create_directory(folder);
  for (const char* name : {"one", "two"})
    root.write(fmt::format("pods/{}.yaml", name), manifest(name, {{"app", until_stopped}}));
  const Finished started = run(root, {"-d", folder});
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(started.out, "one\ntwo\n");
  EXPECT_EQ(started.err, "");
  EXPECT_EQ(run(root, {"-d", "--pod", "two", folder}).status, static_cast<int>(supervisor::ExitStatus::NameConflict));
}

// The front waits for a start if it recognises -d, and the large program if not.
TEST(DetachedStart, TheFormOfTheOptionDoesNotMatter) {
  const TemporaryRoot root;
  const std::string path = root.write("pod.yaml", manifest("pod", {{"app", until_stopped}})),
                    bad = root.write("bad.yaml", manifest("bad", {{"app", "", "command: [/no/such/program]"}}));
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"-d"}, {"--detach"}, {"-dn", "other"}}) {
    SCOPED_TRACE(words[0]);
    const auto with = [&](std::string file) {
      std::vector<std::string> all = words;
      all.push_back(std::move(file));
      return all;
    };
    const Finished started = run(root, with(path));
    EXPECT_EQ(started.status, 0) << started.err;
    const std::string prefix = words.size() > 1 ? "other/" : "";
    EXPECT_EQ(started.out, prefix + "pod\n");
    EXPECT_EQ(run(root, with(path)).status, static_cast<int>(supervisor::ExitStatus::NameConflict));
    const Finished failed = run(root, with(bad));
    EXPECT_EQ(failed.status, 1);
    EXPECT_EQ(failed.out, prefix + "bad\n");
    EXPECT_TRUE(matches(failed.err, "^podrun: pod " + prefix +
                                        "bad: app: did not start: .*No such file or directory\\)\n$"));
    EXPECT_EQ(run(root, with(root / "missing.yaml")).status, static_cast<int>(supervisor::ExitStatus::Invalid));
    EXPECT_EQ(run(root, {"stop", prefix + "pod"}).status, 0);
  }
}

/// Makes a FIFO and opens both of its ends.
Fd make_fifo(const std::string& path) {
  EXPECT_EQ(::mkfifo(path.c_str(), 0666), 0);
  return Fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
}

// The first waits for the lock of the claims until the test lets it go on.
TEST(SeveralPods, DetachedPodsStartSideBySideAndAreNamedInTheirOrder) {
  const TemporaryRoot root;
  const std::string claims = root.layout().claims();
  ASSERT_TRUE(ns::make_directories(claims, 0700));
  Fd lock(::open(claims.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
  const std::string mounted = "volumeMounts: [{name: v, mountPath: /v}]", shared = root / "shared";
  std::filesystem::create_directory(shared);
  const std::string text =
      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
      "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n" +
      manifest("first", {{"app", until_stopped, mounted}},
               "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]") +
      "---\n" + manifest("refused", {{"app", "", "command: [/no/such/program]"}}) + "---\n" +
      manifest("last", {{"app", "echo > /v/fifo\n" + std::string(until_stopped), mounted}},
               "volumes: [{name: v, hostPath: {path: " + shared + "}}]");
  const Fd fifo = make_fifo(shared + "/fifo");
  PodRun starts(root, {"-d", root.write("pods.yaml", text)});
  pollfd runs{fifo.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&runs, 1, milliseconds_left(soon())), 1) << "the last does not run: " << starts.err();
  EXPECT_EQ(starts.out(), "") << "the first is named first";
  lock.reset();
  EXPECT_EQ(starts.wait_exit(), 1) << "the greatest: a command of the second could not be executed";
  EXPECT_EQ(starts.out(), "first\nrefused\nlast\n");
  EXPECT_TRUE(
      matches(starts.err(), "^podrun: pod refused: app: did not start: .*No such file or directory\\)\n$"))
      << starts.err();
}

TEST(SeveralPods, ADetachedPodThatCannotStartDoesNotKeepTheOthersFromStarting) {
  const TemporaryRoot root;
  ASSERT_EQ(run(root, {"-d", root.write("one.yaml", manifest("one", {{"app", until_stopped}}))}).status, 0);
  const std::string text = manifest("one", {{"app", until_stopped}}) + "---\n" +
                           manifest("two", {{"app", until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}},
                                    "volumes: [{name: v, hostPath: {path: /no/such/directory, type: Directory}}]") +
                           "---\n" + manifest("three", {{"app", until_stopped}});
  const Finished started = run(root, {"-d", root.write("pods.yaml", text)});
  EXPECT_EQ(started.out, "three\n");
  EXPECT_EQ(started.status, static_cast<int>(supervisor::ExitStatus::NameConflict));
  EXPECT_TRUE(matches(started.err, "^podrun: pod one already runs \\(started [0-9]+s ago\\); .*\n"
                                   "podrun: pod two: "))
      << started.err;
}

}  // namespace
}  // namespace podrun::test
