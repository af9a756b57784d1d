// How a table of fields decodes a mapping. schema.cpp holds the tables; this is what its rows are made of.
//
// A row is a name, the member it fills, a codec (which value is accepted and how it is decoded), whether the
// field may be left out, and its documentation. A new field is a new row and nothing else.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "pod/report.hpp"
#include "pod/schema.hpp"
#include "pod/syntax.hpp"
#include "pod/yaml.hpp"

namespace podrun::pod {

/// How messages call a value: `image`, `command[2]`, `labels["app"]`.
struct Label {
  std::string_view field;
  std::optional<std::size_t> index = std::nullopt;
  std::optional<std::string_view> key = std::nullopt;

  std::string text() const;
};

/// Whether a field may be left out, and what holds then.
struct Presence {
  Need need;
  std::string_view initial = "";
};
inline constexpr Presence required{Need::Required};
inline constexpr Presence optional{Need::Optional};
inline constexpr Presence one_of{Need::OneOf};
constexpr Presence defaults_to(std::string_view initial) {
  return {Need::Optional, initial};
}

/// One row.
template <typename Owner, typename Member, typename Codec>
struct Field {
  std::string_view name;
  Member Owner::*member;
  Codec codec;
  Presence presence;
  std::string_view doc;
};

/// The table of a type: `type` is Kubernetes' name for it, `phrase` goes into messages ("a container"), and
/// `fields` is the tuple of its rows. Specialised in schema.cpp.
template <typename T>
struct Schema;

/// Reports a value that is no WANTED ("a mapping").
void report_kind(const yaml::Node& node, const Label& label, std::string_view wanted, Report& report);
/// Reports the fields that no row of the type has. Returns what each was meant to be, "" where nothing is
/// near: a misspelt field is one mistake, and not also a missing one.
std::vector<std::string_view> report_unknown(const yaml::Node& owner, std::string_view phrase,
                                             std::span<const std::string_view> known, Report& report);
/// Reports a required field that is not there, or is but holds nothing.
void report_missing(const yaml::Node& owner, std::string_view field, std::string_view phrase, Report& report);
/// Reports unless exactly one of the fields is given; `excused`, none may be.
void check_alternatives(const yaml::Node& owner, std::string_view phrase,
                        const std::vector<std::string_view>& alternatives, bool excused, Report& report);
/// The value if it is a string (and says so), else nullptr.
const std::string* string_in(const yaml::Node& node, const Label& label, Report& report);
/// The value if it is a string that keeps a rule; reports otherwise.
const std::string* string_in(const yaml::Node& node, const Label& label, TextRule rule, Report& report);
std::optional<std::int64_t> integer_in(const yaml::Node& node, const Label& label, Report& report);
std::optional<bool> boolean_in(const yaml::Node& node, const Label& label, Report& report);
/// Reports a string that is none of the accepted ones.
void report_choice(const yaml::Node& node, const Label& label, const std::vector<std::string_view>& accepted,
                   Report& report);

template <typename T>
void decode_object(const yaml::Node& node, const Label& label, T& into, Report& report);

// ---- codecs ----

/// A string that keeps a rule.
struct Text {
  TextRule rule = free_text;

  static constexpr yaml::Kind emptiable = yaml::Kind::Scalar;
  static std::string type() { return "string"; }
  void decode(const yaml::Node& node, const Label& label, std::string& into, Report& report) const {
    if (const std::string* text = string_in(node, label, rule, report)) into = *text;
  }
};

/// One of a few strings, each standing for a value.
template <typename Value, std::size_t N>
struct Choice {
  std::array<std::pair<std::string_view, Value>, N> values;

  static constexpr yaml::Kind emptiable = yaml::Kind::Scalar;
  static std::string type() { return "string"; }
  void decode(const yaml::Node& node, const Label& label, Value& into, Report& report) const {
    const std::string* text = string_in(node, label, report);
    if (text == nullptr) return;
    std::vector<std::string_view> names;
    for (const auto& [name, value] : values) {
      names.push_back(name);
      if (name == *text) {
        into = value;
        return;
      }
    }
    report_choice(node, label, names, report);
  }
};

/// A whole number between two bounds, both included.
struct Integer {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();

  static constexpr yaml::Kind emptiable = yaml::Kind::Null;
  static std::string type() { return "integer"; }
  template <typename Into>
  void decode(const yaml::Node& node, const Label& label, Into& into, Report& report) const {
    const auto value = integer_in(node, label, report);
    if (!value) return;
    if (*value < least || *value > most) {
      report.add(node.at,
                 label.text() + " must be from " + std::to_string(least) + " to " + std::to_string(most));
      return;
    }
    into = *value;
  }
};

/// true or false.
struct Boolean {
  static constexpr yaml::Kind emptiable = yaml::Kind::Null;
  static std::string type() { return "boolean"; }
  void decode(const yaml::Node& node, const Label& label, bool& into, Report& report) const {
    if (const auto value = boolean_in(node, label, report)) into = *value;
  }
};

/// A list of strings that keep a rule.
struct Texts {
  TextRule rule = free_text;

