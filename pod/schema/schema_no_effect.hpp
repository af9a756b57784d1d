// The types that only fields without effect hold.
#pragma once

#include <string_view>

#include "pod/schema/field_table.hpp"

namespace podrun::pod {

/// The table of such a type, or nullptr. It is built when it is first asked for.
const Table* find_checked_table(std::string_view type);

}  // namespace podrun::pod
