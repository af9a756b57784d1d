// A pod's host name, hosts file and resolv.conf.
#include "pod/compile/compile_host_names.hpp"

#include <gtest/gtest.h>

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

TEST(ResolvConf, DnsPolicyNoneUsesDnsConfigAlone) {
  Pod pod = fixtures::pod();
  pod.spec.dns_policy = DnsPolicy::None;
  pod.spec.dns_config.nameservers = {"192.0.2.9"};
  EXPECT_EQ(resolv_conf(pod, fixtures::facts()), "nameserver 192.0.2.9\n");
}

}  // namespace
}  // namespace podrun::pod
