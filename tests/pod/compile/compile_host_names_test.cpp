// A pod's host name, hosts file and resolv.conf.
#include "pod/compile/compile_host_names.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

Pod named(const std::string& hostname, const std::string& subdomain, bool full) {
  Pod pod = fixtures::pod();
  pod.spec.hostname = hostname;
  pod.spec.subdomain = subdomain;
  pod.spec.set_hostname_as_fqdn = full;
  return pod;
}

TEST(Names, TheHostNameIsMadeOfTheManifestsFields) {
  EXPECT_EQ(hostname(named("", "", true), fixtures::facts()), "web");
  EXPECT_EQ(hostname(named("www", "sites", false), fixtures::facts()), "www");
  EXPECT_EQ(hostname(named("www", "sites", true), fixtures::facts()), "www.sites.default.svc.cluster.local");
  Pod overridden = named("www", "sites", true);
  overridden.spec.hostname_override = "other.example";
  EXPECT_EQ(hostname(overridden, fixtures::facts()), "other.example");
}

TEST(Names, AHostNameLongerThan64BytesIsAnError) {
  const Pod pod = named("www", std::string(40, 's'), true);
  EXPECT_EQ(check_hostname(pod, fixtures::facts()).error().message,
            "the host name \"www." + std::string(40, 's') + ".default.svc.cluster…\" has 70 bytes; the most are 64");
  EXPECT_TRUE(check_hostname(named("www", "sites", true), fixtures::facts()));
}

TEST(HostsFile, TheHostsFileHasThePodsFullNameAndItsAliases) {
  Pod pod = named("", "sites", false);
  pod.spec.host_aliases = {{"192.0.2.3", {"db", "db.example"}}};
  const std::string text = hosts_file(pod, fixtures::facts());
  EXPECT_TRUE(text.ends_with("127.0.0.1\tweb.sites.default.svc.cluster.local\tweb\n\n# Entries added by HostAliases.\n"
                             "192.0.2.3\tdb\tdb.example\n"))
      << text;
}

TEST(HostsFile, ThePodsNameHasEachOfItsAddresses) {
  const Addresses both{.ipv4 = parse_ip("10.77.0.5"), .ipv6 = parse_ip("fd00::5")};
  const std::string text = hosts_file(named("", "sites", false), fixtures::facts(), both);
  EXPECT_TRUE(text.ends_with("fe00::2\tip6-allrouters\n"
                             "10.77.0.5\tweb.sites.default.svc.cluster.local\tweb\n"
                             "fd00::5\tweb.sites.default.svc.cluster.local\tweb\n"))
      << text;
  EXPECT_TRUE(hosts_file(fixtures::pod(), fixtures::facts(), {.ipv6 = parse_ip("fd00::5")})
                  .ends_with("fe00::2\tip6-allrouters\nfd00::5\tweb\n"));
}

TEST(HostsFile, TheHostsOwnHostsFileIsUsedWithHostNetwork) {
  Pod pod = fixtures::pod();
  pod.spec.host_network = true;
  HostFacts facts = fixtures::facts();
  facts.hosts = "127.0.0.1 here\n";
  EXPECT_EQ(hosts_file(pod, facts), "127.0.0.1 here\n");
  pod.spec.host_aliases = {{"192.0.2.3", {"db"}}};
  EXPECT_EQ(hosts_file(pod, facts), "127.0.0.1 here\n\n# Entries added by HostAliases.\n192.0.2.3\tdb\n");
}

TEST(ResolvConf, TheHostsResolvConfIsCopiedUnchangedWithoutDnsConfig) {
  HostFacts facts = fixtures::facts();
  facts.resolv_conf = "# ours\nnameserver 192.0.2.1 \n";
  EXPECT_EQ(resolv_conf(fixtures::pod(), facts), facts.resolv_conf);
}

