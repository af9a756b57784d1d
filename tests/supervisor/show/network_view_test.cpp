// What `podrun network` shows: text, JSON and a picture.
#include "supervisor/show/network_view.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/supervisor/show/svg_elements.hpp"

namespace podrun::supervisor {
namespace {

pod::PublishedPort port(std::uint16_t number, std::uint8_t protocol = IPPROTO_TCP, const std::string& host = "") {
  return {.host_port = number,
          .host_ip = pod::parse_ip(host),
          .protocol = protocol,
          .container_port = 80,
          .container = "app"};
}

NetworkRecord network(const std::string& ipv4, const std::string& ipv6, std::vector<pod::PublishedPort> ports = {},
                      const std::string& container = "") {
  return {.container = container,
          .interface = "podrun65533",
          .addresses = {.ipv4 = pod::parse_ip(ipv4), .ipv6 = pod::parse_ip(ipv6)},
          .ports = std::move(ports)};
}

/// A host of both families without pods.
NetworkView host() {
  NetworkView view;
  view.facts.ipv4 = pod::parse_prefix("10.77.0.0/16");
  view.facts.ipv6 = pod::parse_prefix("fd12:3456:789a:77::/64");
  view.facts.upstreams = {"192.0.2.53"};
  return view;
}

/// Pods of each kind, with the longest addresses, many ports, and a name that does not fit.
NetworkView many() {
  NetworkView view = host();
  std::vector<pod::PublishedPort> ports{port(53, IPPROTO_UDP, "2001:db8:1111:2222:3333:4444:5555:6666")};
  for (std::uint16_t number = 8000; number < 8040; ++number) ports.push_back(port(number));
  view.pods = {{.name = "web",
                .networks = {network("10.177.255.255", "fd12:3456:789a:1234:5678:9abc:def0:fffd", ports),
                             network("10.77.0.9", "fd12:3456:789a:77::9", {}, "db")},
                .names = {"web", "www.sites", "entries"}},
               {.name = "old", .host_network = true},
               {.name = "lonely"},
               {.name = "a-namespace-with-a-long-name/" + std::string(63, 'n'),
                .networks = {network("10.77.0.4", "")}}};
  return view;
}

bool says(const std::string& text, const std::string& what) { return text.find(what) != std::string::npos; }

TEST(NetworkView, TheHostIsShownWithItsSubnets) {
  EXPECT_EQ(to_text(host()),
            "IPv4               10.77.0.0/16\n"
            "                   gateway 10.77.0.1; what leaves the host has the host's address\n"
            "IPv6               fd12:3456:789a:77::/64\n"
            "                   gateway fd12:3456:789a:77::1; what leaves the host has the host's address\n"
            "MTU                1500\n"
            "resolvers          192.0.2.53\n"
            "changed for pods   none\n");
}

TEST(NetworkView, WhatPodsHaveNotIsShownWithTheReason) {
  NetworkView view = host();
  view.facts.ipv6.reset();
  view.facts.why_no_ipv6 = "the host has no IPv6 address";
  view.facts.masquerade_ipv4 = false;
  view.changed = {"net/ipv4/ip_forward"};
  const std::string text = to_text(view);
  EXPECT_TRUE(says(text, "IPv6               off: the host has no IPv6 address\n")) << text;
  EXPECT_TRUE(says(text, "what leaves the host keeps the pod's address\n")) << text;
  EXPECT_TRUE(says(text, "changed for pods   net/ipv4/ip_forward\n")) << text;
  view.facts = {.has_pods_network = false, .why_not = "the kernel has no veth"};
  EXPECT_EQ(to_text(view), "network            none: the kernel has no veth\n"
                           "resolvers          none\n"
                           "changed for pods   net/ipv4/ip_forward\n");
}

TEST(NetworkView, EachNetworkOfAPodHasARow) {
  const std::string text = to_text(many());
  EXPECT_TRUE(says(text, "\nPOD ")) << text;
  EXPECT_TRUE(says(text, "[2001:db8:1111:2222:3333:4444:5555:6666]:53->80/UDP, 8000->80/TCP, ")) << text;
  EXPECT_TRUE(says(text, "web, www.sites, entries\n")) << text;
  EXPECT_TRUE(says(text, "\nweb/db ")) << text;
  EXPECT_TRUE(says(text, "the host's")) << text;
}

TEST(NetworkView, WhatIsInTheWayIsShownWithItsCure) {
  NetworkView view = host();
  view.obstacles = {{.what = "the policy of FORWARD is drop", .cure = "ufw route allow in on podrun+"}};
  EXPECT_TRUE(says(to_text(view),
                   "\nIn the way:\n  the policy of FORWARD is drop\n    ufw route allow in on podrun+\n"));
}

TEST(NetworkView, TheJsonHasWhatTheTextHas) {
  NetworkView view = many();
  view.facts.ipv6.reset();
  view.facts.why_no_ipv6 = "off";
  view.obstacles = {{.what = "a chain", .cure = "a command"}};
  const auto json = nlohmann::json::parse(to_json(view));
  EXPECT_EQ(json["ipv4"]["subnet"], "10.77.0.0/16");
  EXPECT_EQ(json["ipv4"]["gateway"], "10.77.0.1");
  EXPECT_EQ(json["ipv6"], nlohmann::json({{"enabled", false}, {"reason", "off"}}));
  ASSERT_EQ(json["pods"].size(), 4U);
  EXPECT_EQ(json["pods"][0]["networks"][0]["ports"].size(), 41U);
  EXPECT_EQ(json["pods"][0]["networks"][1]["container"], "db");
  EXPECT_EQ(json["pods"][0]["names"][1], "www.sites");
  EXPECT_EQ(json["pods"][1]["hostNetwork"], true);
  EXPECT_EQ(json["pods"][2]["networks"].size(), 0U);
  EXPECT_EQ(json["obstacles"][0]["cure"], "a command");
}

TEST(NetworkView, APodHasTheNamesOfTheServicesThatSelectIt) {
  resolver::PublishedPod pod{.namespace_name = "shop", .name = "web-0", .hostname = "web-0", .subdomain = "web"};
  pod.labels = {{"app", "web"}};
  resolver::PublishedPod other{.namespace_name = "shop", .name = "other", .hostname = "other"};
  const auto service = [](const std::string& name, const std::string& in, const std::string& app) {
    resolver::PublishedService made{.namespace_name = in, .name = name};
    if (!app.empty()) made.selector = {{"app", app}};
    return made;
  };
  other.services = {service("www", "shop", "web"), service("db", "shop", "db"), service("web", "blog", "web"),
                    service("all", "shop", "")};
  EXPECT_EQ(names_of(pod, {pod, other}), (std::vector<std::string>{"web-0", "web-0.web", "www"}));
}

// ---- the picture ----

std::vector<Element> drawn(const NetworkView& view) {
  auto elements = svg_elements(to_svg(view));
  EXPECT_TRUE(elements);
  return elements.value_or(std::vector<Element>{});
}

bool has_text(const std::vector<Element>& elements, const std::string& text) {
  return std::ranges::any_of(elements, [&](const Element& e) { return e.name == "text" && e.text == text; });
}

TEST(NetworkSvg, EachNetworkHasItsAddressesAndPorts) {
  const auto elements = drawn(many());
  for (const char* const text :
       {"podrun65533", "eth0  10.177.255.255", "eth0  fd12:3456:789a:1234:5678:9abc:def0:fffd", "web/db",
        "names web, www.sites, entries", "no port of the host", "the host's network", "lo alone",
        "8039->80/TCP"})
    EXPECT_TRUE(has_text(elements, text)) << text;
}

TEST(NetworkSvg, OnlyConnectedNetworksHaveAWire) {
  const auto elements = drawn(many());
  EXPECT_EQ(std::ranges::count_if(elements, [](const Element& e) { return e.has_class("wire"); }), 4)
      << "web, web/db, old, and the one with the long name";
}

TEST(NetworkSvg, TextFitsIntoItsBoxAndOverlapsNothing) {
  const auto elements = drawn(many());
  const auto ground = std::ranges::find_if(elements, [](const Element& e) { return e.has_class("ground"); });
  ASSERT_NE(ground, elements.end());
  std::vector<Rectangle> boxes, texts;
  for (const Element& box : elements)
    if (box.has_class("box")) boxes.push_back(rectangle_of(box));
  ASSERT_EQ(boxes.size(), 9U);
  for (std::size_t one = 0; one < boxes.size(); ++one) {
    EXPECT_TRUE(rectangle_of(*ground).holds(boxes[one]));
    for (std::size_t other = one + 1; other < boxes.size(); ++other) EXPECT_FALSE(boxes[one].meets(boxes[other]));
  }
  for (const Element& text : elements) {
    if (text.name != "text") continue;
    const Rectangle place = place_of(text, text.has_class("title") ? 22 : 13);
    EXPECT_TRUE(rectangle_of(*ground).holds(place)) << text.text;
    for (const Rectangle& box : boxes) EXPECT_TRUE(!box.meets(place) || box.holds(place)) << text.text;
    for (const Rectangle& other : texts) EXPECT_FALSE(place.meets(other)) << text.text;
    texts.push_back(place);
  }
}

TEST(NetworkSvg, OnlyANameThatIsTooLongIsCut) {
  std::size_t cut = 0;
  for (const Element& element : drawn(many()))
    if (element.name == "text" && element.text.ends_with("…")) ++cut;
  EXPECT_EQ(cut, 1U);
}

TEST(NetworkSvg, AHostWithoutPodsSaysSo) {
  EXPECT_TRUE(has_text(drawn(host()), "no pod runs"));
  EXPECT_TRUE(has_text(drawn(host()), "10.77.0.0/16  and  fd12:3456:789a:77::/64"));
  EXPECT_TRUE(has_text(drawn({}), "pods are not connected"));
}

}  // namespace
}  // namespace podrun::supervisor
