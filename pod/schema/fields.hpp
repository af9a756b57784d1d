// How a table decodes a mapping, and the words for what is wrong.
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

/// How messages call a value: `image`, `command[2]`, `labels["app"]`.
struct FieldLabel {
  std::string_view field;
  std::optional<std::size_t> index = std::nullopt;
  std::optional<std::string_view> key = std::nullopt;

  std::string text() const;
};

/// Decodes a mapping by its table into OWNER, which is what the table's rows fill, and reports what the table does not
/// allow. Without an owner it is only checked. Fields that are `excused` may be missing though they are required.
void decode_object(const yaml::Node& node, const FieldLabel& label, const Table& table, void* owner,
                   DiagnosticCollector& report, std::span<const std::string_view> excused = {});

/// Checks a value by its type alone, as a row's `type` names it.
void check_value(const yaml::Node& node, const FieldLabel& label, std::string_view type, DiagnosticCollector& report);

// ---- for codecs ----

/// Reports a value that is no WANTED ("a mapping").
void report_kind(const yaml::Node& node, const FieldLabel& label, std::string_view wanted, DiagnosticCollector& report);
/// The value if it is a string (and says so), else nullptr.
const std::string* string_in(const yaml::Node& node, const FieldLabel& label, DiagnosticCollector& report);
/// The value if it is a string that keeps a rule; reports otherwise.
const std::string* string_in(const yaml::Node& node, const FieldLabel& label, TextRule rule,
                             DiagnosticCollector& report);
std::optional<std::int64_t> integer_in(const yaml::Node& node, const FieldLabel& label, std::int64_t least,
                                       std::int64_t most, DiagnosticCollector& report);
std::optional<bool> boolean_in(const yaml::Node& node, const FieldLabel& label, DiagnosticCollector& report);
/// A quantity, quoted or a plain number; not negative.
std::optional<Quantity> quantity_in(const yaml::Node& node, const FieldLabel& label, DiagnosticCollector& report);
/// Reports a string that is none of the accepted ones.
void report_choice(const yaml::Node& node, const FieldLabel& label, const std::vector<std::string_view>& accepted,
                   DiagnosticCollector& report);

}  // namespace podrun::pod
