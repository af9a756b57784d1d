// How the pods of the host are connected, as a picture: one row for each pod, from the host's ports to its addresses.
#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "supervisor/show/network_view.hpp"
#include "supervisor/show/svg.hpp"

namespace podrun::supervisor {
namespace {

// Pixels.
constexpr double margin = 32, title_height = 72, row_height = 64, row_step = 84;
constexpr double host_width = 330, wire_width = 120, pod_width = 330;
constexpr double text_size = 13, inset = 12;
constexpr double host_left = margin, wire_left = host_left + host_width, pod_left = wire_left + wire_width;
constexpr double width = pod_left + pod_width + margin;

constexpr svg::Style style{
    .light = R"(.title{font-size:22px}.host{fill:#e9edf3;stroke:#8793a6;stroke-width:1.5}
.wire{stroke:#64748b;stroke-width:2.5}.end{fill:#64748b}
)",
    .dark = R"(.host{fill:#232d42;stroke:#7685a0}.wire{stroke:#8a99b3}.end{fill:#8a99b3}
)"};

/// One network: on the left what the host has of it, on the right the namespace.
struct Row {
  std::string host, host_detail, pod, pod_detail;
  bool is_connected = true;
};

std::string addresses_of(const NetworkRecord& network) {
  std::vector<std::string> texts;
  for (const pod::IpAddress& address : network.addresses.list()) texts.push_back(pod::text_of(address));
  return "eth0  " + pod::joined(texts, "  ");
}

std::string ports_of(const NetworkRecord& network) {
  std::vector<std::string> texts;
  for (const pod::PublishedPort& port : network.ports) texts.push_back(text_of(port));
  return texts.empty() ? "no port of the host" : pod::joined(texts, "  ");
}

std::vector<Row> rows_of(const NetworkView& view) {
  std::vector<Row> rows;
  for (const ConnectedPod& pod : view.pods) {
    if (pod.networks.empty())
      rows.push_back({.host = pod.host_network ? "the host's own interfaces" : "",
                      .host_detail = "",
                      .pod = pod.name,
                      .pod_detail = pod.host_network ? "the host's network" : "lo alone",
                      .is_connected = pod.host_network});
    for (const NetworkRecord& network : pod.networks)
      rows.push_back({.host = network.interface,
                      .host_detail = ports_of(network),
                      .pod = network.container.empty() ? pod.name : pod.name + "/" + network.container,
                      .pod_detail = addresses_of(network)});
  }
  return rows;
}

std::string box(double x, double y, double box_width, std::string_view style_class, std::string_view name,
                std::string_view detail) {
  const std::size_t columns = svg::columns_in(box_width - 2 * inset, text_size);
  return fmt::format(
             "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"8\" class=\"{}\"/>\n", x, y,
             box_width, row_height, style_class) +
         svg::text_at(x + inset, y + 26, name, columns, "class=\"strong\"") +
         svg::text_at(x + inset, y + 48, detail, columns, "class=\"muted\"");
}

std::string subnets_of(const pod::NetworkFacts& facts) {
  std::vector<std::string> texts;
  for (const auto* subnet : {&facts.ipv4, &facts.ipv6})
    if (*subnet) texts.push_back(pod::text_of(**subnet));
  return texts.empty() ? "pods are not connected" : pod::joined(texts, "  and  ");
}

}  // namespace

std::string to_svg(const NetworkView& view) {
  const std::vector<Row> rows = rows_of(view);
  std::string body = svg::text_at(margin, margin + 18, "the network of pods", 60, "class=\"title strong\"") +
                     svg::text_at(margin, margin + 42, subnets_of(view.facts), 90, "class=\"muted\"");
  double y = margin + title_height;
  for (std::size_t index = 0; index < rows.size(); ++index, y += row_step) {
    const Row& row = rows[index];
    if (row.is_connected) {
      const double middle = y + row_height / 2;
      body += box(host_left, y, host_width, "host", row.host, row.host_detail);
      body += fmt::format("<line x1=\"{0:.1f}\" y1=\"{2:.1f}\" x2=\"{1:.1f}\" y2=\"{2:.1f}\" class=\"wire\"/>\n",
                          wire_left, pod_left, middle);
      for (const double end : {wire_left, pod_left})
        body += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"end\"/>\n", end, middle);
    }
    body += box(pod_left, y, pod_width, fmt::format("shade{}", index % svg::shades), row.pod, row.pod_detail);
  }
  return svg::document(width, y + margin, "The network of pods", style, body);
}

}  // namespace podrun::supervisor
