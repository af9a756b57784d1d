// What containers see of the networks of their pod: addresses in variables, /etc/hosts and /etc/resolv.conf.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "pod/annotations/network_choice.hpp"
#include "pod/compile/compile_files.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

using fixtures::container;
using fixtures::Words;

constexpr std::string_view etc = "/var/lib/podrun/pods/0c5a/etc/";

HostFacts connected_facts() {
  HostFacts facts = fixtures::facts();
  facts.network.ipv4 = parse_prefix("10.77.0.0/16");
  facts.network.ipv6 = parse_prefix("fd77:1:2:3::/64");
  facts.network.upstreams = {"192.0.2.53"};
  facts.resolv_conf = "search home\nnameserver 127.0.0.53\n";
  facts.addresses = {"192.0.2.7", "2001:db8::7"};
  return facts;
}

/// The plan of a pod with the networks 5, that of the container b 6.
PodPlan plan_with_numbers(const Pod& pod, const HostFacts& facts = connected_facts()) {
  RunParameters run_parameters = fixtures::run_parameters();
  run_parameters.network_numbers = {{"", 5}, {"b", 6}};
  const auto plan = compile(pod, {{"localhost/busybox", fixtures::image()}}, facts, run_parameters);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan.value_or(PodPlan{});
}

/// The texts of the files in etc, by name.
std::map<std::string, std::string> files_of(const PodPlan& plan) {
  std::map<std::string, std::string> files;
  for (const FileStep& step : plan.files)
    if (const auto* write = std::get_if<file::Write>(&step); write != nullptr && write->path.starts_with(etc))
      files.emplace(write->path.substr(etc.size()), write->content);
  return files;
}

Words names_in(const std::map<std::string, std::string>& files) {
  Words names;
  for (const auto& [name, text] : files) names.push_back(name);
  return names;
}

/// The files that a container mounts at /etc/…, by their names in etc.
Words mounted(const PodPlan& plan, std::size_t index) {
  Words names;
  for (const auto& step : fixtures::all<host::CloneTree>(plan.containers.at(index).host))
    if (step.source.starts_with(etc)) names.push_back(step.source.substr(etc.size()));
  std::ranges::sort(names);
  return names;
}

/// The variables of a container's process.
Words environment_of(const PodPlan& plan, std::size_t index) {
  return fixtures::all<step::Exec>(plan.containers.at(index).child).at(0).env;
}

bool has(const Words& words, const std::string& word) { return std::ranges::find(words, word) != words.end(); }

Pod pod_of(const std::string& lines = "") {
  Container a = container("a"), b = container("b");
  for (Container* each : {&a, &b})
    each->env = {{"IP", FieldRef{"status.podIP"}},
                 {"IPS", FieldRef{"status.podIPs"}},
                 {"HOST", FieldRef{"status.hostIPs"}}};
  Pod pod = fixtures::pod({a, b});
  if (!lines.empty()) pod.metadata.annotations[std::string(namespaces_annotation)] = lines;
  return pod;
}

Pod annotated(Pod pod, const std::string& key, const std::string& value) {
  pod.metadata.annotations[key] = value;
  return pod;
}

const Words the_three{"hostname", "hosts", "resolv.conf"};

TEST(NetworkView, AConnectedPodHasItsAddressesInVariablesAndFiles) {
  const PodPlan plan = plan_with_numbers(pod_of());
  for (const std::size_t index : {0U, 1U}) {
    EXPECT_TRUE(has(environment_of(plan, index), "IP=10.77.0.5"));
    EXPECT_TRUE(has(environment_of(plan, index), "IPS=10.77.0.5,fd77:1:2:3::5"));
    EXPECT_TRUE(has(environment_of(plan, index), "HOST=192.0.2.7,2001:db8::7"));
    EXPECT_EQ(mounted(plan, index), the_three);
  }
  auto files = files_of(plan);
  EXPECT_EQ(names_in(files), the_three);
  EXPECT_TRUE(files["hosts"].ends_with("10.77.0.5\tweb\nfd77:1:2:3::5\tweb\n")) << files["hosts"];
  EXPECT_EQ(files["resolv.conf"],
            "search default.svc.cluster.local svc.cluster.local cluster.local home\nnameserver 169.254.77.53\n"
            "options ndots:5\n");
}

