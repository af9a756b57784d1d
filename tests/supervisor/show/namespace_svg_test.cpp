// The picture of a pod's namespaces agrees with the matrix, by its elements and their places.
#include "supervisor/show/namespace_svg.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/supervisor/show/namespace_matrices.hpp"
#include "tests/supervisor/show/svg_elements.hpp"

namespace podrun::supervisor {
namespace {

/// The cell of one process and one kind of namespace.
struct DrawnCell {
  std::string process;
  std::size_t kind;
  std::string number;
  std::string words;
  Rectangle place;
};

std::size_t kind_named(const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(pod::namespace_names, name) -
                                  pod::namespace_names.begin());
}

/// The font size that the style sheet gives.
double size_of(const Element& text) {
  if (text.has_class("title")) return 22;
  if (text.has_class("letter")) return 15;
  return text.has_class("name") || text.has_class("kind") ? 14 : 13;
}

class NamespaceSvg : public testing::TestWithParam<NamespaceMatrix (*)()> {
 protected:
  void SetUp() override {
    auto elements = svg_elements(to_svg("default_web", matrix_));
    ASSERT_TRUE(elements) << to_svg("default_web", matrix_);
    elements_ = std::move(*elements);
    ASSERT_EQ(with_class("process").size(), matrix_.members.size());
    ASSERT_FALSE(with_class("area").empty());
    ASSERT_FALSE(with_class("swatch").empty());
    ASSERT_EQ(with_class("ground").size(), 1U);
    ASSERT_EQ(with_class("cell").size(), matrix_.members.size() * pod::namespace_kinds);
    for (std::size_t at = 0; at < elements_.size(); ++at) {
      const Element& group = elements_[at];
      if (!group.has_class("cell")) continue;
      DrawnCell cell{group["data-process"], kind_named(group["data-kind"]), group["data-namespace"], "", {}};
      for (const Element& part : elements_) {
        if (part.parent != at) continue;
        if (part.name == "rect") cell.place = rectangle_of(part);
        if (part.name == "text") cell.words = part.text;
      }
      cells_.push_back(std::move(cell));
    }
  }

  std::vector<Element> with_class(std::string_view name) const {
    std::vector<Element> found;
    std::ranges::copy_if(elements_, std::back_inserter(found),
                         [&](const Element& e) { return e.has_class(name); });
    return found;
  }

  /// The letters of the areas that surround a cell.
  std::string letters_around(const DrawnCell& cell) const {
    std::string letters;
    for (const Element& area : with_class("area"))
      if (rectangle_of(area).meets(cell.place)) letters += area["data-letter"];
    return letters;
  }

  const NamespaceMatrix matrix_ = GetParam()();
  std::vector<Element> elements_;
  std::vector<DrawnCell> cells_;
};

TEST_P(NamespaceSvg, EachNamespaceIsDrawnOnceWithItsNumber) {
  ASSERT_EQ(cells_.size(), matrix_.members.size() * pod::namespace_kinds);
  for (const NamespaceRow& row : matrix_.members)
    for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind)
      EXPECT_EQ(std::ranges::count_if(cells_,
                                      [&](const DrawnCell& cell) {
                                        return cell.process == row.name && cell.kind == kind &&
                                               cell.number == std::to_string(row.ids[kind]);
                                      }),
                1)
          << row.name << " " << pod::namespace_names[kind];
}

TEST_P(NamespaceSvg, AnAreaSurroundsExactlyTheCellsThatShareANamespace) {
  for (const DrawnCell& cell : cells_) {
    const auto sharers = std::ranges::count_if(cells_, [&](const DrawnCell& other) {
      return other.kind == cell.kind && other.number == cell.number;
    });
    const bool is_host = cell.number == std::to_string(matrix_.host.ids[cell.kind]);
    EXPECT_EQ(letters_around(cell), is_host || sharers == 1 ? "" : cell.words) << cell.process << cell.kind;
    EXPECT_EQ(cell.words == "host", is_host);
    EXPECT_EQ(cell.words.ends_with(" own"), !is_host && sharers == 1);
  }
}

