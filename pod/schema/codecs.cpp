// The parts of decoding that do not depend on a type: scalars, and lists and mappings of scalars.
#include "pod/schema/codecs.hpp"

#include <fmt/format.h>

#include "pod/text/base64.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/scalar.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using yaml::Kind;
using yaml::Node;

/// A description of a value that completes the sentence "…, but this is".
std::string describe(const Node& node) {
  switch (node.kind) {
    case Kind::Null:
      return "empty";
    case Kind::Sequence:
      return "a list";
    case Kind::Mapping:
      return "a mapping";
    case Kind::Scalar:
      return in_quotes(node.text);
  }
  return {};
}

/// Calls DECODE with each value of a mapping and its label. Reports keys that do not satisfy the rule.
template <typename Decode>
void each_value(const Node& node, const FieldLabel& label, TextRule key_rule, DiagnosticCollector& report,
                Decode decode) {
  if (node.kind != Kind::Mapping) return report_kind(node, label, "a mapping", report);
  for (const yaml::Entry& entry : node.entries) {
    const std::string& key = entry.key->text;
    const ValueError value_error = key_rule(key);
    if (!value_error.empty()) report.add(entry.key->at, fmt::format("the key {} {}", in_quotes(key), value_error));
    decode(key, *entry.value, FieldLabel{.field = label.field, .index = std::nullopt, .key = key}, value_error.empty());
  }
}

/// Calls DECODE with each item of a list and its label.
template <typename Decode>
void each_item(const Node& node, const FieldLabel& label, DiagnosticCollector& report, Decode decode) {
  if (node.kind != Kind::Sequence) return report_kind(node, label, "a list", report);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    decode(*node.items[i], FieldLabel{.field = label.field, .index = i});
}

constexpr std::int64_t least32 = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t most32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t least64 = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most64 = std::numeric_limits<std::int64_t>::max();

/// A number of YAML as JSON would write it: 0x10 and 1_000 as 16 and 1000. Other texts are returned as they are.
std::string plain_number(const std::string& text) {
  if (classify(text) != ScalarKind::Number) return text;
  if (const auto whole = to_integer(text)) return std::to_string(*whole);
  std::string number = text;
  std::erase(number, '_');
  return number;
}

/// An item of a list or a value of a mapping: null is "", as in Kubernetes, where "" is allowed.
const std::string* text_in(const Node& node, const FieldLabel& label, TextRule rule, DiagnosticCollector& report) {
  return node.kind == Kind::Null && rule("").empty() ? &node.text : string_in(node, label, rule, report);
}

std::optional<std::string> bytes_in(const Node& node, const FieldLabel& label, DiagnosticCollector& report) {
  if (node.kind == Kind::Null) return "";
  // Kubernetes, too, takes base64 that consists of digits for a string only if it is quoted.
  const std::string* text = string_in(node, label, report);
  if (text == nullptr) return std::nullopt;
  auto decoded = decode_base64(*text);
  if (!decoded)
    report.add(node.at, fmt::format("{} must be base64", label.text()),
               fmt::format("plain text belongs under {}", label.field == "data" ? "stringData" : "data"));
  return decoded;
}

void check_scalar(const Node& node, const FieldLabel& label, std::string_view type, DiagnosticCollector& report) {
  if (type == "string" || type == "Time") {
    if (node.kind != Kind::Null) string_in(node, label, report);
  } else if (type == "boolean") {
    boolean_in(node, label, report);
  } else if (type == "int32") {
    integer_in(node, label, least32, most32, report);
  } else if (type == "int64") {
    integer_in(node, label, least64, most64, report);
  } else if (type == "IntOrString") {
    if (node.quoted || !to_integer(node.text)) string_in(node, label, report);
  } else if (type == "Quantity") {
    quantity_in(node, label, report);
  } else if (type == "bytes") {
    bytes_in(node, label, report);
  }
}

}  // namespace

