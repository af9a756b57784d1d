// All fields that podrun knows. The same tables decode and check manifests, give hints and document the fields.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pod/schema/field_table.hpp"
#include "pod/spec/objects.hpp"
#include "pod/spec/spec.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// One field with its path in a Pod.
struct SchemaRow {
  std::string_view owner;  ///< Kubernetes' name of the type that has the field: "Container"
  std::string path;        ///< "spec.containers[].volumeMounts[].readOnly"
  const Row* row;
};

/// Every field of a Pod. The fields of a type follow the field that has the type. Of types that are not stored only the
/// first level is listed.
std::vector<SchemaRow> schema_rows();

/// A `podrun.io/` annotation.
struct KnownAnnotation {
  std::string_view key;
  TextRule rule;  ///< syntax of its value
  std::string_view doc;
};

/// All annotations of podrun. Any other `podrun.io/` annotation is an error.
std::span<const KnownAnnotation> known_annotations();

/// Decodes a Pod, ConfigMap, Secret, PersistentVolumeClaim or Service and checks each value by itself. validate() checks
/// relations between values.
template <typename T>
T decode(const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod
