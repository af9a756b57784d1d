// Common parts of podrun's pictures: escaped text that fits, and a light and a dark style. Pure.
//
// The pictures refer to nothing outside: no script, font or image. Each colour is given twice, directly and in a @media
// rule for dark mode, so that programs that do not know the rule draw the light picture.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace podrun::supervisor::svg {

/// The number of colours for fields: the classes "shade0" …, each a fill with an outline.
inline constexpr std::size_t shades = 6;

/// The greatest width of a column of monospaced text, in pixels for each pixel of font size.
inline constexpr double column_width = 0.61;

/// Escapes text for XML elements and attributes. Unprintable characters become escapes: pod/text/quote.hpp.
std::string escape(std::string_view text);

/// The number of columns of monospaced text of a font size that fit into a width.
std::size_t columns_in(double pixels, double size);

/// A line of text with class "mono", cut to a number of columns. If it is cut, it ends with "…", and the whole text is
/// a <title>, which viewers show as a tooltip. `attributes` are added to x and y, e.g. `class="strong"`.
std::string text_at(double x, double y, std::string_view text, std::size_t columns,
                    std::string_view attributes);

/// The CSS of a picture, and the rules that differ in dark mode.
struct Style {
  std::string_view light;
  std::string_view dark;
};

/// The whole file: the elements of `body` on the background, with a title for screen readers.
std::string document(double width, double height, std::string_view title, const Style& style,
                     std::string_view body);

}  // namespace podrun::supervisor::svg
