// Network probes and httpGet hooks of pods, from the manifest to the end: the prober, its rights and its replacement.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "namespaces/prober/prober_protocol.hpp"
#include "tests/system/support/support.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::ContainerStatus;
using supervisor::PodRecord;

/// A web server of what is in the volume.
constexpr char web[] = "trap 'exit 0' TERM; httpd -f -p 8080 -h /v & wait";
constexpr char mount[] = "volumeMounts: [{name: v, mountPath: /v}]\n";

std::string get(const std::string& probe, const std::string& path, const std::string& fields = "periodSeconds: 1") {
  return fmt::format("{}: {{httpGet: {{port: 8080, path: {}}}, {}}}\n", probe, path, fields);
}

class RootNetworkHealth : public testing::Test {
 protected:
  void SetUp() override { fs::create_directory(root_ / "v"); }
  std::string write(const std::vector<ContainerText>& containers, const std::string& spec = "restartPolicy: Always",
                    const std::string& annotation = "") {
    const std::string volume = fmt::format("\nvolumes: [{{name: v, hostPath: {{path: {}}}}}]", root_ / "v");
    std::string text = manifest("pod", containers, "os: {name: linux}\n" + spec + volume);
    if (!annotation.empty())
      text.replace(text.find("metadata:"), 9, fmt::format("metadata:\n  annotations: {{{}}}", annotation));
    return root_.write("pod.yaml", text);
  }
  PodRecord state(const std::function<bool(const PodRecord&)>& wanted) {
    for (const Deadline deadline = soon();
         !fs::exists(root_ / "run/podrun/default_pod/state.json") && std::chrono::steady_clock::now() < deadline;) {}
    return wait_for_state(root_, "default_pod", wanted);
  }
  PodRecord first(const std::function<bool(const ContainerStatus&)>& wanted) {
    return state([&](const PodRecord& now) { return wanted(now.status.containers[0]); });
  }
  void touch(const std::string& name) const { root_.write("v/" + name, "ok"); }
  void stop(PodRun& pod) {
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
    EXPECT_EQ(probers_below(::getpid()), std::vector<pid_t>{});
  }
  static std::vector<pid_t> probers_below(pid_t ancestor) {
    std::vector<pid_t> found = descendants_of(ancestor);
    std::erase_if(found, [](pid_t pid) { return comm_of(pid) != "podrun-prober" || state_of(pid) == 'Z'; });
    return found;
  }
  /// Waits for a prober other than this one.
  static pid_t next_prober(pid_t ancestor, pid_t former) {
    for (const Deadline deadline = soon(); std::chrono::steady_clock::now() < deadline;)
      for (const pid_t pid : probers_below(ancestor))
        if (pid != former && status_of(pid, "Seccomp") == "2") return pid;
    ADD_FAILURE() << "there is no prober";
    return 0;
  }

  TemporaryRoot root_;
};

TEST_F(RootNetworkHealth, OneProberTriesTheProbesOfAllContainers) {
  PodRun pod(root_, {write({{"app", web, mount + get("readinessProbe", "/ready") + get("startupProbe", "/up")},
                            {"other", until_stopped,
                             "readinessProbe: {tcpSocket: {port: 8080, host: localhost}, periodSeconds: 1}"}})});
  state([](const PodRecord& now) { return now.status.containers[1].ready; });
  EXPECT_FALSE(first([](const ContainerStatus&) { return true; }).status.containers[0].is_started);
  touch("up");
  EXPECT_FALSE(first([](const ContainerStatus& app) { return app.is_started; }).status.containers[0].ready);
  touch("ready");
  first([](const ContainerStatus& app) { return app.ready; });
  fs::remove(root_ / "v/ready");
  EXPECT_EQ(first([](const ContainerStatus& app) { return !app.ready; }).status.containers[0].restart_count, 0);
  EXPECT_EQ(probers_below(pod.pid()).size(), 1U);
  stop(pod);
}

TEST_F(RootNetworkHealth, APodWithoutNetworkProbesHasNoProber) {
  const std::string probe = "readinessProbe: {exec: {command: [\"true\"]}, periodSeconds: 1}";
  PodRun pod(root_, {write({{"app", until_stopped, mount + probe}})});
  first([](const ContainerStatus& app) { return app.ready; });
  EXPECT_EQ(probers_below(pod.pid()), std::vector<pid_t>{});
  stop(pod);
}

TEST_F(RootNetworkHealth, AFailedLivenessProbeReplacesTheContainer) {
  const std::string fields = "periodSeconds: 1, failureThreshold: 1, initialDelaySeconds: 1";
  PodRun pod(root_, {write({{"app", web, mount + get("livenessProbe", "/alive", fields)}})});
  const PodRecord record = first([](const ContainerStatus& app) { return app.restart_count == 1; });
  ASSERT_TRUE(record.status.containers[0].last);
  EXPECT_EQ(record.status.containers[0].last->cause, "liveness probe failed: HTTP 404");
  stop(pod);
}

