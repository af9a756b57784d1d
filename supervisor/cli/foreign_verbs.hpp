// The verbs of podman, docker, Compose, nerdctl and kubectl that podrun does not have: what does the same here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace podrun::supervisor {

/// Says what podrun has instead of a verb of another program, with the names that were typed: "; instead: podrun ps
/// web". Or says what is missing: ": there is no cluster". `rest` are the words after the verb. Empty if no such
/// program has this verb.
std::string answer_to_foreign_verb(std::string_view verb, const std::vector<std::string>& rest);

}  // namespace podrun::supervisor
