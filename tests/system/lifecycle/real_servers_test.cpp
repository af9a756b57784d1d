// Servers of Debian with the probes and hooks that people give them. A test is skipped where the server's root has not
// been made.
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerStatus;

constexpr char roots[] = "/var/lib/podrun/rootfs/";

/// A claim, which keeps its files when the pod has ended.
constexpr char claim[] =
    "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n";
const std::string claimed = "volumes:\n- {name: data, persistentVolumeClaim: {claimName: data}}\n";

class RealServer : public testing::Test {
 protected:
  /// Whether the root of a server exists; if not, `missing_` says how to make it.
  bool has_root(const std::string& server, const std::string& package) {
    image_ = "rootfs:" + (roots + server);
    missing_ = fmt::format("scripts/make-rootfs {}{} {} has not been run", roots, server, package);
    return fs::exists(roots + server);
  }
  /// The state when this holds of a container. Servers start slowly on a busy machine.
  ContainerStatus wait_for(std::size_t container, const std::function<bool(const ContainerStatus&)>& wanted) {
    const auto deadline = soon() + std::chrono::seconds(30);
    const std::string file = root_ / "run/podrun/default_server/state.json";
    while (!fs::exists(file) && std::chrono::steady_clock::now() < deadline) {}
    const auto record = wait_for_state(
        root_, "default_server", [&](const auto& now) { return wanted(now.status.containers[container]); }, deadline);
    return record.status.containers.empty() ? ContainerStatus{} : record.status.containers[container];
  }
  std::string out_of(const std::string& container, const std::vector<std::string>& command) {
    std::vector<std::string> words{"exec", "server/" + container, "--"};
    words.insert(words.end(), command.begin(), command.end());
    return run(root_, words).out;
  }
  static void stop(PodRun& pod) {
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(soon() + std::chrono::seconds(30)), 0) << pod.err();
  }

  TemporaryRoot root_;
  std::string image_, missing_;
};

bool is_ready(const ContainerStatus& status) { return status.ready; }
bool is_ready_again(const ContainerStatus& status) { return status.ready && status.restart_count == 1; }

/// Stops the processes of a server as a debugger does, so that it answers nobody.
void hang(pid_t server) {
  ::kill(server, SIGSTOP);
  for (const pid_t pid : descendants_of(server)) ::kill(pid, SIGSTOP);
}

TEST_F(RealServer, NginxIsReadyReplacedWhenItHangsAndQuitsInAStop) {
  if (!has_root("nginx", "nginx-light")) GTEST_SKIP() << missing_;
  const std::string fields =
      "command: [nginx, -g, 'daemon off; error_log /dev/stderr notice;']\n"
      "ports: [{name: http, containerPort: 80}]\n"
      "startupProbe: {tcpSocket: {port: http}, periodSeconds: 1, failureThreshold: 30}\n"
      "livenessProbe: {httpGet: {port: http, path: /}, periodSeconds: 1, timeoutSeconds: 3,"
      " terminationGracePeriodSeconds: 1}\n"
      "readinessProbe: {httpGet: {port: http, path: /}, periodSeconds: 1, failureThreshold: 1}\n"
      "lifecycle: {preStop: {exec: {command: [nginx, -s, quit]}}}\n";
  PodRun pod(root_, {root_.write("pod.yaml", manifest("server", {{"nginx", "", fields, image_}},
                                                     "restartPolicy: Always"))});
  wait_for(0, is_ready);
  hang(processes_of(root_, "default_server")["nginx"]);
  wait_for(0, [](const ContainerStatus& nginx) { return !nginx.ready; });
  const ContainerStatus again = wait_for(0, is_ready_again);
  ASSERT_TRUE(again.last);
  EXPECT_EQ(again.last->cause, "liveness probe failed: timed out after 3s");
  stop(pod);
  EXPECT_TRUE(holds(pod.err(), "signal 3 (SIGQUIT) received") || holds(pod.out(), "signal 3 (SIGQUIT) received"))
      << "it ends its requests before it ends: " << pod.out();
}

TEST_F(RealServer, RedisKeepsItsKeysWhenItsProbeReplacesItAndWhenItsPodIsStopped) {
  if (!has_root("redis", "redis-server")) GTEST_SKIP() << missing_;
  const std::string fields =
      "command: [redis-server, --bind, 127.0.0.1, --appendonly, 'yes', --appendfsync, always, --dir, /data]\n"
      "startupProbe: {exec: {command: [redis-cli, ping]}, periodSeconds: 1, failureThreshold: 30}\n"
      "livenessProbe: {exec: {command: [sh, -c, 'redis-cli ping | grep PONG']}, periodSeconds: 1, timeoutSeconds: 3,"
      " failureThreshold: 2, terminationGracePeriodSeconds: 1}\n"
      "readinessProbe: {exec: {command: [redis-cli, ping]}, periodSeconds: 1, failureThreshold: 1}\n"
      "lifecycle: {preStop: {exec: {command: [redis-cli, shutdown, save]}}}\n"
      "volumeMounts: [{name: data, mountPath: /data}]\n";
  const std::string file = root_.write(
      "pod.yaml", manifest("server", {{"redis", "", fields, image_}}, "restartPolicy: Always\n" + claimed) + claim);
  {
    PodRun pod(root_, {file});
    wait_for(0, is_ready);
    EXPECT_EQ(out_of("redis", {"redis-cli", "set", "first", "1"}), "OK\n");
    hang(processes_of(root_, "default_server")["redis"]);
    const ContainerStatus again = wait_for(0, is_ready_again);
    ASSERT_TRUE(again.last);
    EXPECT_EQ(again.last->cause, "liveness probe failed: timed out after 3s");
    EXPECT_EQ(out_of("redis", {"redis-cli", "get", "first"}), "1\n");
    EXPECT_EQ(out_of("redis", {"redis-cli", "set", "second", "2"}), "OK\n");
    stop(pod);
  }
  PodRun pod(root_, {file});
  wait_for(0, is_ready);
  EXPECT_EQ(out_of("redis", {"redis-cli", "mget", "first", "second"}), "1\n2\n");
  stop(pod);
}

