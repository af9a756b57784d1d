// Prints the tables as a JSON Schema, for editors.
#pragma once

#include <string>

namespace podrun::pod {

/// The JSON Schema (draft-07) of Pod, ConfigMap, Secret and PersistentVolumeClaim, selected by `kind`. Documents of
/// other kinds are not restricted. Fields that podrun refuses or does not implement are refused by the schema as well;
/// their description is the reason.
std::string json_schema();

}  // namespace podrun::pod