void check_value(const Node& node, const FieldLabel& label, std::string_view type, DiagnosticCollector& report) {
  constexpr std::string_view list = "[]", map = "map[string]";
  if (type.starts_with(list)) {
    each_item(node, label, report, [&](const Node& item, const FieldLabel& its_label) {
      check_value(item, its_label, type.substr(list.size()), report);
    });
  } else if (type.starts_with(map)) {
    each_value(node, label, free_text, report, [&](const auto&, const Node& value, const FieldLabel& its_label, bool) {
      if (value.kind != Kind::Null) check_value(value, its_label, type.substr(map.size()), report);
    });
  } else if (type == "FieldsV1") {
    if (node.kind != Kind::Mapping) report_kind(node, label, "a mapping", report);
  } else if (const Table* table = find_table(type)) {
    decode_object(node, label, *table, nullptr, report);
  } else {
    check_scalar(node, label, type, report);
  }
}

std::string FieldLabel::text() const {
  if (index) return fmt::format("{}[{}]", field, *index);
  if (key) return fmt::format("{}[{}]", field, in_quotes(*key));
  return std::string(field);
}

void report_kind(const Node& node, const FieldLabel& label, std::string_view wanted, DiagnosticCollector& report) {
  report.add(node.at, fmt::format("{} must be {}, but this is {}", label.text(), wanted, describe(node)));
}

const std::string* string_in(const Node& node, const FieldLabel& label, DiagnosticCollector& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "a string", report);
    return nullptr;
  }
  const ScalarKind kind = node.quoted ? ScalarKind::String : classify(node.text);
  if (kind != ScalarKind::String) {
    report.add(node.at,
               fmt::format("{} must be a string, but {:.64} is a {}", label.text(), node.text,
                           kind == ScalarKind::Number ? "number" : "boolean"),
               fmt::format("quote it: {}", in_quotes(node.text)));
    return nullptr;
  }
  // A NUL ends a string in system calls, so the rest would be lost silently.
  if (node.text.contains('\0')) {
    report.add(node.at, fmt::format("{} must not contain a NUL character", label.text()));
    return nullptr;
  }
  return &node.text;
}

const std::string* string_in(const Node& node, const FieldLabel& label, TextRule rule, DiagnosticCollector& report,
                             std::string_view hint) {
  const std::string* text = string_in(node, label, report);
  if (text == nullptr) return nullptr;
  const ValueError value_error = rule(*text);
  if (value_error.empty()) return text;
  report.add(node.at, fmt::format("{} {} {}", label.text(), in_quotes(*text), value_error), std::string(hint));
  return nullptr;
}

std::optional<std::int64_t> integer_in(const Node& node, const FieldLabel& label, std::int64_t least,
                                       std::int64_t most, DiagnosticCollector& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "a whole number", report);
    return std::nullopt;
  }
  const auto value = to_integer(node.text);
  if (value && !node.quoted) {
    if (*value >= least && *value <= most) return *value;
    report.add(node.at, fmt::format("{} must be from {} to {}", label.text(), least, most));
    return std::nullopt;
  }
  if (value) {
    report.add(node.at, fmt::format("{} must be a whole number, but this is a string", label.text()),
               fmt::format("write {} without quotes", *value));
  } else {
    report.add(node.at, fmt::format("{} {} {}", label.text(), in_quotes(node.text), value.error()));
  }
  return std::nullopt;
}

std::optional<bool> boolean_in(const Node& node, const FieldLabel& label, DiagnosticCollector& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "true or false", report);
    return std::nullopt;
  }
  const auto value = to_boolean(node.text);
  if (value && !node.quoted) return *value;
  report.add(node.at, fmt::format("{} must be true or false, but this is {}", label.text(), describe(node)),
             value ? fmt::format("write {} without quotes", *value) : std::string());
  return std::nullopt;
}

std::optional<Quantity> quantity_in(const Node& node, const FieldLabel& label, DiagnosticCollector& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "a quantity, such as 500m or 1Gi", report);
    return std::nullopt;
  }
  const auto value = parse_quantity(node.quoted ? node.text : plain_number(node.text));
  if (value && *value >= Quantity{}) return *value;
  report.add(node.at, fmt::format("{} {} {}", label.text(), in_quotes(node.text),
                                  value ? "must not be negative" : value.error()));
  return std::nullopt;
}

