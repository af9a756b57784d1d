// Draws processes and namespaces as a picture.
#include "supervisor/show/namespace_svg.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"
#include "supervisor/show/svg.hpp"

namespace podrun::supervisor {
namespace {

// Pixels.
constexpr double margin = 32;
constexpr double title_height = 64;
constexpr double label_width = 204;   // labels of the lanes, on the left
constexpr double header_height = 58;  // name and pid, above each box
constexpr double lane_height = 36;
constexpr double lane_step = 44;
constexpr double box_gap = 40;
constexpr double overhang = 12;  // extent of an area beyond its boxes: less than half of the gap
constexpr double inset = 9;      // distance of a field from the edge of its box
constexpr double legend_step = 28;
constexpr double narrowest = 720;
constexpr double name_size = 14;
constexpr double text_size = 13;
constexpr std::size_t longest_name = 22;
constexpr std::size_t shortest_name = 12;

constexpr std::array<std::string_view, pod::namespace_kinds> meanings{
    "mounts",      "interfaces, ports", "queues, shm",    "host name",
    "process ids", "user ids",          "control groups", "clocks"};

constexpr svg::Style style{
    .light = R"(.title{font-size:22px}.name,.kind{font-size:14px}.letter{font-size:15px;font-weight:700}
.area,.within{stroke:none!important}.swatch{stroke-width:1.5}.rim{fill:none!important;stroke-width:1.5}
.bridge{stroke-width:5}.own{fill:none;stroke:#64748b;stroke-width:1.5}
.sea{fill:#e9edf3}.host{fill:#e9edf3;stroke:#8793a6;stroke-width:1.5;stroke-dasharray:5 4}
)",
    .dark = R"(.own{stroke:#8a99b3}.sea{fill:#232d42}.host{fill:#232d42;stroke:#7685a0}
)"};

struct Box {
  double x, y, width, height;

  double right() const { return x + width; }
};

std::string rect(const Box& box, double radius, std::string_view attributes) {
  return fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{:.1f}\" {}/>\n", box.x, box.y,
      box.width, box.height, radius, attributes);
}

/// Runs of consecutive numbers: 0 1 2 5 → {0 1 2} {5}.
std::vector<std::vector<std::size_t>> runs_of(const std::vector<std::size_t>& numbers) {
  std::vector<std::vector<std::size_t>> runs;
  for (const std::size_t number : numbers) {
    if (runs.empty() || runs.back().back() + 1 != number) runs.emplace_back();
    runs.back().push_back(number);
  }
  return runs;
}

class Drawing {
 public:
  Drawing(const std::string& pod_id, const NamespaceMatrix& matrix)
      : pod_(pod::pod_name(pod_id)),
        matrix_(matrix),
        sharing_(sharing_of(matrix)),
        order_(adjacency_order(sharing_)) {
    std::size_t columns = shortest_name;
    for (const NamespaceRow& row : matrix_.members)
      columns = std::max(columns, std::min(pod::width(row.name), longest_name));
    box_width_ = static_cast<double>(columns) * name_size * svg::column_width + 2 * inset;
  }

  /// Assembles the elements from the background to the foreground.
  std::string drawn() {
    heading();
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) lane(kind);
    for (const NamespaceGroup& group : sharing_.groups) areas(group);
    for (std::size_t place = 0; place < order_.size(); ++place) process(place);
    body_ += rims_;
    legend();
    return svg::document(width(), height(), fmt::format("The namespaces of pod {}", pod_), style,
                         body_);
  }

 private:
  double boxes_left() const { return margin + label_width + overhang; }
  double boxes_top() const { return margin + title_height; }
  double box_x(std::size_t place) const {
    return boxes_left() + static_cast<double>(place) * (box_width_ + box_gap);
  }
  double boxes_right() const { return box_x(order_.size() - 1) + box_width_; }
  double lane_y(std::size_t kind) const {
    return boxes_top() + header_height + static_cast<double>(kind) * lane_step;
  }
  double boxes_bottom() const { return lane_y(pod::namespace_kinds - 1) + lane_height + inset; }
  double width() const { return std::max(boxes_right() + overhang + margin, narrowest); }
  double height() const {
    return boxes_bottom() + margin + legend_step * static_cast<double>(legend_lines()) + margin / 2;
  }

