// How the pods of the host are connected, as a picture: one row for each network, from the host's ports to its addresses.
#include <algorithm>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"
#include "supervisor/show/network_view.hpp"
#include "supervisor/show/svg.hpp"

namespace podrun::supervisor {
namespace {

using Lines = std::vector<std::string>;

// Pixels.
constexpr double margin = 32, title_height = 72, box_gap = 20;
constexpr double text_size = 13, line_step = 20, first_line = 26, below_lines = 14, inset = 12;
constexpr double host_width = 436, wire_width = 90, pod_width = 396;
constexpr double host_left = margin, wire_left = host_left + host_width, pod_left = wire_left + wire_width;
constexpr double width = pod_left + pod_width + margin;

constexpr svg::Style style{
    .light = R"(.title{font-size:22px}.host{fill:#e9edf3;stroke:#8793a6;stroke-width:1.5}
.wire{stroke:#64748b;stroke-width:2.5}.dot{fill:#64748b}
)",
    .dark = R"(.host{fill:#232d42;stroke:#7685a0}.wire{stroke:#8a99b3}.dot{fill:#8a99b3}
)"};

std::size_t columns_of(double box_width) { return svg::columns_in(box_width - 2 * inset, text_size); }

/// Words in as few lines as they fit into.
Lines wrapped(const Lines& words, std::size_t columns) {
  Lines lines;
  for (const std::string& word : words) {
    if (!lines.empty() && pod::width(lines.back()) + 2 + pod::width(word) <= columns)
      lines.back() += "  " + word;
    else
      lines.push_back(word);
  }
  return lines;
}

/// One network: on the left what the host has of it, on the right the namespace. The first line is a heading.
struct Row {
  Lines host, pod;

  double height() const {
    const auto lines = static_cast<double>(std::max(host.size(), pod.size()));
    return first_line + (lines - 1) * line_step + below_lines;
  }
};

Lines host_lines(const NetworkRecord& network) {
  Lines ports;
  for (const pod::PublishedPort& port : network.ports) ports.push_back(text_of(port));
  Lines lines{network.interface};
  for (std::string& line : wrapped(ports, columns_of(host_width))) lines.push_back(std::move(line));
  if (ports.empty()) lines.emplace_back("no port of the host");
  return lines;
}

Lines pod_lines(const ConnectedPod& pod, const NetworkRecord& network) {
  const bool is_the_pods = network.container.empty();
  Lines lines{is_the_pods ? pod.name : pod.name + "/" + network.container};
  for (const std::string& address : texts_of(network.addresses)) lines.push_back("eth0  " + address);
  if (is_the_pods && pod.names.size() > 1) lines.push_back("names " + pod::joined(pod.names, ", "));
  return lines;
}

std::vector<Row> rows_of(const NetworkView& view) {
  std::vector<Row> rows;
  for (const ConnectedPod& pod : view.pods) {
    if (pod.networks.empty())
      rows.push_back({.host = pod.host_network ? Lines{"the host's own interfaces"} : Lines{},
                      .pod = {pod.name, pod.host_network ? "the host's network" : "lo alone"}});
    for (const NetworkRecord& network : pod.networks)
      rows.push_back({.host = host_lines(network), .pod = pod_lines(pod, network)});
  }
  return rows;
}

std::string box(double x, double y, double box_width, double height, std::string_view style_class, const Lines& lines) {
  std::string drawn = fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"8\" class=\"box {}\"/>\n", x, y,
      box_width, height, style_class);
  double baseline = y + first_line;
  for (const std::string& line : lines) {
    drawn += svg::text_at(x + inset, baseline, line, columns_of(box_width),
                          &line == &lines.front() ? "class=\"strong\"" : "class=\"muted\"");
    baseline += line_step;
  }
  return drawn;
}

std::string wire(double y) {
  std::string drawn =
      fmt::format("<line x1=\"{0:.1f}\" y1=\"{2:.1f}\" x2=\"{1:.1f}\" y2=\"{2:.1f}\" class=\"wire\"/>\n",
                  wire_left, pod_left, y);
  for (const double end : {wire_left, pod_left})
    drawn += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" class=\"dot\"/>\n", end, y);
  return drawn;
}

std::string subnets_of(const pod::NetworkFacts& facts) {
  Lines texts;
  for (const auto* subnet : {&facts.ipv4, &facts.ipv6})
    if (*subnet) texts.push_back(pod::text_of(**subnet));
  return texts.empty() ? "pods are not connected" : pod::joined(texts, "  and  ");
}

}  // namespace

std::string to_svg(const NetworkView& view) {
  const std::vector<Row> rows = rows_of(view);
  const std::size_t columns = svg::columns_in(width - 2 * margin, text_size);
  std::string body = svg::text_at(margin, margin + 18, "the network of pods", 60, "class=\"title strong\"") +
                     svg::text_at(margin, margin + 42, subnets_of(view.facts), columns, "class=\"muted\"");
  double y = margin + title_height;
  if (rows.empty()) body += svg::text_at(margin, y, "no pod runs", columns, "");
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const Row& row = rows[index];
    if (!row.host.empty()) {
      body += box(host_left, y, host_width, row.height(), "host", row.host);
      body += wire(y + row.height() / 2);
    }
    body += box(pod_left, y, pod_width, row.height(), fmt::format("shade{}", index % svg::shades), row.pod);
    y += row.height() + box_gap;
  }
  return svg::document(width, y + margin - (rows.empty() ? 0 : box_gap), "The network of pods", style, body);
}

}  // namespace podrun::supervisor
