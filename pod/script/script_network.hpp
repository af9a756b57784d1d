// Converts the steps of a network to shell.
#pragma once

#include <string>
#include <string_view>

#include "pod/script/script_host.hpp"

namespace podrun::pod::script {

/// The lines that connect a network. `process` is the word of a process in the namespace: "\"$pause\"".
std::string network(PodScript& pod, const NetworkPlan& plan, std::string_view process);

}  // namespace podrun::pod::script