  static constexpr yaml::Kind emptiable = yaml::Kind::Sequence;
  static std::string type() { return "[]string"; }
  void decode(const yaml::Node& node, const Label& label, std::vector<std::string>& into,
              Report& report) const {
    if (node.kind != yaml::Kind::Sequence) return report_kind(node, label, "a list", report);
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (const std::string* text = string_in(*node.items[i], {.field = label.field, .index = i}, rule, report))
        into.push_back(*text);
    }
  }
};

/// A mapping of strings to strings.
struct TextMap {
  TextRule key_rule = free_text;
  TextRule value_rule = free_text;

  static constexpr yaml::Kind emptiable = yaml::Kind::Null;
  static std::string type() { return "map[string]string"; }
  void decode(const yaml::Node& node, const Label& label, std::map<std::string, std::string>& into,
              Report& report) const;
};

/// A mapping with a table of its own.
template <typename T>
struct Object {
  static constexpr yaml::Kind emptiable = yaml::Kind::Null;
  static std::string type() { return std::string(Schema<T>::type); }
  void decode(const yaml::Node& node, const Label& label, T& into, Report& report) const {
    decode_object(node, label, into, report);
  }
  /// One alternative of several.
  template <typename... Alternatives>
  void decode(const yaml::Node& node, const Label& label, std::variant<Alternatives...>& into,
              Report& report) const {
    decode_object(node, label, into.template emplace<T>(), report);
  }
};

/// A list of mappings with a table of their own. Each item becomes an element, however wrong it is, so that
/// element and item have the same index.
template <typename T>
struct Objects {
  static constexpr yaml::Kind emptiable = yaml::Kind::Sequence;
  static std::string type() { return "[]" + std::string(Schema<T>::type); }
  void decode(const yaml::Node& node, const Label& label, std::vector<T>& into, Report& report) const {
    if (node.kind != yaml::Kind::Sequence) return report_kind(node, label, "a list", report);
    into.reserve(node.items.size());
    for (std::size_t i = 0; i < node.items.size(); ++i)
      decode_object(*node.items[i], {.field = label.field, .index = i}, into.emplace_back(), report);
  }
};

// ---- tables ----

/// Whether a value says nothing, so that the field counts as left out: null, and what is empty of the kind
/// that its codec lets be empty ("" for strings, [] for lists).
bool is_blank(const yaml::Node& node, yaml::Kind emptiable);

template <typename T, typename Member, typename Codec>
void decode_field(const yaml::Node& node, const Field<T, Member, Codec>& field, bool excused, T& into,
                  Report& report) {
  const yaml::Node* value = node.find(field.name);
  if (value != nullptr && !is_blank(*value, Codec::emptiable)) {
    field.codec.decode(*value, {.field = field.name}, into.*field.member, report);
  } else if (field.presence.need == Need::Required && !excused) {
    report_missing(node, field.name, Schema<T>::phrase, report);
  }
}

template <typename T>
constexpr auto field_names = std::apply(
    [](const auto&... field) { return std::array<std::string_view, sizeof...(field)>{field.name...}; },
    Schema<T>::fields);

/// Decodes a mapping by the table of T and reports what the table does not allow.
template <typename T>
void decode_object(const yaml::Node& node, const Label& label, T& into, Report& report) {
  if (node.kind != yaml::Kind::Mapping) return report_kind(node, label, "a mapping", report);
  const auto meant = report_unknown(node, Schema<T>::phrase, field_names<T>, report);
  std::vector<std::string_view> alternatives;
  const auto decode_one = [&](const auto& field) {
    if (field.presence.need == Need::OneOf) alternatives.push_back(field.name);
    decode_field(node, field, std::ranges::find(meant, field.name) != meant.end(), into, report);
  };
  std::apply([&](const auto&... field) { (decode_one(field), ...); }, Schema<T>::fields);
  if (!alternatives.empty())
    check_alternatives(node, Schema<T>::phrase, alternatives, !meant.empty(), report);
}

/// Appends the rows of T and, below each, those of the type it holds. PREFIX is "" or ends with a dot.
template <typename T>
void append_rows(const std::string& prefix, std::vector<SchemaRow>& rows);

template <typename Codec>
void append_rows_below(const Codec& /*codec*/, const std::string& /*path*/,
                       std::vector<SchemaRow>& /*rows*/) {}
template <typename T>
void append_rows_below(const Object<T>& /*codec*/, const std::string& path, std::vector<SchemaRow>& rows) {
  append_rows<T>(path + ".", rows);
}
template <typename T>
void append_rows_below(const Objects<T>& /*codec*/, const std::string& path, std::vector<SchemaRow>& rows) {
  append_rows<T>(path + "[].", rows);
}

template <typename T>
void append_rows(const std::string& prefix, std::vector<SchemaRow>& rows) {
  const auto append = [&](const auto& field) {
    const std::string path = prefix + std::string(field.name);
    rows.push_back({.owner = Schema<T>::type,
                    .name = field.name,
                    .path = path,
                    .type = field.codec.type(),
                    .need = field.presence.need,
                    .initial = field.presence.initial,
                    .doc = field.doc});
    append_rows_below(field.codec, path, rows);
  };
  std::apply([&](const auto&... field) { (append(field), ...); }, Schema<T>::fields);
}

}  // namespace podrun::pod