// ---- postgres ----

/// A client that inserts 1, 2, 3, … and prints each number whose row is committed.
constexpr char client[] = R"sh(trap 'exit 0' TERM
until psql -qc 'create table if not exists t(i int primary key)' 2>/dev/null; do sleep 0.1; done
while true; do
  i=$(psql -Atc 'select coalesce(max(i), 0) + 1 from t' 2>/dev/null) || { sleep 0.1; continue; }
  while psql -qc "insert into t values($i)" 2>/dev/null; do echo "committed $i"; i=$((i+1)); done
done
)sh";

/// The greatest number after WORD in a text.
int greatest(const std::string& text, const std::string& word) {
  int found = 0;
  std::istringstream words(text);
  for (std::string each; words >> each;)
    if (int number = 0; each == word && words >> number) found = std::max(found, number);
  return found;
}

class RealPostgres : public RealServer {
 protected:
  void SetUp() override {
    if (!has_root("postgres", "postgresql")) GTEST_SKIP() << missing_;
  }
  /// A pod of postgres and its client. `lifecycle`: how postgres is asked to end.
  std::string write(const std::string& lifecycle) {
    const std::string fields =
        "env:\n- {name: PGDATA, value: /data/pg}\n- {name: PGHOST, value: /run/pg}\n- {name: PGUSER, value: postgres}\n"
        "- {name: PATH, value: '/usr/lib/postgresql/15/bin:/usr/bin:/bin'}\n"
        "volumeMounts: [{name: data, mountPath: /data}, {name: run, mountPath: /run/pg}]\n";
    const std::string probes =
        "startupProbe: {exec: {command: [pg_isready, -q]}, periodSeconds: 1, failureThreshold: 60}\n"
        "livenessProbe: {exec: {command: [pg_isready]}, periodSeconds: 1, timeoutSeconds: 5,"
        " terminationGracePeriodSeconds: 1}\n"
        "readinessProbe: {exec: {command: [pg_isready]}, periodSeconds: 1, failureThreshold: 1}\n";
    // As the image of postgres does: fsGroup lets the group read the folder, which postgres refuses.
    const std::string run_postgres =
        "test -s $PGDATA/PG_VERSION || initdb -A trust -U postgres >/dev/null; chmod 0700 $PGDATA; "
        "exec postgres -c unix_socket_directories=/run/pg -c listen_addresses=127.0.0.1";
    std::string user, group;
    std::ifstream passwd(roots + std::string("postgres/etc/passwd"));
    for (std::string line; std::getline(passwd, line);)
      if (std::istringstream entry(line); line.starts_with("postgres:"))
        for (std::string* part : {&user, &user, &user, &group}) std::getline(entry, *part, ':');
    const std::string spec = fmt::format(
        "os: {{name: linux}}\nrestartPolicy: Always\n"
        "securityContext: {{runAsUser: {0}, runAsGroup: {1}, fsGroup: {1}}}\n"
        "{2}- {{name: run, emptyDir: {{medium: Memory}}}}\n",
        user, group, claimed);
    return root_.write("pod.yaml",
                       manifest("server",
                                {{"postgres", run_postgres, fields + probes + lifecycle, image_},
                                 {"client", client, fields, image_}},
                                spec) + claim);
  }
  int rows() {
    const std::string count = out_of("postgres", {"psql", "-Atc", "select count(*) from t"});
    return count.empty() ? -1 : std::stoi(count);
  }
  void expect_no_row_is_lost(const std::string& file, const std::string& word_of_end) {
    int committed = 0;
    {
      PodRun pod(root_, {file});
      wait_for(0, is_ready);
      EXPECT_TRUE(pod.wait_for_out("committed 10\n"));
      hang(processes_of(root_, "default_server")["postgres"]);
      const ContainerStatus again = wait_for(0, is_ready_again);
      ASSERT_TRUE(again.last);
      EXPECT_TRUE(again.last->cause.starts_with("liveness probe failed")) << again.last->cause;
      committed = greatest(pod.out_so_far(), "committed");
      EXPECT_TRUE(pod.wait_for_out(fmt::format("committed {}\n", committed + 10))) << "after the restart";
      stop(pod);
      committed = greatest(pod.out(), "committed");
      EXPECT_TRUE(holds(pod.out() + pod.err(), word_of_end)) << pod.out() << pod.err();
    }
    PodRun pod(root_, {file});
    wait_for(0, is_ready);
    EXPECT_GE(rows(), committed);
    stop(pod);
  }
};

TEST_F(RealPostgres, LosesNoCommittedRowWhenItsPreStopHookEndsIt) {
  expect_no_row_is_lost(write("lifecycle: {preStop: {exec: {command: [pg_ctl, stop, -m, fast]}}}\n"),
                        "received fast shutdown request");
}

TEST_F(RealPostgres, LosesNoCommittedRowWhenItsStopSignalEndsIt) {
  expect_no_row_is_lost(write("lifecycle: {stopSignal: SIGINT}\n"), "received fast shutdown request");
}

}  // namespace
}  // namespace podrun::test
