// The fields podrun knows, declared once: tables that decode, check, hint and document.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pod/report.hpp"
#include "pod/spec.hpp"
#include "pod/syntax.hpp"
#include "pod/yaml.hpp"

namespace podrun::pod {

/// Whether a field may be left out.
enum class Need {
  Optional,
  Required,  ///< and not empty
  OneOf,     ///< exactly one of the type's fields of this kind
};

/// One field as documentation lists it.
struct SchemaRow {
  std::string_view owner;  ///< Kubernetes' name of the type it belongs to: "Container"
  std::string_view name;   ///< "readOnly"
  std::string path;        ///< "spec.containers[].volumeMounts[].readOnly"
  std::string type;        ///< Kubernetes' notation: "string", "[]Container", "map[string]string"
  Need need = Need::Optional;
  std::string_view initial;  ///< what holds if it is left out, in words; may be empty
  std::string_view doc;      ///< one line
};

/// Every field, each type's after the field that holds it. Generates the table of podrun-pod(5).
std::vector<SchemaRow> schema_rows();

/// A `podrun.io/` annotation.
struct KnownAnnotation {
  std::string_view key;
  TextRule rule;  ///< what its value must be
  std::string_view doc;
};

/// Every annotation that podrun obeys. Others below podrun.io/ are mistakes.
std::span<const KnownAnnotation> known_annotations();

/// Decodes a manifest and checks each value alone; what concerns several of them is validate()'s.
Pod decode(const yaml::Node& root, Report& report);

}  // namespace podrun::pod
