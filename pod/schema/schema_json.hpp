// The tables as a JSON Schema, for editors.
#pragma once

#include <string>

namespace podrun::pod {

/// JSON Schema (draft-07) of what podrun reads: Pod, ConfigMap, Secret, PersistentVolumeClaim by their kind; another
/// kind is not looked into. What podrun refuses, or does not do yet, is refused by it as well, with the reason as its
/// description.
std::string json_schema();

}  // namespace podrun::pod