TEST(NetworkView, APodThatIsNotConnectedHasItsLoopbackAndTheHostsFile) {
  HostFacts without_families = connected_facts();
  without_families.network.ipv4 = without_families.network.ipv6 = std::nullopt;
  for (const PodPlan& plan : {plan_with_numbers(annotated(pod_of(), "podrun.io/network", "none")),
                              plan_with_numbers(pod_of(), without_families)}) {
    EXPECT_TRUE(has(environment_of(plan, 0), "IP=127.0.0.1"));
    auto files = files_of(plan);
    EXPECT_TRUE(files["hosts"].ends_with("127.0.0.1\tweb\n")) << files["hosts"];
    EXPECT_EQ(files["resolv.conf"], "search home\nnameserver 127.0.0.53\n");
  }
}

TEST(NetworkView, APodInTheHostsNetworkHasTheHostsAddressesAndResolver) {
  Pod pod = pod_of();
  pod.spec.host_network = true;
  const PodPlan plan = plan_with_numbers(pod);
  EXPECT_TRUE(has(environment_of(plan, 0), "IP=192.0.2.7"));
  EXPECT_TRUE(has(environment_of(plan, 0), "IPS=192.0.2.7,2001:db8::7"));
  EXPECT_EQ(files_of(plan)["resolv.conf"], "search home\nnameserver 127.0.0.53\n");
}

TEST(NetworkView, AContainerWithANetworkOfItsOwnHasFilesOfItsOwn) {
  const PodPlan plan = plan_with_numbers(annotated(pod_of("b: net=private"), "podrun.io/network.b", "default"));
  auto files = files_of(plan);
  EXPECT_EQ(names_in(files), (Words{"hostname", "hosts", "hosts.b", "resolv.conf", "resolv.conf.b"}));
  EXPECT_EQ(mounted(plan, 0), the_three);
  EXPECT_EQ(mounted(plan, 1), (Words{"hostname", "hosts.b", "resolv.conf.b"}));
  EXPECT_TRUE(files["hosts.b"].ends_with("10.77.0.6\tweb\nfd77:1:2:3::6\tweb\n")) << files["hosts.b"];
  EXPECT_EQ(files["resolv.conf.b"], files["resolv.conf"]);
  EXPECT_TRUE(has(environment_of(plan, 1), "IPS=10.77.0.6,fd77:1:2:3::6"));
}

TEST(NetworkView, AContainerThatIsNotConnectedHasItsLoopbackBesideAPodThatIs) {
  const PodPlan plan = plan_with_numbers(pod_of("b: net=private"));
  auto files = files_of(plan);
  EXPECT_EQ(mounted(plan, 0), the_three);
  EXPECT_EQ(mounted(plan, 1), (Words{"hostname", "hosts_none", "resolv.conf_none"}));
  EXPECT_TRUE(files["hosts_none"].ends_with("127.0.0.1\tweb\n")) << files["hosts_none"];
  EXPECT_TRUE(has(environment_of(plan, 1), "IP=10.77.0.5")) << "that of the pod";
  const PodPlan alone = plan_with_numbers(annotated(pod_of("b: net=private"), "podrun.io/network", "none"));
  EXPECT_EQ(names_in(files_of(alone)), the_three) << "all have the same";
}

TEST(NetworkView, AContainerInTheHostsNetworkUsesTheHostsResolver) {
  const PodPlan plan = plan_with_numbers(pod_of("b: net=host"));
  auto files = files_of(plan);
  EXPECT_EQ(mounted(plan, 1), (Words{"hostname", "hosts_host", "resolv.conf_host"}));
  EXPECT_EQ(files["resolv.conf_host"], "search home\nnameserver 127.0.0.53\n");
  EXPECT_TRUE(files["resolv.conf"].contains("nameserver 169.254.77.53\n"));
  EXPECT_TRUE(has(environment_of(plan, 1), "IP=10.77.0.5")) << "that of the pod";
}

TEST(NetworkView, WhereAContainerServesNamesTheHostsServersAreAsked) {
  Pod pod = pod_of();
  pod.spec.containers[1].ports = {{.container_port = 53, .protocol = Protocol::Udp}};
  EXPECT_EQ(files_of(plan_with_numbers(pod))["resolv.conf"], "search home\nnameserver 192.0.2.53\n");
  pod = pod_of();
  pod.spec.dns_policy = DnsPolicy::Default;
  EXPECT_EQ(files_of(plan_with_numbers(pod))["resolv.conf"], "search home\nnameserver 192.0.2.53\n");
}

}  // namespace
}  // namespace podrun::pod
