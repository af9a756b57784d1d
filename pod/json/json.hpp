// The one door to nlohmann-json: text → Value and back.
#pragma once

#include <string>
#include <string_view>

#include "pod/json/value.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod::json {

/// Parses one JSON text, RFC 8259; a byte order mark before it is skipped. Of members with the same name the last
/// value counts, in the place of the first. The error is nlohmann-json's: "parse error at line 1, column 2: …". Never
/// throws. The caller bounds the length of the text; the nesting has no other bound and does not use the stack.
Result<Value> parse(std::string_view text);

/// The text of a value in one line. Bytes that are not UTF-8 become U+FFFD: paths and environments may hold any
/// bytes, JSON holds text.
std::string dump(const Value& value);
/// Likewise in lines that are indented by INDENT spaces a level, with a newline at the end.
std::string dump_lines(const Value& value, int indent);

}  // namespace podrun::pod::json