  std::size_t legend_lines() const {
    return 2 + letters_of(sharing_).size() + network_legend(matrix_, sharing_).size();
  }

  void heading() {
    body_ += svg::text_at(margin, margin + 18, pod_, svg::columns_in(width() - 2 * margin, 22),
                          "class=\"title strong\"");
    body_ += svg::text_at(margin, margin + 40, "a pod's processes and the namespaces they are in", 60,
                          "class=\"muted\"");
  }

  /// The label of a lane, and the host's band if a process is in the host's namespace.
  void lane(std::size_t kind) {
    const bool has_host = std::ranges::any_of(sharing_.cells, [&](const auto& row) { return !row[kind]; });
    const Box band{margin - inset, lane_y(kind), width() - 2 * (margin - inset), lane_height};
    if (has_host)
      body_ += rect(band, 6, fmt::format("class=\"sea\" data-kind=\"{}\"", pod::namespace_names[kind]));
    const double baseline = lane_y(kind) + 23;
    body_ += svg::text_at(margin, baseline, pod::namespace_names[kind], 8, "class=\"kind strong\"");
    body_ += svg::text_at(margin + 60, baseline, meanings[kind], 17, "class=\"muted\"");
  }

  /// A rectangle for each run of kinds and neighbours; separate runs of neighbours are connected by a line.
  void areas(const NamespaceGroup& group) {
    if (!group.is_shared()) return;
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < order_.size(); ++place)
      if (std::ranges::count(group.members, order_[place]) > 0) places.push_back(place);
    const auto neighbours = runs_of(places);
    for (const std::size_t kind : group.kinds) bridges(group, kind, neighbours);
    for (const auto& kinds : runs_of(group.kinds))
      for (const auto& run : neighbours) area(group, kinds, run);
  }

  void bridges(const NamespaceGroup& group, std::size_t kind,
               const std::vector<std::vector<std::size_t>>& runs) {
    const double y =
        lane_y(kind) + lane_height * static_cast<double>(group.colour % svg::shades + 1) / (svg::shades + 1);
    for (std::size_t run = 0; run + 1 < runs.size(); ++run)
      body_ += fmt::format("<path class=\"bridge shade{}\" d=\"M{:.1f} {:.1f}H{:.1f}\"/>\n",
                           group.colour % svg::shades, box_x(runs[run].back()) + box_width_, y,
                           box_x(runs[run + 1].front()));
  }

  void area(const NamespaceGroup& group, const std::vector<std::size_t>& kinds,
            const std::vector<std::size_t>& run) {
    const double left = box_x(run.front()) - overhang;
    const double top = lane_y(kinds.front());
    const Box box{left, top, box_x(run.back()) + box_width_ + overhang - left,
                  lane_y(kinds.back()) + lane_height - top};
    std::vector<std::string_view> names;
    for (const std::size_t kind : kinds) names.push_back(pod::namespace_names[kind]);
    std::vector<std::string> members;
    for (const std::size_t place : run) members.push_back(svg::escape(matrix_.members[order_[place]].name));
    const std::string attributes =
        fmt::format("class=\"area shade{}\" data-letter=\"{}\" data-kinds=\"{}\" data-members=\"{}\"",
                    group.colour % svg::shades, group.letter, pod::joined(names, " "), pod::joined(members, " "));
    body_ += rect(box, 10, attributes);
    rims_ += rect(box, 10, fmt::format("class=\"rim shade{}\"", group.colour % svg::shades));
  }