TEST(ResolvConf, DnsConfigIsMergedIntoTheHostsResolvConf) {
  HostFacts facts = fixtures::facts();
  facts.resolv_conf = "search a.example\nnameserver 192.0.2.1\noptions ndots:1 rotate\n";
  Pod pod = fixtures::pod();
  pod.spec.dns_config = {
      .nameservers = {"192.0.2.2", "192.0.2.1"}, .searches = {"b.example"}, .options = {{"ndots", "5"}, {"edns0", ""}}};
  EXPECT_EQ(resolv_conf(pod, facts),
            "search a.example b.example\nnameserver 192.0.2.1\nnameserver 192.0.2.2\noptions rotate ndots:5 edns0\n");
}

TEST(ResolvConf, PodrunsResolverIsThatOfAClusterWithTheDomainsOfTheHost) {
  HostFacts facts = fixtures::facts();
  facts.resolv_conf = "search a.example cluster.local\nnameserver 127.0.0.53\noptions edns0\n";
  Pod pod = fixtures::pod();
  pod.metadata.namespace_name = "lab";
  EXPECT_EQ(resolv_conf(pod, facts, NameService::Pods),
            "search lab.svc.cluster.local svc.cluster.local cluster.local a.example\n"
            "nameserver 169.254.77.53\noptions ndots:5\n");
  pod.spec.dns_config = {
      .nameservers = {"192.0.2.2"}, .searches = {"b.example"}, .options = {{"ndots", "2"}, {"edns0", ""}}};
  EXPECT_EQ(resolv_conf(pod, facts, NameService::Pods),
            "search lab.svc.cluster.local svc.cluster.local cluster.local a.example b.example\n"
            "nameserver 169.254.77.53\nnameserver 192.0.2.2\noptions ndots:2 edns0\n");
}

TEST(ResolvConf, AResolverThatOnlyTheHostReachesIsReplacedByThoseBehindIt) {
  HostFacts facts = fixtures::facts();
  facts.resolv_conf = "# a stub\nsearch a.example\nnameserver 127.0.0.53\noptions edns0\n";
  facts.network.upstreams = {"192.0.2.1", "fd00::1"};
  const Pod pod = fixtures::pod();
  EXPECT_EQ(resolv_conf(pod, facts, NameService::HostsServers),
            "search a.example\nnameserver 192.0.2.1\nnameserver fd00::1\noptions edns0\n");
  EXPECT_EQ(resolv_conf(pod, facts, NameService::Host), facts.resolv_conf);
  facts.resolv_conf = "nameserver 192.0.2.7 # not a stub\n";
  EXPECT_EQ(resolv_conf(pod, facts, NameService::HostsServers), facts.resolv_conf);
  facts.resolv_conf = "nameserver ::1\n";
  facts.network.upstreams.clear();
  EXPECT_EQ(resolv_conf(pod, facts, NameService::HostsServers), facts.resolv_conf) << "none is known";
}

TEST(ResolvConf, WhatExceedsTheLimitsIsDropped) {
  HostFacts facts = fixtures::facts();
  Pod pod = fixtures::pod();
  pod.spec.dns_config.nameservers = {"192.0.2.2", "192.0.2.3", "192.0.2.4"};
  EXPECT_TRUE(resolv_conf(pod, facts, NameService::Pods)
                  .ends_with("cluster.local\nnameserver 169.254.77.53\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
                             "options ndots:5\n"));
  pod.spec.dns_config = {};
  for (int i = 0; i < 32; ++i) pod.spec.dns_config.searches.push_back(fmt::format("d{}", i));
  EXPECT_TRUE(resolv_conf(pod, facts, NameService::Pods).contains(" d27 d28\nnameserver")) << "32 with those of podrun";
  pod.spec.dns_config.searches = {std::string(1991, 'a'), "b"};
  EXPECT_TRUE(resolv_conf(pod, facts, NameService::Pods).contains("svc.cluster.local cluster.local\nnameserver"));
}

TEST(ResolvConf, DnsPolicyNoneUsesDnsConfigAlone) {
  Pod pod = fixtures::pod();
  pod.spec.dns_policy = DnsPolicy::None;
  pod.spec.dns_config.nameservers = {"192.0.2.9"};
  for (const NameService service : {NameService::Host, NameService::HostsServers, NameService::Pods})
    EXPECT_EQ(resolv_conf(pod, fixtures::facts(), service), "nameserver 192.0.2.9\n");
}

}  // namespace
}  // namespace podrun::pod
