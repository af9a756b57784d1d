// A tree of YAML as JSON, and JSON as YAML.
#pragma once

#include <string>

#include "pod/json/value.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod::yaml {

/// The same tree as JSON. A plain scalar is what Kubernetes' parser takes it for: a number, a boolean, else a string.
json::Value json_of(const Node& node);

/// A value as YAML in block style, with a newline at its end. What YAML could take for something else is quoted as in
/// JSON.
std::string to_yaml(const json::Value& value);

}  // namespace podrun::pod::yaml
