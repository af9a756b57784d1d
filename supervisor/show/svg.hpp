// What podrun's pictures have in common: text that is safe and fits, one style for light and dark. Pure.
//
// The pictures need nothing from outside: no script, no font, no image. Each colour is said twice, plainly
// and in a
// @media rule for dark surroundings, so that a program that knows no such rule draws the light picture.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace podrun::supervisor::svg {

/// How many fields of colour there are: the classes "shade0" …, lighter, with an edge.
inline constexpr std::size_t shades = 6;

/// Widths of text, in pixels at most: of a column of monospaced text per pixel of its size.
inline constexpr double column_width = 0.61;

/// Text as XML wants it, in elements and attributes. What no terminal would print is an escape, see
/// pod/text/quote.hpp.
std::string escape(std::string_view text);

/// How many columns of monospaced text of a size fit into so many pixels.
std::size_t columns_in(double pixels, double size);

/// A text of one line: class "mono", at most so many columns wide. What is cut off is shown as "…"; then the
/// whole is a <title>, which viewers show for the pointer. `attributes` beside x and y, e.g.
/// `class="strong"`.
std::string text_at(double x, double y, std::string_view text, std::size_t columns,
                    std::string_view attributes);

/// A picture's own CSS, and what of it is different in dark surroundings.
struct Style {
  std::string_view light;
  std::string_view dark;
};

/// The whole file: the elements of BODY on the background, with a title for those who hear it.
std::string document(double width, double height, std::string_view title, const Style& style,
                     std::string_view body);

}  // namespace podrun::supervisor::svg
