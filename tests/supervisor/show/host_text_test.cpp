// The facts about the host as text.
#include "supervisor/show/host_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "supervisor/commands/json_output.hpp"

namespace podrun::supervisor {
namespace {

pod::HostFacts good() {
  pod::HostFacts facts;
  facts.kernel = "6.1.0";
  facts.cgroup2_mount = "/sys/fs/cgroup";
  facts.own_cgroup = "/system.slice/podrun@web.service";
  facts.delegated = true;
  facts.resolv_conf = "nameserver 192.0.2.1\n";
  facts.network.ipv4 = pod::parse_prefix("10.77.0.0/16");
  facts.network.ipv6 = pod::parse_prefix("fd12::/64");
  return facts;
}

std::string text_of(const pod::HostFacts& facts, const std::vector<ns::FirewallObstacle>& obstacles = {}) {
  return host_text(facts, Layout(), {"/srv/images"}, obstacles);
}

bool says(const std::string& text, const std::string& what) {
  return text.find(what) != std::string::npos;
}

TEST(HostText, ACompleteHostIsDescribedWithoutWarnings) {
  EXPECT_EQ(text_of(good()),
            "kernel                 Linux 6.1.0\n"
            "user                   root\n"
            "control groups         cgroup2 on /sys/fs/cgroup\n"
            "own group              /system.slice/podrun@web.service\n"
            "                       → systemd has delegated it: the groups of pods are in "
            "/sys/fs/cgroup/system.slice/podrun@web.service/podrun\n"
            "capabilities           the kernel knows 41\n"
            "kept from containers   0 paths of /proc and /sys\n"
            "network of pods        10.77.0.0/16, fd12::/64\n"
            "writable layers        /var/lib/podrun/pods\n"
            "running pods           /run/podrun\n"
            "logs                   /var/log/pods\n"
            "images                 /srv/images\n");
}

TEST(HostText, EachMissingFeatureIsShownWithItsConsequence) {
  pod::HostFacts facts = good();
  facts.kernel_is_new_enough = false;
  facts.root = false;
  facts.overlay_on_storage = false;
  facts.resolv_conf = "";
  facts.cgroups = pod::CgroupLayout::None;
  const std::string text = text_of(facts);
  EXPECT_TRUE(says(text, "→ podrun needs Linux 6.1 or newer")) << text;
  EXPECT_TRUE(says(text, "→ podrun needs root to run a pod")) << text;
  EXPECT_TRUE(says(text, "→ podrun mounts one for itself")) << text;
  EXPECT_TRUE(says(text, "writable layers        in memory\n")) << text;
  EXPECT_TRUE(says(text, "no /etc/resolv.conf")) << text;
}

TEST(HostText, WhatPodsHaveNoneOfIsTold) {
  pod::HostFacts facts = good();
  facts.network.ipv6.reset();
  facts.network.why_no_ipv6 = "the host has no IPv6 address";
  const std::string one = text_of(facts, {{.what = "the policy of FORWARD is drop", .cure = "change it"},
                                    {.what = "Docker, whom podrun knows", .cure = ""}});
  EXPECT_TRUE(says(one, "network of pods        10.77.0.0/16\n"
                        "                       → no IPv6: the host has no IPv6 address\n"
                        "                       → in the way: the policy of FORWARD is drop\n"
                        "                       → podrun network says what to do\n"))
      << one;
  EXPECT_FALSE(says(one, "Docker"));
  facts.network = {.has_pods_network = false, .why_not = "the kernel has no veth"};
  const std::string none = text_of(facts);
  EXPECT_TRUE(says(none, "network of pods        none\n                       → the kernel has no veth\n")) << none;
}

TEST(HostText, TheHostsFactsAreAlsoGivenAsJson) {
  const auto json = nlohmann::json::parse(to_json(good()));
  EXPECT_EQ(json["kernel"], "6.1.0");
  EXPECT_EQ(json["cgroups"], "pure");
  EXPECT_EQ(json["delegated"], true);
  EXPECT_EQ(json["network"]["available"], true);
  EXPECT_EQ(json["network"]["ipv4"], "10.77.0.0/16");
}

}  // namespace
}  // namespace podrun::supervisor
