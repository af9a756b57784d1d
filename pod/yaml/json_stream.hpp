// JSON documents that stand one behind the other, as `kubectl get -o json` and jq(1) print several. YAML wants a line
// "---" between documents.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace podrun::pod::yaml {

/// The byte at which each JSON document begins that stands behind another one without a line "---" between them.
std::vector<std::size_t> json_documents_behind_others(std::string_view text);

}  // namespace podrun::pod::yaml
