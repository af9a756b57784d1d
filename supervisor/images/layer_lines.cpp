// What a pull shows of the layers that arrive.
#include "supervisor/images/layer_lines.hpp"

#include <fmt/format.h>

#include "pod/image/digest.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

std::string line_of(const ns::LayerProgress& layer) {
  const std::string_view name = pod::hex_of(layer.digest).substr(0, 12);
  if (layer.is_here) return fmt::format("{}  already here", name);
  if (layer.is_complete) return fmt::format("{}  {}", name, human_size(layer.size));
  return fmt::format("{}  {} of {}", name, human_size(layer.arrived), human_size(layer.size));
}

}  // namespace

std::string LayerLines::show(std::span<const ns::LayerProgress> layers) {
  std::string text;
  for (const ns::LayerProgress& layer : layers) {
    if (is_terminal_) text += fmt::format("\x1b[K{}\n", line_of(layer));
    else if ((layer.is_here || layer.is_complete) && complete_.insert(layer.digest).second)
      text += line_of(layer) + "\n";
  }
  if (!is_terminal_ || text == last_) return is_terminal_ ? "" : text;
  last_ = text;
  if (shown_ > 0) text.insert(0, fmt::format("\x1b[{}A", shown_));
  shown_ = layers.size();
  return text;
}

}  // namespace podrun::supervisor
