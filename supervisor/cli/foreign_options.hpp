// The options of podman, docker, Compose and kubectl that podrun does not have: what does the same here.
#pragma once

#include <string_view>

namespace podrun::supervisor {

/// Says what podrun has instead of an option of a verb, or what is missing; "" if nothing is known about it. The option
/// is
/// "--name" or "-n"; the verb is "" on a command line without one.
std::string_view answer_to_foreign_option(std::string_view verb, std::string_view option);

}  // namespace podrun::supervisor
