// References to variables in a container's command, args and env values: $(NAME), as the kubelet reads them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// Variables by name.
using Variables = std::map<std::string, std::string, std::less<>>;

/// Replaces $(NAME) by the variable's value and $$ by $. A reference to an unknown variable, "$(" without ")"
/// and a "$" before anything else stay as they are. One pass: what a value contains is not expanded again.
std::string expand(std::string_view text, const Variables& variables);

/// The names in a text's $(NAME)s, in their order.
std::vector<std::string> references_in(std::string_view text);

}  // namespace podrun::pod
