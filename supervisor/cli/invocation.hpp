// The input of a command.
#pragma once

#include <string>

#include "supervisor/cli/options.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The input of a command.
struct Invocation {
  Options options;
  Layout layout;
  std::string program;  ///< absolute path of podrun
};

}  // namespace podrun::supervisor
