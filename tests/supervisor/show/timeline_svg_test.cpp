// The picture of a start: it has every step, to scale, and no text overlaps anything.
#include "supervisor/show/timeline_svg.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/supervisor/show/svg_elements.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

/// A start with three actors. Many steps overlap, and some are too short to be seen.
Timeline example() {
  Timeline timeline{.pod = "default_web", .spans = {{"podrun", "load podrun", 1s, 1s + 900us}}};
  BootTime at = 1s + 900us;
  for (int step = 1; step <= 30; ++step) {
    const auto took = step % 7 * 20us;
    timeline.spans.push_back(
        {"app", "child " + std::to_string(step) + " mount <proc> → /c/app/proc & \"more\"", at, at + took});
    timeline.spans.push_back({"pause", "sandbox " + std::to_string(step), at + 30us, at + 30us + took / 2});
    at += took;
  }
  timeline.spans.push_back(
      {"app", "child 31 exec sh -c with so many words that they do not fit", at, 1s + 4ms});
  return timeline;
}

std::vector<Element> drawn(const Timeline& timeline) {
  auto elements = svg_elements(to_svg(timeline));
  EXPECT_TRUE(elements);
  return elements.value_or(std::vector<Element>{});
}

std::vector<Element> with_class(const std::vector<Element>& elements, std::string_view name) {
  std::vector<Element> found;
  std::ranges::copy_if(elements, std::back_inserter(found),
                       [&](const Element& e) { return e.has_class(name); });
  return found;
}

TEST(TimelineSvg, EverySpanIsDrawnToScale) {
  const Timeline timeline = example();
  const auto bars = with_class(drawn(timeline), "bar");
  ASSERT_EQ(bars.size(), timeline.spans.size());
  const double pixels_a_nanosecond = rectangle_of(with_class(drawn(timeline), "lane").front()).right -
                                     rectangle_of(with_class(drawn(timeline), "lane").front()).left;
  for (const Span& span : timeline.spans) {
    const auto bar = std::ranges::find_if(
        bars, [&](const Element& e) { return e["data-who"] == span.who && e["data-what"] == span.what; });
    ASSERT_NE(bar, bars.end()) << span.what;
    const double scale = pixels_a_nanosecond / 4e6;  // 4 ms in all
    const auto nanoseconds = [](auto time) { return static_cast<double>(time.count()); };
    EXPECT_NEAR(bar->number("width"), nanoseconds(span.end - span.begin) * scale, 0.01) << span.what;
    EXPECT_NEAR(bar->number("x") - bars.front().number("x"), nanoseconds(span.begin - 1s) * scale, 0.01)
        << span.what;
    EXPECT_EQ(bar->number("data-end") - bar->number("data-begin"), nanoseconds(span.end - span.begin));
  }
}

TEST(TimelineSvg, EachActorHasALaneOfItsOwn) {
  const auto elements = drawn(example());
  const auto lanes = with_class(elements, "lane");
  ASSERT_EQ(lanes.size(), 3U);
  for (const Element& bar : with_class(elements, "bar"))
    for (const Element& other : with_class(elements, "bar"))
      EXPECT_EQ(bar["y"] == other["y"], bar["data-who"] == other["data-who"]);
}

TEST(TimelineSvg, NoTextIsCutOrOverlapsAnother) {
  const auto elements = drawn(example());
  const Rectangle page = rectangle_of(with_class(elements, "ground").front());
  std::vector<Rectangle> texts;
  for (const Element& text : elements) {
    if (text.name != "text") continue;
    const Rectangle place = place_of(text, text.has_class("title") ? 22 : text.has_class("name") ? 14 : 13);
    EXPECT_TRUE(page.holds(place)) << text.text;
    for (const Element& lane : with_class(elements, "lane"))
      EXPECT_FALSE(rectangle_of(lane).meets(place)) << text.text;
    for (const Rectangle& other : texts) EXPECT_FALSE(place.meets(other)) << text.text;
    texts.push_back(place);
  }
}

TEST(TimelineSvg, TheLongestStepsAreLabelled) {
  const auto labels = with_class(drawn(example()), "label");
  const auto has = [&](const std::string& words) {
    return std::ranges::any_of(labels, [&](const Element& label) { return label.text == words; });
  };
  EXPECT_TRUE(has("load podrun, 900 µs"));
  EXPECT_TRUE(has("child 31 exec sh -c with so many words th…, 1.36 ms"));
  EXPECT_FALSE(has("child 7 mount <proc> → /c/app/proc & \"more\", 0 µs"));
}

TEST(TimelineSvg, TheAxisCountsFromTheCommandLine) {
  const auto marks = with_class(drawn(example()), "middle");
  ASSERT_GT(marks.size(), 5U);
  EXPECT_EQ(marks[0].text, "0 ms");
  EXPECT_EQ(marks[1].text, "0.5 ms");
  Timeline brief;
  brief.spans = {{"podrun", "all", 1s, 1s + 300us}};
  EXPECT_EQ(with_class(drawn(brief), "middle").at(1).text, "50 µs");
}

TEST(TimelineSvg, AnEmptyTimelineIsStillDrawn) {
  EXPECT_FALSE(drawn(Timeline{.pod = "default_web", .spans = {}}).empty());
}

}  // namespace
}  // namespace podrun::supervisor
