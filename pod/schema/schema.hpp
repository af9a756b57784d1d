// The fields podrun knows, declared once: tables that decode, check, hint and document.
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

/// One field where it stands in a Pod.
struct SchemaRow {
  std::string_view owner;  ///< Kubernetes' name of the type it belongs to: "Container"
  std::string path;        ///< "spec.containers[].volumeMounts[].readOnly"
  const Row* row;
};

/// Every field of a Pod, each type's after the field that holds it; of what fills nothing the first level.
std::vector<SchemaRow> schema_rows();

/// A `podrun.io/` annotation.
struct KnownAnnotation {
  std::string_view key;
  TextRule rule;  ///< what its value must be
  std::string_view doc;
};

/// Every annotation that podrun obeys. Others below podrun.io/ are mistakes.
std::span<const KnownAnnotation> known_annotations();

/// Decodes a Pod, ConfigMap, Secret or PersistentVolumeClaim and checks each value alone; what concerns several of them
/// is validate()'s.
template <typename T>
T decode(const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod
