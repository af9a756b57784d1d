// Draws the timeline of a pod's start as a picture.
#include "supervisor/show/timeline_svg.hpp"

#include <algorithm>
#include <ranges>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/quote.hpp"
#include "supervisor/show/svg.hpp"

namespace podrun::supervisor {
namespace {

using std::chrono::nanoseconds;

// Pixels.
constexpr double margin = 32;
constexpr double axis_y = 124;
constexpr double name_width = 172;
constexpr double plot_width = 1100;
constexpr double plot_left = margin + name_width;
constexpr double bar_height = 30;
constexpr double lane_gap = 22;
constexpr double label_step = 19;
constexpr double label_indent = 5;  // distance of a label from its line
constexpr double name_size = 14;
constexpr double text_size = 12;
constexpr std::size_t longest_words = 42;
constexpr std::size_t most_labels = 6;  // labels of a lane, at most
constexpr int marks = 10;               // marks on the axis, at most

// A step that takes a smaller part of the whole has no label.
constexpr double shortest_named = 0.008;

constexpr svg::Style style{.light = R"(.title{font-size:22px}.name{font-size:14px}.label,.mark{font-size:12px}
.grid{stroke:#dfe4ec}.leader{stroke:#8793a6}.bar{stroke:none!important}
.bar.odd{fill-opacity:.62}.lane{fill:#f4f6fa}
.bar.shade0{fill:#3b82f6}.bar.shade1{fill:#0f9f72}.bar.shade2{fill:#c77f0a}
.bar.shade3{fill:#8b5cf6}.bar.shade4{fill:#e0486a}.bar.shade5{fill:#0891b2}
)",
                           .dark = R"(.grid{stroke:#27324a}.leader{stroke:#7685a0}.lane{fill:#151e33}
.bar.shade0{fill:#60a5fa}.bar.shade1{fill:#34d399}.bar.shade2{fill:#fbbf24}
.bar.shade3{fill:#a78bfa}.bar.shade4{fill:#fb7185}.bar.shade5{fill:#22d3ee}
)"};

std::string duration(nanoseconds time) {
  const double microseconds = static_cast<double>(time.count()) / 1e3;
  return microseconds < 1e3 ? fmt::format("{:.0f} µs", microseconds)
                            : fmt::format("{:.2f} ms", microseconds / 1e3);
}

/// The distance of the marks on the axis: 1, 2 or 5 times a power of ten, in nanoseconds.
std::int64_t distance_of_marks(std::int64_t whole) {
  for (std::int64_t power = 1000;; power *= 10)
    for (const std::int64_t step : {power, 2 * power, 5 * power})
      if (whole / step < marks) return step;
}

/// The label of a step: text below its bar, to the right of a line that begins at the bar's left edge.
struct Label {
  std::string words;
  double x;
  std::size_t row = 0;

  double right() const {
    return x + label_indent + static_cast<double>(pod::width(words)) * text_size * svg::column_width;
  }
};

/// Gives each label the highest row in which no label to its right is in the way. The labels above a label begin to the
/// right of it, so no line crosses text. Sorts the labels from right to left; returns the number of rows.
std::size_t arrange(std::vector<Label>& labels) {
  std::ranges::stable_sort(labels, std::ranges::greater{}, &Label::x);
  std::vector<double> begins;  // begin of the leftmost label of each row
  for (Label& label : labels) {
    const auto row =
        std::ranges::find_if(begins, [&](double begin) { return label.right() + label_indent < begin; });
    label.row = static_cast<std::size_t>(row - begins.begin());
    if (row == begins.end())
      begins.push_back(label.x);
    else
      *row = label.x;
  }
  return begins.size();
}

class Drawing {
 public:
  explicit Drawing(const Timeline& timeline) : timeline_(timeline) {
    if (timeline.spans.empty()) return;
    origin_ = std::ranges::min(timeline.spans, {}, &Span::begin).begin;
    whole_ = std::max(std::ranges::max(timeline.spans, {}, &Span::end).end - origin_, nanoseconds(1));
  }

  std::string drawn() {
    std::vector<std::string> actors;
    for (const Span& span : timeline_.spans)
      if (std::ranges::count(actors, span.who) == 0) actors.push_back(span.who);
    double y = axis_y + 16;
    for (std::size_t actor = 0; actor < actors.size(); ++actor) y = lane(actors[actor], actor, y);
    const double height = y + margin - lane_gap;
    const std::string lanes = std::move(body_);
    body_.clear();
    heading();
    axis(height - margin + 8);
    return svg::document(right_ + margin, height,
                         fmt::format("The start of pod {}, step by step", pod::pod_name(timeline_.pod)), style,
                         body_ + lanes);
  }

 private:
  double x_of(nanoseconds time) const {
    return plot_left + plot_width * static_cast<double>(time.count()) / static_cast<double>(whole_.count());
  }

  void heading() {
    body_ += svg::text_at(margin, margin + 18, pod::pod_name(timeline_.pod), 80, "class=\"title strong\"");
    body_ += svg::text_at(margin, margin + 42,
                          fmt::format("{} from the command line until everything ran", duration(whole_)), 80,
                          "class=\"muted\"");
  }

  void axis(double bottom) {
    const std::int64_t step = distance_of_marks(whole_.count());
    const bool in_milliseconds = step >= 1'000'000 || whole_ >= std::chrono::milliseconds(2);
    for (std::int64_t at = 0; at <= whole_.count(); at += step) {
      const double x = x_of(nanoseconds(at));
      body_ += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n", x, axis_y, bottom);
      const double value = static_cast<double>(at) / (in_milliseconds ? 1e6 : 1e3);
      body_ += svg::text_at(x, axis_y - 8, fmt::format("{:g} {}", value, in_milliseconds ? "ms" : "µs"), 12,
                            "class=\"mark muted middle\"");
    }
  }

  /// Draws a lane at `y`; returns the position of the next one.
  double lane(const std::string& actor, std::size_t number, double y) {
    std::vector<Span> spans;
    std::ranges::copy_if(timeline_.spans, std::back_inserter(spans),
                         [&](const Span& span) { return span.who == actor; });
    std::ranges::stable_sort(spans, {}, &Span::begin);
    nanoseconds busy{0};
    for (const Span& span : spans) busy += span.end - span.begin;
    body_ += svg::text_at(margin, y + 13, actor, svg::columns_in(name_width - 12, name_size),
                          "class=\"name strong\"");
    body_ += svg::text_at(
        margin, y + 29,
        fmt::format("{} in {}", duration(busy), spans.size()) + (spans.size() == 1 ? " step" : " steps"), 22,
        "class=\"mark muted\"");
    body_ += fmt::format(
        "<rect class=\"lane\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"4\"/>\n",
        plot_left, y, plot_width, bar_height);
    for (std::size_t index = 0; index < spans.size(); ++index)
      bar(spans[index], fmt::format("bar shade{}{}", number % svg::shades, index % 2 == 0 ? "" : " odd"), y);
    return y + bar_height + words(std::move(spans), y + bar_height) + lane_gap;
  }

  void bar(const Span& span, std::string_view classes, double y) {
    const double left = x_of(span.begin - origin_);
    body_ += fmt::format(
        "<rect class=\"{}\" x=\"{:.3f}\" y=\"{:.1f}\" width=\"{:.3f}\" height=\"{:.1f}\" data-who=\"{}\" "
        "data-what=\"{}\" "
        "data-begin=\"{}\" data-end=\"{}\"><title>{}: {}</title></rect>\n",
        classes, left, y, x_of(span.end - origin_) - left, bar_height, svg::escape(span.who),
        svg::escape(span.what), (span.begin - origin_).count(), (span.end - origin_).count(),
        svg::escape(span.what), duration(span.end - span.begin));
  }

  /// Draws the labels below `top`; returns their height.
  double words(std::vector<Span> spans, double top) {
    const auto took = [](const Span& span) { return span.end - span.begin; };
    std::ranges::stable_sort(spans, std::ranges::greater{}, took);
    std::vector<Label> labels;
    for (const Span& span : spans | std::views::take(most_labels))
      if (static_cast<double>(took(span).count()) >= shortest_named * static_cast<double>(whole_.count()))
        labels.push_back({fmt::format("{}, {}", pod::shortened(pod::escaped(span.what), longest_words),
                                      duration(took(span))),
                          x_of(span.begin - origin_)});
    const std::size_t rows = arrange(labels);
    for (const Label& label : labels) {
      const double baseline = top + 16 + label_step * static_cast<double>(label.row);
      body_ +=
          fmt::format("<path class=\"leader\" d=\"M{:.1f} {:.1f}V{:.1f}\"/>\n", label.x, top, baseline + 1);
      body_ +=
          svg::text_at(label.x + label_indent, baseline, label.words, label.words.size(), "class=\"label\"");
      right_ = std::max(right_, label.right());
    }
    return label_step * static_cast<double>(rows);
  }

  const Timeline& timeline_;
  BootTime origin_{0};
  nanoseconds whole_{1};
  double right_ = plot_left + plot_width;  ///< right edge of the last label
  std::string body_;
};

}  // namespace

std::string to_svg(const Timeline& timeline) {
  return Drawing(timeline).drawn();
}

}  // namespace podrun::supervisor
