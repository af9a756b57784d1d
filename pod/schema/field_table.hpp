// A type of the Pod API as a table with one row for each field. Decoding, error messages, documentation and the JSON
// Schema are derived from the tables.
#pragma once

#include <span>
#include <string_view>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

struct FieldLabel;

/// Whether a field may be omitted.
enum class Need {
  Optional,
  Required,  ///< the field must be present and not empty
  OneOf,     ///< exactly one of the type's fields with this value must be present: Table::without_alternative
};

/// Whether a field may be omitted, and its default.
struct Presence {
  Need need = Need::Optional;
  std::string_view initial = "";
  bool empty_is_a_value = false;  ///< "" does not count as missing: the codec accepts or refuses it
};
inline constexpr Presence required{Need::Required};
inline constexpr Presence required_or_empty{Need::Required, "", true};  ///< "" is as good as any other value
inline constexpr Presence optional{Need::Optional};
inline constexpr Presence one_of{Need::OneOf};
constexpr Presence defaults_to(std::string_view initial) { return {Need::Optional, initial}; }
/// For a choice that Kubernetes has as a pointer: its default is for a missing field only, and "" is none of its values.
constexpr Presence defaults_unless_empty(std::string_view initial) { return {Need::Optional, initial, true}; }

/// How podrun supports a field.
enum class SupportLevel {
  Used,      ///< works as in Kubernetes
  NoEffect,  ///< has no effect on a single node; its type is checked
  Refused,   ///< is refused permanently
  Checked,   ///< belongs to a type that only fields of another level use, and has the level of those
};

/// The support of a field, with an explanation.
struct FieldSupport {
  SupportLevel level = SupportLevel::Checked;
  std::string_view text = "";    ///< with Used the test that proves it, otherwise the reason: "nothing is pulled"
  std::string_view remedy = "";  ///< with Refused what to use instead; may be empty
};
constexpr FieldSupport used(std::string_view test) { return {SupportLevel::Used, test}; }
constexpr FieldSupport no_effect(std::string_view reason) { return {SupportLevel::NoEffect, reason}; }
constexpr FieldSupport refused(std::string_view reason, std::string_view remedy = "") {
  return {SupportLevel::Refused, reason, remedy};
}

/// Decodes a value into the row's member of OWNER. If OWNER is nullptr, the value is only checked.
using DecodeMember = void (*)(const yaml::Node& node, const FieldLabel& label, void* owner,
                              DiagnosticCollector& report);

/// One field.
struct Row {
  std::string_view name;  ///< "volumeMounts"
  std::string_view type;  ///< a type that check_value() knows: "string", "int64", "[]VolumeMount", "map[string]string"
  Presence presence = optional;
  FieldSupport support = {};
  std::string_view doc = "";                        ///< a sentence; required only with SupportLevel::Used
  std::span<const std::string_view> accepted = {};  ///< the accepted values of a string; empty: not restricted
  DecodeMember decode = nullptr;                    ///< nullptr: the value is checked by its type and not stored
};

/// One type.
struct Table {
  std::string_view type;    ///< name in Kubernetes: "Container"
  std::string_view phrase;  ///< name in messages: "a container"
  std::span<const Row> rows;
  /// What a mapping without any of the Need::OneOf fields is, if it may have none: "an emptyDir".
  std::string_view without_alternative = "";
  /// With the spec of a workload the path from it to the Pod's fields: "template.".
  std::string_view path_to_pod = "";

  /// The row of a field, or nullptr.
  const Row* find(std::string_view name) const;
};

/// Whether an object as the value of a field asks for nothing if none of its fields is set: `seLinuxOptions: {}`.
bool may_be_empty(const Row& row);

/// Whether the field is the metadata of a template. That may be missing, and so may its name.
bool is_metadata_of_template(const Row& row);

/// The table of a type by its name; nullptr if the type is not a mapping of fields ("string").
const Table* find_table(std::string_view type);

}  // namespace podrun::pod
