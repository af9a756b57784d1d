// Common parts of podrun's pictures.
#include "supervisor/show/svg.hpp"

#include <fmt/format.h>

#include "pod/text/quote.hpp"

namespace podrun::supervisor::svg {
namespace {

constexpr std::string_view common_style =
    R"(text{fill:#0f172a;font-size:13px}
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.muted{fill:#526077}.strong{font-weight:700}.middle{text-anchor:middle}.end{text-anchor:end}
.ground{fill:#fff}.surface{fill:#fff}.edge{fill:none;stroke:#64748b;stroke-width:1.5}
.shade0{fill:#dbeafe;stroke:#3b82f6}.shade1{fill:#d1fae5;stroke:#0f9f72}.shade2{fill:#fef0c3;stroke:#c77f0a}
.shade3{fill:#ede4ff;stroke:#8b5cf6}.shade4{fill:#ffe1e6;stroke:#e0486a}.shade5{fill:#cdf5fb;stroke:#0891b2}
)";

constexpr std::string_view common_dark_style =
    R"(text{fill:#eef2f8}.muted{fill:#a9b6ca}.ground{fill:#0d1424}.surface{fill:#151e33}.edge{stroke:#8a99b3}
.shade0{fill:#1d3b66;stroke:#60a5fa}.shade1{fill:#12493a;stroke:#34d399}.shade2{fill:#54400f;stroke:#fbbf24}
.shade3{fill:#3d2c6e;stroke:#a78bfa}.shade4{fill:#5e2136;stroke:#fb7185}.shade5{fill:#124655;stroke:#22d3ee}
)";

}  // namespace

std::string escape(std::string_view text) {
  std::string safe;
  for (const char c : pod::escaped(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

std::size_t columns_in(double pixels, double size) {
  return pixels <= 0 ? 0 : static_cast<std::size_t>(pixels / (size * column_width));
}

std::string text_at(double x, double y, std::string_view text, std::size_t columns,
                    std::string_view attributes) {
  const std::string whole = pod::escaped(text);
  const std::string shown = pod::shortened(whole, columns);
  const std::string title = shown == whole ? "" : fmt::format("<title>{}</title>", escape(whole));
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" {}>{}{}</text>\n", x, y, attributes, escape(shown),
                     title);
}

std::string document(double width, double height, std::string_view title, const Style& style,
                     std::string_view body) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} "
      "{1:.0f}\" "
      "role=\"img\">\n"
      "<title>{2}</title>\n<style>\n{3}{4}@media (prefers-color-scheme:dark){{\n{5}{6}}}\n</style>\n"
      "<rect class=\"ground\" width=\"{0:.0f}\" height=\"{1:.0f}\"/>\n{7}</svg>\n",
      width, height, escape(title), common_style, style.light, common_dark_style, style.dark, body);
}

}  // namespace podrun::supervisor::svg
