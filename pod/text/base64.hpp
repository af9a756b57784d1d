// Base64 as Secrets and binaryData hold it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// Decodes RFC 4648 base64 with its padding; line ends in between are skipped. Nothing if it is none.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace podrun::pod
