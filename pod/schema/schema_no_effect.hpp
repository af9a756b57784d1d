// The types that are used only by fields without effect.
#pragma once

#include <string_view>

#include "pod/schema/field_table.hpp"

namespace podrun::pod {

/// The table of such a type, or nullptr. The tables are built at the first call.
const Table* find_checked_table(std::string_view type);

}  // namespace podrun::pod
