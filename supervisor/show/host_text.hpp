// The host's facts for people, with what follows from each that is lacking. Pure.
#pragma once

#include <string>
#include <vector>

#include "pod/spec/host_facts.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// What `podrun info` prints.
std::string host_text(const pod::HostFacts& facts, const Layout& layout,
                      const std::vector<std::string>& image_roots);

}  // namespace podrun::supervisor
