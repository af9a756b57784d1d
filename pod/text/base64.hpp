// Decodes base64, the encoding of a Secret's `data` and a ConfigMap's `binaryData`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// Decodes RFC 4648 base64 with padding; skips line ends. Returns std::nullopt if TEXT is not valid base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace podrun::pod
