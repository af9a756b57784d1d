// Names: pods find each other and Services by name, and everything else by the host's resolvers.
#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

std::string labelled(const std::string& name, const std::string& label, const std::string& script = until_stopped,
                     const std::string& fields = "") {
  std::string text = manifest(name, {{.name = "app", .script = script, .fields = fields}});
  text.insert(text.find("metadata:\n") + 10, "  labels: {app: " + label + "}\n");
  return text;
}

std::string with_host_network(std::string text) {
  return text.insert(text.find("  containers:"), "  hostNetwork: true\n");
}

constexpr char service_of_db[] =
    "---\napiVersion: v1\nkind: Service\nmetadata: {name: store}\n"
    "spec: {clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432}]}\n";

class PodNames : public testing::Test {
 protected:
  void start(const std::string& file, const std::string& text) {
    const Finished started = run(root_, {"-d", "--wait=ready", root_.write(file, text)});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  std::string address_of(const std::string& name) {
    const auto record =
        wait_for_state(root_, "default_" + name, [](const auto& each) { return !each.networks.empty(); });
    return pod::text_of(record.networks.at(0).addresses.list().at(0));
  }
  /// What a pod is told about a name.
  std::string asked(const std::string& pod, const std::string& name) {
    const Finished answer = run(root_, {"exec", pod, "--", "nslookup", name});
    return answer.out + answer.err;
  }

  TemporaryRoot root_;
};

TEST_F(PodNames, APodFindsAnotherAndAServiceOfAnother) {
  start("db.yaml", labelled("db", "db") + service_of_db);
  start("web.yaml", labelled("web", "web"));
  const std::string address = address_of("db");
  for (const char* const name : {"db.default.svc.cluster.local", "store.default.svc.cluster.local"})
    EXPECT_TRUE(holds(asked("web", name), address)) << name << ": " << asked("web", name);
  const Finished by_search = run(root_, {"exec", "web", "--", "ping", "-c", "1", "-W", "2", "store"});
  EXPECT_EQ(by_search.status, 0) << by_search.out << by_search.err;
  EXPECT_EQ(run(root_, {"stop", "db"}).status, 0);
  EXPECT_FALSE(holds(asked("web", "store.default.svc.cluster.local"), address));
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(PodNames, AServiceNamesReadyPodsAlone) {
  const std::string probe = "readinessProbe: {exec: {command: [test, -e, /ready]}, periodSeconds: 1}";
  const std::string db = labelled("db", "db", until_stopped, probe) + service_of_db;
  ASSERT_EQ(run(root_, {"-d", root_.write("db.yaml", db)}).status, 0);
  start("web.yaml", labelled("web", "web"));
  const std::string address = address_of("db");
  EXPECT_FALSE(holds(asked("web", "store.default.svc.cluster.local"), address));
  ASSERT_EQ(run(root_, {"exec", "db", "--", "touch", "/ready"}).status, 0);
  ASSERT_EQ(run(root_, {"wait", "db", "--for=ready"}).status, 0);
  EXPECT_TRUE(holds(asked("web", "store.default.svc.cluster.local"), address));
  EXPECT_EQ(run(root_, {"stop", "web", "db"}).status, 0);
}

TEST_F(PodNames, APodInTheHostsNetworkHasTheHostsAddresses) {
  const Lan lan;
  start("db.yaml", with_host_network(labelled("db", "db")) + service_of_db);
  start("web.yaml", labelled("web", "web"));
  for (const char* const address : {host_ipv4, host_ipv6}) {
    EXPECT_TRUE(holds(run(root_, {"status", "db", "-o", "json"}).out, std::string("\"ip\": \"") + address + "\""));
    EXPECT_TRUE(holds(asked("web", "store.default.svc.cluster.local"), address));
  }
  const std::string web = run(root_, {"status", "web", "-o", "json"}).out;
  EXPECT_FALSE(holds(web, "\"ip\": \"10.77.0.1\"")) << "the gateway of pods";
  EXPECT_EQ(run(root_, {"stop", "web", "db"}).status, 0);
}

TEST_F(PodNames, NoResolverRunsBeforeTheFirstQuery) {
  start("web.yaml", labelled("web", "web"));
  const pid_t pause = processes_of(root_, "default_web").pause;
  const auto resolvers = [&] {
    int count = 0;
    for (const pid_t child : children_of(pause)) count += comm_of(child) == "podrun-resolver";
    return count;
  };
  EXPECT_EQ(resolvers(), 0);
  EXPECT_TRUE(holds(asked("web", "web.default.svc.cluster.local"), address_of("web")));
  EXPECT_EQ(resolvers(), 1);
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(PodNames, ThePodsOwnAddressIsInItsHostsFileAndInTheDownwardApi) {
  start("web.yaml", labelled("web", "web", until_stopped,
                             "env:\n- {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}"));
  const std::string address = address_of("web");
  EXPECT_TRUE(holds(run(root_, {"exec", "web", "--", "cat", "/etc/hosts"}).out, address + "\tweb"));
  EXPECT_EQ(run(root_, {"exec", "web", "--", "sh", "-c", "echo $IP"}).out, address + "\n");
  EXPECT_TRUE(holds(run(root_, {"status", "web", "-o", "json"}).out, "\"podIP\": \"" + address + "\""));
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

}  // namespace
}  // namespace podrun::test
