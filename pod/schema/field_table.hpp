// A type of the Pod API as a table: one row per field. From it come decoding, errors, documentation, JSON Schema.
#pragma once

#include <span>
#include <string_view>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

struct FieldLabel;

/// Whether a field may be left out.
enum class Need {
  Optional,
  Required,  ///< and not empty
  OneOf,     ///< exactly one of the type's fields of this kind
};

/// Whether a field may be left out, and what holds then.
struct Presence {
  Need need = Need::Optional;
  std::string_view initial = "";
};
inline constexpr Presence required{Need::Required};
inline constexpr Presence optional{Need::Optional};
inline constexpr Presence one_of{Need::OneOf};
constexpr Presence defaults_to(std::string_view initial) { return {Need::Optional, initial}; }

/// What podrun does with a field.
enum class SupportLevel {
  Used,      ///< works as on Kubernetes
  NoEffect,  ///< on one node; its type is checked
  Refused,   ///< for good
  NotYet,    ///< refused, until somebody teaches it to podrun
  Checked,   ///< of a type that only such fields hold: as the field that holds it
};

/// The same with its words.
struct FieldSupport {
  SupportLevel level = SupportLevel::Checked;
  std::string_view text = "";    ///< Used: the test that shows it. Else why: "nothing is pulled"
  std::string_view remedy = "";  ///< Refused: what to do instead; may be empty
};
constexpr FieldSupport used(std::string_view test) { return {SupportLevel::Used, test}; }
constexpr FieldSupport no_effect(std::string_view reason) { return {SupportLevel::NoEffect, reason}; }
constexpr FieldSupport refused(std::string_view reason, std::string_view remedy = "") {
  return {SupportLevel::Refused, reason, remedy};
}
/// WHAT ends the sentence "podrun does not … yet".
constexpr FieldSupport not_yet(std::string_view what) { return {SupportLevel::NotYet, what}; }

/// Decodes a value into the member of OWNER that a row fills; with no owner it is only checked.
using DecodeMember = void (*)(const yaml::Node& node, const FieldLabel& label, void* owner,
                              DiagnosticCollector& report);

/// One field.
struct Row {
  std::string_view name;  ///< "volumeMounts"
  std::string_view type;  ///< "string", "int64", "[]VolumeMount", "map[string]string", …: check_value() knows them
  Presence presence = optional;
  FieldSupport support = {};
  std::string_view doc = "";                       ///< a sentence; may be empty unless it is used
  std::span<const std::string_view> accepted = {};  ///< a string's values, if only some are good
  DecodeMember decode = nullptr;                   ///< nullptr: it is checked by its type and fills nothing
};

/// One type.
struct Table {
  std::string_view type;    ///< Kubernetes' name: "Container"
  std::string_view phrase;  ///< in messages: "a container"
  std::span<const Row> rows;

  /// The row of a field, or nullptr.
  const Row* find(std::string_view name) const;
};

/// The table of a type by its name; nullptr for what is no mapping of fields ("string").
const Table* find_table(std::string_view type);

}  // namespace podrun::pod
