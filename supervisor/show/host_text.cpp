// Formats the host's facts for people.
#include "supervisor/show/host_text.hpp"

#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

/// Rows of facts, each with a name; consequences are on the rows below.
class Facts {
 public:
  void add(std::string name, std::string value) { rows_.push_back({std::move(name), std::move(value)}); }
  void more(std::string value) { rows_.push_back({"", std::move(value)}); }
  void so(std::string_view consequence) { more(fmt::format("→ {}", consequence)); }
  std::string text() const { return aligned(rows_); }

 private:
  std::vector<std::vector<std::string>> rows_;
};

void add_cgroups(Facts& facts, const pod::HostFacts& host, const Layout& layout) {
  switch (host.cgroups) {
    case pod::CgroupLayout::None:
      facts.add("control groups", "no cgroup2 is mounted");
      facts.so("podrun mounts one for itself, which nobody else sees");
      return;
    case pod::CgroupLayout::Hybrid:
      facts.add("control groups", fmt::format("cgroup2 on {}, beside v1", host.cgroup2_mount));
      facts.so("the controllers belong to v1: podrun only finds and ends processes by their groups");
      break;
    case pod::CgroupLayout::Pure:
      facts.add("control groups", fmt::format("cgroup2 on {}", host.cgroup2_mount));
      break;
  }
  facts.add("own group", host.own_cgroup.empty() ? "none" : host.own_cgroup);
  facts.so(fmt::format("{}: the groups of pods are in {}/{}",
                       host.delegated ? "systemd has delegated it" : "systemd has not delegated it",
                       host.cgroup2_mount, ns::cgroup_base(host, layout.root())));
}

void add_storage(Facts& facts, const pod::HostFacts& host, const Layout& layout) {
  facts.add("writable layers", host.overlay_on_storage ? layout.storage() : "in memory");
  if (!host.overlay_on_storage)
    facts.so(fmt::format("{} is on an overlay file system, which cannot hold the writable layer of another",
                         layout.storage()));
}

void add_network(Facts& facts, const pod::NetworkFacts& network, const std::vector<ns::FirewallObstacle>& obstacles) {
  std::vector<std::string> subnets;
  for (const auto* subnet : {&network.ipv4, &network.ipv6})
    if (*subnet) subnets.push_back(pod::text_of(**subnet));
  facts.add("network of pods", network.has_pods_network ? pod::joined(subnets, ", ") : "none");
  if (!network.has_pods_network) return facts.so(network.why_not);
  if (!network.ipv4) facts.so("no IPv4: " + network.why_no_ipv4);
  if (!network.ipv6) facts.so("no IPv6: " + network.why_no_ipv6);
  bool is_hindered = false;
  for (const ns::FirewallObstacle& obstacle : obstacles) {
    if (obstacle.cure.empty()) continue;  // podrun does what is needed
    facts.so("in the way: " + obstacle.what);
    is_hindered = true;
  }
  if (is_hindered) facts.so("podrun network says what to do");
}

void add_paths(Facts& facts, const Layout& layout, const std::vector<std::string>& image_roots) {
  facts.add("running pods", layout.run());
  facts.add("logs", layout.logs());
  for (const std::string& root : image_roots)
    if (&root == &image_roots.front())
      facts.add("images", root);
    else
      facts.more(root);
}

}  // namespace

std::string host_text(const pod::HostFacts& host, const Layout& layout, const std::vector<std::string>& image_roots,
                      const std::vector<ns::FirewallObstacle>& obstacles) {
  Facts facts;
  facts.add("kernel", "Linux " + host.kernel);
  if (!host.kernel_is_new_enough) facts.so("podrun needs Linux 6.1 or newer to run a pod");
  facts.add("user", host.root ? "root" : "not root");
  if (!host.root) facts.so("podrun needs root to run a pod; check, plan, script and info do not");
  add_cgroups(facts, host, layout);
  facts.add("capabilities", fmt::format("the kernel knows {}", host.last_capability + 1));
  facts.add("kept from containers", fmt::format("{} paths of /proc and /sys", host.sensitive_paths.size()));
  if (host.resolv_conf.empty()) {
    facts.add("DNS", "no /etc/resolv.conf");
    facts.so("containers get an empty one");
  }
  add_network(facts, host.network, obstacles);
  add_storage(facts, host, layout);
  add_paths(facts, layout, image_roots);
  return facts.text();
}

}  // namespace podrun::supervisor
