// A strict reader of the XML of podrun's pictures.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::supervisor {

/// An element. `parent` is an index into the document's elements; that of the root is its own.
struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;
  std::size_t parent = 0;

  std::string operator[](const std::string& attribute) const {
    return attributes.contains(attribute) ? attributes.at(attribute) : "";
  }
  double number(const std::string& attribute) const { return std::stod((*this)[attribute]); }
  bool has_class(std::string_view wanted) const {
    return (" " + (*this)["class"] + " ").contains(" " + std::string(wanted) + " ");
  }
};

/// All elements in the order of the document. Nothing if the text is not well-formed: if it has a tag without its end,
/// an attribute twice or without quotes, or a bare & or <.
std::optional<std::vector<Element>> svg_elements(std::string_view document);

/// A rectangle.
struct Rectangle {
  double left, top, right, bottom;

  bool holds(const Rectangle& other) const {
    return left <= other.left + 1 && other.right <= right + 1 && top <= other.top + 1 && other.bottom <= bottom + 1;
  }
  bool meets(const Rectangle& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};
Rectangle rectangle_of(const Element& rect);

/// The largest rectangle that a text can cover, by its size, its anchor and its number of characters.
Rectangle place_of(const Element& text, double size);

}  // namespace podrun::supervisor
