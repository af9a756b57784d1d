// Reads podrun's pictures back.
#include "tests/supervisor/show/svg_elements.hpp"

#include <regex>

#include "pod/text/quote.hpp"

namespace podrun::supervisor {
namespace {

/// Character data without its entities; nothing for a bare & or <.
std::optional<std::string> plain(std::string text) {
  static const std::regex entity("&(amp|lt|gt|quot);");
  if (std::regex_replace(text, entity, "").find_first_of("&<") != std::string::npos) return std::nullopt;
  for (const auto& [name, character] :
       {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}})
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
      text.replace(at, std::string(name).size(), character);
  return text;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool read() {
    if (!text_.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")) return false;
    text_.remove_prefix(text_.find('\n') + 1);
    while (!text_.empty())
      if (!(text_.front() == '<' ? tag() : characters())) return false;
    return open_.empty() && !elements.empty();
  }

  std::vector<Element> elements;

 private:
  bool characters() {
    const auto data = plain(std::string(text_.substr(0, text_.find('<'))));
    text_.remove_prefix(std::min(text_.find('<'), text_.size()));
    if (!data) return false;
    if (!open_.empty()) elements[open_.back()].text += *data;
    return !open_.empty() || data->find_first_not_of('\n') == std::string::npos;
  }

  bool tag() {
    const auto end = text_.find('>');
    if (end == std::string_view::npos) return false;
    const std::string inside(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    if (inside.starts_with('/')) {
      if (open_.empty() || elements[open_.back()].name != inside.substr(1)) return false;
      open_.pop_back();
      return true;
    }
    return begin(inside);
  }

  bool begin(const std::string& inside) {
    static const std::regex whole(R"(([a-z]+)((?: [A-Za-z0-9-]+="[^"<]*")*) ?(/?))");
    static const std::regex one(R"re( ([A-Za-z0-9-]+)="([^"<]*)")re");
    std::smatch parts;
    if (!std::regex_match(inside, parts, whole)) return false;
    Element element{
        .name = parts[1], .attributes = {}, .text = "", .parent = open_.empty() ? 0 : open_.back()};
    const std::string attributes = parts[2];
    for (std::sregex_iterator at(attributes.begin(), attributes.end(), one), last; at != last; ++at) {
      const auto value = plain((*at)[2]);
      if (!value || !element.attributes.emplace((*at)[1], *value).second) return false;
    }
    if (parts[3].length() == 0) open_.push_back(elements.size());
    elements.push_back(std::move(element));
    return true;
  }

  std::string_view text_;
  std::vector<std::size_t> open_;
};

}  // namespace

std::optional<std::vector<Element>> svg_elements(std::string_view document) {
  Reader reader(document);
  if (!reader.read()) return std::nullopt;
  return std::move(reader.elements);
}

Rectangle rectangle_of(const Element& rect) {
  const double x = rect["x"].empty() ? 0 : rect.number("x");
  const double y = rect["y"].empty() ? 0 : rect.number("y");
  return {x, y, x + rect.number("width"), y + rect.number("height")};
}

Rectangle place_of(const Element& text, double size) {
  // The widest monospaced font in use, DejaVu's, has columns of 0.602 em.
  const double width = static_cast<double>(pod::width(text.text)) * size * 0.602;
  const double x = text.number("x") - (text.has_class("middle") ? width / 2
                                       : text.has_class("end")  ? width
                                                                : 0);
  const double y = text.number("y");
  return {x, y - size * 0.8, x + width, y + size * 0.25};
}

}  // namespace podrun::supervisor
