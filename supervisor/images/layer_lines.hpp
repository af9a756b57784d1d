// What a pull shows of the layers that arrive: on a terminal a line for each, which counts; elsewhere a line when one is
// complete.
#pragma once

#include <set>
#include <span>
#include <string>

#include "namespaces/images/fetch_image.hpp"

namespace podrun::supervisor {

/// The lines. Pure: show() returns what is to be written next.
class LayerLines {
 public:
  explicit LayerLines(bool is_terminal) : is_terminal_(is_terminal) {}

  std::string show(std::span<const ns::LayerProgress> layers);

 private:
  bool is_terminal_;
  std::size_t shown_ = 0;  ///< lines above the cursor
  std::string last_;
  std::set<std::string> complete_;
};

}  // namespace podrun::supervisor
