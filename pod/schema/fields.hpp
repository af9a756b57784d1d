// Decodes a mapping by a table and reports errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pod/schema/field_table.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/text/quantity.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The name of a value in messages: `image`, `command[2]`, `labels["app"]`.
struct FieldLabel {
  std::string_view field;
  std::optional<std::size_t> index = std::nullopt;
  std::optional<std::string_view> key = std::nullopt;

  std::string text() const;
};

/// Decodes a mapping into OWNER, which has the type of the table's aggregate, and reports errors. If OWNER is nullptr,
/// the mapping is only checked. Required fields that are `excused` may be missing.
void decode_object(const yaml::Node& node, const FieldLabel& label, const Table& table, void* owner,
                   DiagnosticCollector& report, std::span<const std::string_view> excused = {});

/// Checks a value only against a type, a Row::type.
void check_value(const yaml::Node& node, const FieldLabel& label, std::string_view type, DiagnosticCollector& report);

// ---- for codecs ----

/// Reports that a value is not of the kind WANTED ("a mapping").
void report_kind(const yaml::Node& node, const FieldLabel& label, std::string_view wanted, DiagnosticCollector& report);
/// The value if it is a string, else nullptr, which is reported. A plain scalar that could be a number or a boolean is
/// not a string.
const std::string* string_in(const yaml::Node& node, const FieldLabel& label, DiagnosticCollector& report);
/// The value if it is a string that satisfies a rule, else nullptr, which is reported; the hint is about the rule.
const std::string* string_in(const yaml::Node& node, const FieldLabel& label, TextRule rule,
                             DiagnosticCollector& report, std::string_view hint = "");
std::optional<std::int64_t> integer_in(const yaml::Node& node, const FieldLabel& label, std::int64_t least,
                                       std::int64_t most, DiagnosticCollector& report);
std::optional<bool> boolean_in(const yaml::Node& node, const FieldLabel& label, DiagnosticCollector& report);
/// A quantity that is not negative, as a string or a number.
std::optional<Quantity> quantity_in(const yaml::Node& node, const FieldLabel& label, DiagnosticCollector& report);
/// Reports that a string is not one of the accepted values.
void report_choice(const yaml::Node& node, const FieldLabel& label, const std::vector<std::string_view>& accepted,
                   DiagnosticCollector& report);

}  // namespace podrun::pod
