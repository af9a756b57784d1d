// Codecs: which values a field accepts and how they are decoded. The rows of the tables (schema_*.cpp) refer to them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "pod/schema/fields.hpp"
#include "pod/spec/probes.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// The table of an aggregate. Where two types of Kubernetes decode into the same aggregate, AS distinguishes them.
/// schema_types.hpp has the declarations, schema_*.cpp the definitions. `list` is "[]" followed by Kubernetes' name of
/// the type; `table` has the rows.
template <typename T, typename As = T>
struct Schema;

/// A string that satisfies a rule.
struct Text {
  TextRule rule = free_text;
  std::string_view hint = "";  ///< for a string that does not: why the rule is podrun's own

  static constexpr std::string_view type = "string";
  template <typename Into>
  void decode(const yaml::Node& node, const FieldLabel& label, Into& into, DiagnosticCollector& report) const {
    if (const std::string* text = string_in(node, label, rule, report, hint)) into = *text;
  }
};

/// A path in a container. A relative one begins at the container's root, as with the kubelet.
struct ContainerPath {
  TextRule rule;                     ///< of the absolute path
  std::string_view hint = "";        ///< for a path that is against it
  std::string_view colon_hint = "";  ///< for one that is so by a ':'

  static constexpr std::string_view type = "string";
  void decode(const yaml::Node& node, const FieldLabel& label, std::string& into, DiagnosticCollector& report) const;
};

/// One of several strings, each of which maps to a value.
template <typename Value, std::size_t N>
struct Choice {
  std::array<std::pair<std::string_view, Value>, N> values;

  static constexpr std::string_view type = "string";
  template <typename Into>
  void decode(const yaml::Node& node, const FieldLabel& label, Into& into, DiagnosticCollector& report) const {
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
/// A codec that accepts a single value.
constexpr Choice<std::string_view, 1> only(std::string_view value) { return {{{{value, value}}}}; }

/// An integer from `least` to `most`, both included.
struct Integer {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::string_view type = "int64";

  template <typename Into>
  void decode(const yaml::Node& node, const FieldLabel& label, Into& into, DiagnosticCollector& report) const {
    const auto value = integer_in(node, label, least, most, report);
    if (value) into = static_cast<Number<Into>>(*value);
  }

 private:
  template <typename T>
  struct Plain { using Type = T; };
  template <typename T>
  struct Plain<std::optional<T>> { using Type = T; };
  template <typename T>
  using Number = typename Plain<T>::Type;
};

/// true or false.
struct Boolean {
  static constexpr std::string_view type = "boolean";
  template <typename Into>
  void decode(const yaml::Node& node, const FieldLabel& label, Into& into, DiagnosticCollector& report) const {
    if (const auto value = boolean_in(node, label, report)) into = *value;
  }
};

/// The number or name of a port.
struct PortNumberOrName {
  static constexpr std::string_view type = "IntOrString";
  void decode(const yaml::Node& node, const FieldLabel& label, ActionPort& into, DiagnosticCollector& report) const;
};

/// A list of strings that satisfy a rule.
struct Texts {
  TextRule rule = free_text;

  static constexpr std::string_view type = "[]string";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<std::string>& into,
              DiagnosticCollector& report) const;
};

/// A list of integers between two bounds.
struct Integers {
  Integer each;

  static constexpr std::string_view type = "[]int64";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<std::int64_t>& into,
              DiagnosticCollector& report) const;
};

/// A mapping of strings to strings. If two rows decode into one member, the values of the later row win.
struct TextMap {
  TextRule key_rule = free_text;
  TextRule value_rule = free_text;

  static constexpr std::string_view type = "map[string]string";
  void decode(const yaml::Node& node, const FieldLabel& label, std::map<std::string, std::string>& into,
              DiagnosticCollector& report) const;
};

/// A mapping of strings to base64, which is decoded. A key that the member already has is an error.
struct BytesMap {
  TextRule key_rule = free_text;

  static constexpr std::string_view type = "map[string]bytes";
  void decode(const yaml::Node& node, const FieldLabel& label, std::map<std::string, std::string>& into,
              DiagnosticCollector& report) const;
};

/// A quantity that is not negative.
struct Amount {
  static constexpr std::string_view type = "Quantity";
  void decode(const yaml::Node& node, const FieldLabel& label, std::optional<Quantity>& into,
              DiagnosticCollector& report) const {
    if (const auto value = quantity_in(node, label, report)) into = *value;
  }
};

/// A mapping of resource names to quantities.
struct Amounts {
  static constexpr std::string_view type = "map[string]Quantity";
  void decode(const yaml::Node& node, const FieldLabel& label, Quantities& into, DiagnosticCollector& report) const;
};

/// A mapping that has its own table.
template <typename T, typename As = T>
struct Object {
  static constexpr std::string_view type = Schema<T, As>::list.substr(2);
  void decode(const yaml::Node& node, const FieldLabel& label, T& into, DiagnosticCollector& report) const {
    decode_object(node, label, Schema<T, As>::table, &into, report);
  }
  void decode(const yaml::Node& node, const FieldLabel& label, std::optional<T>& into,
              DiagnosticCollector& report) const {
    decode(node, label, into.emplace(), report);
  }
  /// Decodes into one alternative of a variant.
  template <typename... Alternatives>
  requires(!std::is_same_v<T, std::variant<Alternatives...>>) void decode(const yaml::Node& node,
                                                                          const FieldLabel& label,
                                                                          std::variant<Alternatives...>& into,
                                                                          DiagnosticCollector& report) const {
    decode(node, label, into.template emplace<T>(), report);
  }
};

/// A list of mappings that have their own table. Each item becomes an element, also if it is invalid, so that element
/// and item have the same index.
template <typename T, typename As = T>
struct Objects {
  static constexpr std::string_view type = Schema<T, As>::list;
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<T>& into,
              DiagnosticCollector& report) const {
    if (node.kind != yaml::Kind::Sequence) return report_kind(node, label, "a list", report);
    into.reserve(node.items.size());
    for (std::size_t i = 0; i < node.items.size(); ++i)
      decode_object(*node.items[i], {.field = label.field, .index = i}, Schema<T, As>::table, &into.emplace_back(),
                    report);
  }
};

inline constexpr Text any_text{};
inline constexpr Text label_text{dns_label};
inline constexpr Text subdomain_text{dns_subdomain};
inline constexpr Text absolute_path_text{absolute_path};
inline constexpr ContainerPath path_from_root{
    absolute_path, "podrun's own rule: it must be one place, whatever links the image has"};
inline constexpr Text relative_path_text{relative_path};
inline constexpr Texts any_texts{};
inline constexpr Boolean boolean{};
inline constexpr Amount amount{};
inline constexpr Amounts amounts{};
/// A user or group id, as Kubernetes allows them.
inline constexpr Integer id{.least = 0, .most = std::numeric_limits<std::int32_t>::max()};
inline constexpr Integer file_mode{.least = 0, .most = 0777, .type = "int32"};
template <typename T, typename As = T>
inline constexpr Object<T, As> object{};
template <typename T, typename As = T>
inline constexpr Objects<T, As> objects{};

// ---- rows ----

template <typename>
struct MemberPointer;
template <typename Owner_, typename Value_>
struct MemberPointer<Value_ Owner_::*> {
  using Owner = Owner_;
  using Value = Value_;
};

template <auto Member, const auto& Codec>
void decode_member(const yaml::Node& node, const FieldLabel& label, void* owner, DiagnosticCollector& report) {
  using Pointer = MemberPointer<decltype(Member)>;
  if (owner != nullptr)
    return Codec.decode(node, label, static_cast<typename Pointer::Owner*>(owner)->*Member, report);
  typename Pointer::Value unwanted{};
  Codec.decode(node, label, unwanted, report);
}

template <typename Owner, const auto& Codec>
void decode_whole(const yaml::Node& node, const FieldLabel& label, void* owner, DiagnosticCollector& report) {
  if (owner != nullptr) return Codec.decode(node, label, *static_cast<Owner*>(owner), report);
  Owner unwanted{};
  Codec.decode(node, label, unwanted, report);
}

template <typename Value, const auto& Codec>
void decode_nothing(const yaml::Node& node, const FieldLabel& label, void* /*owner*/, DiagnosticCollector& report) {
  decode_whole<Value, Codec>(node, label, nullptr, report);
}

/// The names of a Choice, for the documentation. Other codecs have none.
template <const auto& Codec>
constexpr auto names_of = [] {
  if constexpr (requires { Codec.values; }) {
    std::array<std::string_view, Codec.values.size()> names;
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = Codec.values[i].first;
    return names;
  } else {
    return std::array<std::string_view, 0>{};
  }
}();

template <const auto& Codec>
constexpr Row row_of(DecodeMember decode, std::string_view name, Presence presence, FieldSupport support,
                     std::string_view doc) {
  return {.name = name,
          .type = Codec.type,
          .presence = presence,
          .support = support,
          .doc = doc,
          .accepted = names_of<Codec>,
          .decode = decode};
}

/// The row of a field that is decoded into a member.
template <auto Member, const auto& Codec>
constexpr Row row(std::string_view name, Presence presence, FieldSupport support, std::string_view doc) {
  return row_of<Codec>(&decode_member<Member, Codec>, name, presence, support, doc);
}

/// The row of a field that sets its owner, a variant, to one of the alternatives.
template <typename Variant, const auto& Codec>
constexpr Row alternative(std::string_view name, Presence presence, FieldSupport support, std::string_view doc) {
  return row_of<Codec>(&decode_whole<Variant, Codec>, name, presence, support, doc);
}

/// The row of a field that is checked by a codec but not stored.
template <typename Value, const auto& Codec>
constexpr Row verified(std::string_view name, Presence presence, FieldSupport support, std::string_view doc) {
  return row_of<Codec>(&decode_nothing<Value, Codec>, name, presence, support, doc);
}

/// The row of a field that is checked by its type but not stored.
constexpr Row unused(std::string_view name, std::string_view type, FieldSupport support, Presence presence = optional) {
  return {.name = name, .type = type, .presence = presence, .support = support};
}

}  // namespace podrun::pod