TEST_P(NamespaceSvg, EqualLettersMeanEqualNamespaces) {
  for (const DrawnCell& one : cells_)
    for (const DrawnCell& other : cells_)
      EXPECT_TRUE(one.kind != other.kind || (one.words == other.words) == (one.number == other.number))
          << one.process << " " << other.process;
}

TEST_P(NamespaceSvg, EachCellLiesInItsProcessesBox) {
  for (const Element& box : with_class("process"))
    for (const DrawnCell& cell : cells_) {
      const Rectangle place = rectangle_of(box);
      EXPECT_EQ(place.left <= cell.place.left && cell.place.right <= place.right,
                cell.process == box["data-process"]);
    }
}

TEST_P(NamespaceSvg, BoxesOfTheSameKindDoNotOverlap) {
  for (const auto* const name : {"area", "process", "swatch"}) {
    const auto places = with_class(name);
    for (std::size_t one = 0; one < places.size(); ++one)
      for (std::size_t other = one + 1; other < places.size(); ++other)
        EXPECT_FALSE(rectangle_of(places[one]).meets(rectangle_of(places[other])))
            << name << one << " " << other;
  }
}

TEST_P(NamespaceSvg, NoTextIsCutOrOverlapsAnother) {
  const Rectangle page = rectangle_of(with_class("ground").front());
  std::vector<Rectangle> texts;
  for (const Element& text : elements_) {
    if (text.name != "text") continue;
    const Rectangle place = place_of(text, size_of(text));
    EXPECT_TRUE(page.holds(place)) << text.text;
    for (const Rectangle& other : texts) EXPECT_FALSE(place.meets(other)) << text.text;
    texts.push_back(place);
    for (const auto* const name : {"process", "area", "swatch"})
      for (const Element& box : with_class(name))
        EXPECT_TRUE(!rectangle_of(box).meets(place) || rectangle_of(box).holds(place)) << text.text;
  }
}

INSTANTIATE_TEST_SUITE_P(Pods, NamespaceSvg, testing::Values(&web, &composed, &crossing, &connected));

TEST(NamespaceSvgText, ALongNameIsShortenedAndKeptInATitle) {
  const auto elements = svg_elements(to_svg("default_web", composed()));
  ASSERT_TRUE(elements);
  EXPECT_TRUE(
      std::ranges::any_of(*elements, [](const Element& e) { return e.text == "a-name-that-is-as-lon…"; }));
  EXPECT_TRUE(std::ranges::any_of(*elements, [](const Element& e) {
    return e.name == "title" && e.text == "a-name-that-is-as-long-as-a-label-may-be";
  }));
}

TEST(NamespaceSvgText, NetworksHaveTheirAddresses) {
  const auto elements = svg_elements(to_svg("default_web", connected()));
  ASSERT_TRUE(elements);
  for (const char* const words : {"A  net: 10.77.0.5, fd12::5 (podrun5)", "c  net: 10.77.0.6 (podrun6)"})
    EXPECT_TRUE(std::ranges::any_of(*elements, [&](const Element& e) { return e.text == words; })) << words;
}

TEST(NamespaceSvgText, MarkupInANameIsEscaped) {
  NamespaceMatrix matrix = web();
  matrix.members[1].name = "</text><script>\"&\x01\xff";
  const auto elements = svg_elements(to_svg("<&\">", matrix));
  ASSERT_TRUE(elements);
  EXPECT_FALSE(std::ranges::any_of(*elements, [](const Element& e) { return e.name == "script"; }));
  EXPECT_TRUE(std::ranges::any_of(
      *elements, [](const Element& e) { return e["data-process"] == "</text><script>\"&\\x01\\xff"; }));
}

TEST(NamespaceSvgText, ThePictureNeedsNoOtherFileAndHasADarkMode) {
  const std::string svg = to_svg("default_web", web());
  for (const auto* const word : {"<script", "href", "url(", "@import", "@font-face"})
    EXPECT_EQ(svg.find(word), std::string::npos) << word;
  EXPECT_NE(svg.find("@media (prefers-color-scheme:dark)"), std::string::npos);
}

}  // namespace
}  // namespace podrun::supervisor