// No container sees the prober, whatever it shares with the pod.
TEST_F(RootNetworkHealth, TheProberHasNoRightsAndNoContainerReachesIt) {
  touch("ready");
  const std::string look =
      "while :; do cat /proc/[0-9]*/comm > /v/.comms; mv /v/.comms /v/comms; grep -c @ /proc/net/unix > /v/.sockets; "
      "mv /v/.sockets /v/sockets; sleep 0.1; done & trap 'exit 0' TERM; wait";
  PodRun pod(root_, {write({{"app", web, mount + get("readinessProbe", "/ready")}, {"spy", look, mount}},
                           "restartPolicy: Always\nshareProcessNamespace: true")});
  first([](const ContainerStatus& app) { return app.ready; });
  const pid_t prober = next_prober(pod.pid(), 0);
  const std::string user = std::to_string(prober::user_id), none = "0000000000000000";
  EXPECT_EQ(status_of(prober, "Uid"), fmt::format("{0} {0} {0} {0}", user));
  EXPECT_EQ(status_of(prober, "CapEff"), none);
  EXPECT_EQ(status_of(prober, "CapBnd"), none);
  EXPECT_EQ(status_of(prober, "NoNewPrivs"), "1");
  EXPECT_TRUE(fs::is_empty(fmt::format("/proc/{}/root/", prober)));
  EXPECT_TRUE(group_of(prober).ends_with("/default_pod/_helpers"));
  std::vector<std::string> words = command_line_of(prober);
  std::erase(words, "");
  EXPECT_EQ(words, (std::vector<std::string>{"podrun-prober", "default_pod"}));
  EXPECT_EQ(namespace_of(prober, pod::NamespaceKind::Net), namespace_of(pod.pid(), pod::NamespaceKind::Net));
  fs::remove(root_ / "v/comms");
  const Deadline deadline = soon();
  while (!fs::exists(root_ / "v/comms") && std::chrono::steady_clock::now() < deadline) {}
  const std::string seen = contents_of(root_ / "v/comms");
  EXPECT_TRUE(holds(seen, "httpd")) << "the spy sees the other container: " << seen;
  EXPECT_FALSE(holds(seen, "prober")) << seen;
  EXPECT_EQ(contents_of(root_ / "v/sockets"), "0\n") << "the prober has no abstract socket";
  stop(pod);
}

TEST_F(RootNetworkHealth, AKilledProberIsReplacedAndNothingElseChanges) {
  touch("ok");
  touch("alive");
  PodRun pod(root_, {write({{"app", web, mount + get("readinessProbe", "/ok") + get("livenessProbe", "/alive")}})});
  first([](const ContainerStatus& app) { return app.ready; });
  pid_t prober = 0;
  for (int kills = 0; kills < 3; ++kills) {
    prober = next_prober(pod.pid(), prober);
    end_descendant(prober);
  }
  next_prober(pod.pid(), prober);
  const PodRecord record = first([](const ContainerStatus&) { return true; });
  EXPECT_TRUE(record.status.containers[0].ready);
  EXPECT_EQ(record.status.containers[0].restart_count, 0);
  fs::remove(root_ / "v/ok");
  first([](const ContainerStatus& app) { return !app.ready; });
  stop(pod);
}

TEST_F(RootNetworkHealth, TheProberEndsWithItsSupervisorAndTheNextOneProbesOn) {
  touch("ok");
  touch("alive");
  PodRun pod(root_, {write({{"app", web, mount + get("readinessProbe", "/ok") + get("livenessProbe", "/alive")}})});
  first([](const ContainerStatus& app) { return app.ready; });
  const pid_t before = next_prober(pod.pid(), 0);
  SupervisorKiller killer(pod.pid());
  ASSERT_TRUE(killer.kill_next());
  const pid_t after = next_prober(pod.pid(), before);
  EXPECT_NE(state_of(before), 'S');
  EXPECT_NE(after, 0);
  const PodRecord record = first([](const ContainerStatus&) { return true; });
  EXPECT_TRUE(record.status.containers[0].ready) << "it does not flap";
  EXPECT_EQ(record.status.containers[0].restart_count, 0);
  fs::remove(root_ / "v/ok");
  first([](const ContainerStatus& app) { return !app.ready; });
  stop(pod);
}

TEST_F(RootNetworkHealth, AContainerWithItsOwnNetworkHasAProberThere) {
  touch("ok");
  PodRun pod(root_, {write({{"app", web, mount + get("readinessProbe", "/ok")},
                            {"alone", web, mount + get("readinessProbe", "/ok")},
                            {"joined", until_stopped, get("readinessProbe", "/ok")}},
                           "restartPolicy: Always",
                           "podrun.io/namespaces: \"alone: net=private\\njoined: net=container:alone\"")});
  state([](const PodRecord& now) {
    return std::ranges::all_of(now.status.containers, [](const ContainerStatus& each) { return each.ready; });
  });
  EXPECT_EQ(probers_below(pod.pid()).size(), 2U);
  stop(pod);
}

TEST_F(RootNetworkHealth, AnHttpHookIsSentOnce) {
  const std::string counting =
      "while :; do printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n' | nc -l -p 8081 -w 5 >> /v/requests; "
      "done & trap 'exit 0' TERM; wait";
  PodRun pod(root_, {write({{"app", counting,
                             mount + std::string("lifecycle:\n  preStop: {httpGet: {port: 8081, path: /drain}}\n")}})});
  first([](const ContainerStatus& app) { return app.is_started; });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  const std::string requests = contents_of(root_ / "v/requests");
  EXPECT_TRUE(requests.starts_with("GET /drain HTTP/1.1\r\n")) << requests << pod.err();
  EXPECT_EQ(requests.find("GET", 1), requests.npos);
}

}  // namespace
}  // namespace podrun::test
