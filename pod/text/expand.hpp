// Expands $(NAME) references in a container's command, args and env values, as the kubelet does.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// Variables by name.
using Variables = std::map<std::string, std::string, std::less<>>;

/// Replaces $(NAME) by the variable's value and $$ by $. A reference to an unknown variable, "$(" without ")", and "$"
/// before any other character are left unchanged. The result is not expanded again.
std::string expand(std::string_view text, const Variables& variables);

/// The names of all $(NAME) references of a text, in their order.
std::vector<std::string> references_in(std::string_view text);

}  // namespace podrun::pod