  void process(std::size_t place) {
    const NamespaceRow& row = matrix_.members[order_[place]];
    const Box box{box_x(place), boxes_top(), box_width_, boxes_bottom() - boxes_top()};
    const double middle = box.x + box.width / 2;
    body_ +=
        rect(box, 10, fmt::format("class=\"surface process\" data-process=\"{}\"", svg::escape(row.name)));
    body_ += svg::text_at(middle, box.y + 25, row.name, svg::columns_in(box.width - 2 * inset, name_size),
                          "class=\"name strong middle\"");
    body_ += svg::text_at(middle, box.y + 44, fmt::format("pid {}", row.pid),
                          svg::columns_in(box.width - 2 * inset, text_size), "class=\"muted middle\"");
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) cell(order_[place], kind, box);
    body_ += rect(box, 10, "class=\"edge\"");
  }

  /// A cell of a shared namespace reaches from edge to edge, as a part of the area; other cells are fields within the
  /// box.
  void cell(std::size_t member, std::size_t kind, const Box& box) {
    const NamespaceRow& row = matrix_.members[member];
    const auto index = sharing_.cells[member][kind];
    const Box whole{box.x, lane_y(kind), box.width, lane_height};
    const Box field{box.x + inset, lane_y(kind) + 2, box.width - 2 * inset, lane_height - 4};
    body_ += fmt::format(
        "<g class=\"cell\" data-process=\"{}\" data-kind=\"{}\" data-namespace=\"{}\"><title>{} {}</title>\n",
        svg::escape(row.name), pod::namespace_names[kind], row.ids[kind], svg::escape(row.name),
        link_text(kind, row.ids[kind]));
    const double middle = box.x + box.width / 2;
    const double baseline = lane_y(kind) + 23;
    if (!index) {
      body_ +=
          rect(field, 6, "class=\"host\"") + svg::text_at(middle, baseline, "host", 4, "class=\"middle\"");
    } else if (const NamespaceGroup& group = sharing_.groups[*index]; group.is_shared()) {
      // If the same processes share the next kind, too, the area continues below.
      const bool goes_on = kind + 1 < pod::namespace_kinds && sharing_.cells[member][kind + 1] == index;
      const Box part{whole.x, whole.y + 0.75, whole.width, goes_on ? lane_step : lane_height - 1.5};
      body_ += rect(part, 0, fmt::format("class=\"within shade{}\"", group.colour % svg::shades)) +
               svg::text_at(middle, baseline, group.letter, 4, "class=\"letter middle\"");
    } else {
      body_ += rect(field, 6, "class=\"own\"") +
               svg::text_at(middle, baseline, group.letter + " own", 8, "class=\"middle\"");
    }
    body_ += "</g>\n";
  }

  /// The meaning of letters and fields.
  void legend() {
    double y = boxes_bottom() + margin;
    const auto line = [&](std::string_view swatch, const std::string& words) {
      body_ += rect({margin, y, 30, 20}, 5, fmt::format("class=\"{}\"", swatch));
      body_ +=
          svg::text_at(margin + 42, y + 15, words, svg::columns_in(width() - 2 * margin - 42, text_size), "");
      y += legend_step;
    };
    for (const Letter& letter : letters_of(sharing_)) {
      std::vector<std::string_view> kinds;
      for (const auto& [kind, id] : letter.namespaces) kinds.push_back(pod::namespace_names[kind]);
      line(fmt::format("swatch shade{}", letter.colour % svg::shades),
           fmt::format("{}  shared with {}: {}", letter.text, matrix_.members[letter.holder].name,
                       pod::joined(kinds, " ")));
    }
    for (const LegendLine& network : network_legend(matrix_, sharing_))
      line(network.is_shared ? fmt::format("swatch shade{}", network.colour % svg::shades) : "own",
           fmt::format("{}  {}", network.letter, network.words));
    line("own", "not shared with another process of the pod");
    line("host", "the host's");
  }

  std::string pod_;
  const NamespaceMatrix& matrix_;
  Sharing sharing_;
  std::vector<std::size_t> order_;
  double box_width_ = 0;
  std::string body_;
  std::string rims_;  ///< outlines of the areas, above the boxes
};

}  // namespace

std::string to_svg(const std::string& pod_id, const NamespaceMatrix& matrix) {
  return Drawing(pod_id, matrix).drawn();
}

}  // namespace podrun::supervisor
