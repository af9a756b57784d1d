// Ports of the host that lead to a pod: who reaches them, by which address, and who does not.
#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// A pod that serves a page at port 80 and publishes what PORTS say.
std::string server(const std::string& name, const std::string& ports,
                   const std::string& spec = "restartPolicy: Never") {
  return manifest(name,
                  {{.name = "app",
                    .script = until_stopped_after("mkdir -p /www && echo " + name + R"( > /www/index.html
httpd -f -v -p 80 -h /www &
until wget -q -O /dev/null http://127.0.0.1; do sleep 0.1; done
echo serves)"),
                    .fields = "ports:\n" + ports}},
                  spec);
}

/// Starts a pod with -d, and waits until its server listens.
class PublishedPorts : public testing::Test {
 protected:
  void start(const std::string& name, const std::string& ports) {
    const Finished started = run(root_, {"-d", root_.write(name + ".yaml", server(name, ports))});
    ASSERT_EQ(started.status, 0) << started.err;
    PodRun logs(root_, {"logs", "-f", name});
    ASSERT_TRUE(logs.wait_for_out("serves"));
  }
  /// Its first address.
  std::string address_of(const std::string& name) {
    const auto record =
        wait_for_state(root_, "default_" + name, [](const auto& each) { return !each.networks.empty(); });
    return pod::text_of(record.networks.at(0).addresses.list().at(0));
  }
  std::string logs(const std::string& name) {
    const Finished shown = run(root_, {"logs", name});
    return shown.out + shown.err;
  }

  TemporaryRoot root_;
  Lan lan_;
};

TEST_F(PublishedPorts, AClientReachesThemByBothFamiliesAndKeepsItsAddress) {
  start("web", "- {containerPort: 80, hostPort: 8080}");
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "web\n");
  EXPECT_EQ(fetched_by(lan_, "http://[2001:db8::1]:8080"), "web\n");
  EXPECT_TRUE(holds(logs("web"), "[::ffff:192.0.2.2]:"));
  EXPECT_TRUE(holds(logs("web"), "[2001:db8::2]:"));
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "");
}

TEST_F(PublishedPorts, TheHostReachesThemByItsAddressesAndByLoopback) {
  start("web", "- {containerPort: 80, hostPort: 8080}");
  for (const char* const address : {"192.0.2.1", "[2001:db8::1]", "127.0.0.1", "127.8.8.8", "[::1]"})
    EXPECT_EQ(fetched(std::string("http://") + address + ":8080"), "web\n") << address;
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(PublishedPorts, ThePodAndOtherPodsReachThemByTheHostsAddress) {
  start("web", "- {containerPort: 80, hostPort: 8080}");
  start("other", "- {containerPort: 80, hostPort: 8081}");
  for (const char* const pod : {"web", "other"})
    for (const char* const address : {"192.0.2.1", "[2001:db8::1]"}) {
      const Finished got = run(root_, {"exec", pod, "--", "timeout", "3", "wget", "-q", "-O", "-",
                                       std::string("http://") + address + ":8080"});
      EXPECT_EQ(got.out, "web\n") << pod << " " << address << ": " << got.err;
    }
  EXPECT_EQ(run(root_, {"stop", "web", "other"}).status, 0);
}

TEST_F(PublishedPorts, WhatIsNotPublishedIsOnlyForTheHostAndForPods) {
  start("web", "- {containerPort: 80}");
  const std::string address = address_of("web");
  EXPECT_EQ(fetched("http://" + address), "web\n");
  ASSERT_EQ(lan_.on_client("ip route add 10.64.0.0/10 via 192.0.2.1").status, 0);
  EXPECT_EQ(fetched_by(lan_, "http://" + address), "");
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(PublishedPorts, AnAddressOfTheHostPublishesThereAlone) {
  start("web", "- {containerPort: 80, hostPort: 8080, hostIP: 192.0.2.1}\n"
               "- {containerPort: 80, hostPort: 8081, hostIP: 127.0.0.1}");
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8080"), "web\n");
  EXPECT_EQ(fetched("http://192.0.2.1:8080"), "web\n");
  EXPECT_EQ(fetched("http://127.0.0.1:8080"), "");
  EXPECT_EQ(fetched_by(lan_, "http://[2001:db8::1]:8080"), "");
  EXPECT_EQ(fetched("http://127.0.0.1:8081"), "web\n");
  EXPECT_EQ(fetched("http://192.0.2.1:8081"), "");
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8081"), "");
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(PublishedPorts, ATakenPortIsFoundBeforeAnythingStarts) {
  start("web", "- {containerPort: 80, hostPort: 8080}");
  const HostSnapshot before = snapshot(root_);
  const Finished second =
      run(root_, {"-d", root_.write("b.yaml", server("b", "- {containerPort: 80, hostPort: 8080}"))});
  EXPECT_EQ(second.status, 3);
  EXPECT_TRUE(holds(second.err, "8080")) << second.err;
  EXPECT_TRUE(holds(second.err, "default/web") || holds(second.err, "pod web")) << second.err;
  EXPECT_EQ(changes(before, snapshot(root_)), "");
  const Finished elsewhere = run(
      root_, {"-d", root_.write("c.yaml", server("c", "- {containerPort: 80, hostPort: 8082, hostIP: 198.51.100.7}"))});
  EXPECT_EQ(elsewhere.status, 3);
  EXPECT_TRUE(holds(elsewhere.err, "198.51.100.7")) << elsewhere.err;
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(PublishedPorts, DatagramsArriveFromEverywhereAndAreAnswered) {
  const std::string image = "rootfs:" + root_.make_rootfs("probe");
  const auto echo = [&](const std::string& name, const std::string& port) {
    const std::string fields = "command: [podrun-probe, echo-datagrams, '5000']\nports:\n"
                               "- {containerPort: 5000, hostPort: " + port + ", protocol: UDP}";
    return root_.write(name + ".yaml", manifest(name, {{"app", "", fields, image}}));
  };
  for (const char* const name : {"web", "other"}) {
    ASSERT_EQ(run(root_, {"-d", echo(name, name == std::string("web") ? "5001" : "5002")}).status, 0);
    PodRun logs(root_, {"logs", "-f", name});
    ASSERT_TRUE(logs.wait_for_out("listens"));
  }
  const auto say = [](const std::string& to) {
    return std::string(build_folder) + "/podrun-probe say " + to + " 5001 hello";
  };
  EXPECT_EQ(lan_.on_client(say(host_ipv4)).out, std::string(client_ipv4) + " hello\n");
  EXPECT_EQ(lan_.on_client(say(host_ipv6)).out, std::string(client_ipv6) + " hello\n");
  for (const char* const address : {host_ipv4, host_ipv6, "127.0.0.1", "127.8.8.8", "::1"}) {
    const Shell said = shell(say(address));
    EXPECT_TRUE(said.out.ends_with(" hello\n")) << address << ": " << said.out << said.status;
  }
  for (const char* const pod : {"web", "other"})
    for (const char* const address : {host_ipv4, host_ipv6}) {
      const Finished said = run(root_, {"exec", pod, "--", "podrun-probe", "say", address, "5001", "hello"});
      EXPECT_TRUE(said.out.ends_with(" hello\n")) << pod << " " << address << ": " << said.out << said.err;
    }
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "web", "other"}).status, 0);
  EXPECT_FALSE(holds(lan_.on_client(say(host_ipv4)).out, "hello"));
}

}  // namespace
}  // namespace podrun::test