void report_choice(const Node& node, const FieldLabel& label, const std::vector<std::string_view>& accepted,
                   DiagnosticCollector& report) {
  const std::string_view meant = nearest(node.text, accepted);
  report.add(
      node.at,
      fmt::format("{} must be {}{}, but this is {}", label.text(), accepted.size() > 1 ? "one of " : "",
                  joined(accepted, ", "), describe(node)),
      meant.empty() || accepted.size() == 1 ? std::string() : fmt::format("did you mean \"{}\"?", meant));
}

void ContainerPath::decode(const Node& node, const FieldLabel& label, std::string& into,
                           DiagnosticCollector& report) const {
  const std::string* text = string_in(node, label, report);
  if (text == nullptr) return;
  std::string path = text->starts_with('/') ? *text : "/" + *text;
  if (const ValueError value_error = rule(path); !value_error.empty())
    return report.add(node.at, fmt::format("{} {} {}", label.text(), in_quotes(*text), value_error),
                      std::string(value_error.contains("\":\"") ? colon_hint : hint));
  into = std::move(path);
}

void PortNumberOrName::decode(const Node& node, const FieldLabel& label, ActionPort& into,
                              DiagnosticCollector& report) const {
  constexpr std::int64_t last_port = 65535;
  if (node.kind != Kind::Scalar) return report_kind(node, label, "the number or name of a port", report);
  const bool is_number = to_integer(node.text).has_value();
  if (!node.quoted && is_number) {
    if (const auto number = integer_in(node, label, 1, last_port, report)) into.number = *number;
  } else if (is_number) {
    report.add(node.at, fmt::format("{} {} is a name, and a name has a letter", label.text(), in_quotes(node.text)),
               "write the number without quotes");
  } else if (const std::string* name = string_in(node, label, port_name, report)) {
    into.name = *name;
  }
}

void Texts::decode(const Node& node, const FieldLabel& label, std::vector<std::string>& into,
                   DiagnosticCollector& report) const {
  each_item(node, label, report, [&](const Node& item, const FieldLabel& its_label) {
    const std::string* text = text_in(item, its_label, rule, report);
    if (text != nullptr) into.push_back(*text);
  });
}

void Integers::decode(const Node& node, const FieldLabel& label, std::vector<std::int64_t>& into,
                      DiagnosticCollector& report) const {
  each_item(node, label, report, [&](const Node& item, const FieldLabel& its_label) {
    if (const auto value = integer_in(item, its_label, each.least, each.most, report)) into.push_back(*value);
  });
}

void TextMap::decode(const Node& node, const FieldLabel& label, std::map<std::string, std::string>& into,
                     DiagnosticCollector& report) const {
  const auto decode = [&](const std::string& key, const Node& value, const FieldLabel& its_label, bool good_key) {
    const std::string* text = text_in(value, its_label, value_rule, report);
    if (text != nullptr && good_key) into.insert_or_assign(key, *text);
  };
  each_value(node, label, key_rule, report, decode);
}

void BytesMap::decode(const Node& node, const FieldLabel& label, std::map<std::string, std::string>& into,
                      DiagnosticCollector& report) const {
  const auto decode = [&](const std::string& key, const Node& value, const FieldLabel& its_label, bool good_key) {
    auto bytes = bytes_in(value, its_label, report);
    if (bytes && good_key && !into.try_emplace(key, *std::move(bytes)).second)
      report.add(value.at, fmt::format("{} is among the texts already", its_label.text()));
  };
  each_value(node, label, key_rule, report, decode);
}

void Amounts::decode(const Node& node, const FieldLabel& label, Quantities& into, DiagnosticCollector& report) const {
  const auto decode = [&](const std::string& key, const Node& value, const FieldLabel& its_label, bool good_key) {
    const auto quantity = value.kind == Kind::Null ? Quantity{} : quantity_in(value, its_label, report);
    if (quantity && good_key) into.insert_or_assign(key, *quantity);
  };
  each_value(node, label, qualified_name, report, decode);
}

}  // namespace podrun::pod
