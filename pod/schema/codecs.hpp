// Which values a field takes and how they are decoded: what the rows of the tables (schema_*.cpp) are made of.
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
#include "pod/spec/value_syntax.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// The table of an aggregate; where two types of Kubernetes fill the same one, AS tells them apart. Each is declared in
/// schema_types.hpp and defined in schema_*.cpp: `list` is "[]" and Kubernetes' name for the type, `table` its rows.
template <typename T, typename As = T>
struct Schema;

/// A string that keeps a rule.
struct Text {
  TextRule rule = free_text;

  static constexpr std::string_view type = "string";
  template <typename Into>
  void decode(const yaml::Node& node, const FieldLabel& label, Into& into, DiagnosticCollector& report) const {
    if (const std::string* text = string_in(node, label, rule, report)) into = *text;
  }
};

/// One of a few strings, each standing for a value.
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
/// The only value that is good.
constexpr Choice<std::string_view, 1> only(std::string_view value) { return {{{{value, value}}}}; }

/// A whole number between two bounds, both included.
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

/// A list of strings that keep a rule.
struct Texts {
  TextRule rule = free_text;

  static constexpr std::string_view type = "[]string";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<std::string>& into,
              DiagnosticCollector& report) const;
};

/// A list of whole numbers between two bounds.
struct Integers {
  Integer each;

  static constexpr std::string_view type = "[]int64";
  void decode(const yaml::Node& node, const FieldLabel& label, std::vector<std::int64_t>& into,
              DiagnosticCollector& report) const;
};

/// A mapping of strings to strings. Of two rows that fill one member the latter wins.
struct TextMap {
  TextRule key_rule = free_text;
  TextRule value_rule = free_text;

  static constexpr std::string_view type = "map[string]string";
  void decode(const yaml::Node& node, const FieldLabel& label, std::map<std::string, std::string>& into,
              DiagnosticCollector& report) const;
};

/// A mapping of strings to base64, decoded. No key may be there already.
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

/// A mapping of resources' names to quantities.
struct Amounts {
  static constexpr std::string_view type = "map[string]Quantity";
  void decode(const yaml::Node& node, const FieldLabel& label, Quantities& into, DiagnosticCollector& report) const;
};

/// A mapping with a table of its own.
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
  /// One alternative of several.
  template <typename... Alternatives>
  requires(!std::is_same_v<T, std::variant<Alternatives...>>) void decode(const yaml::Node& node,
                                                                          const FieldLabel& label,
                                                                          std::variant<Alternatives...>& into,
                                                                          DiagnosticCollector& report) const {
    decode(node, label, into.template emplace<T>(), report);
  }
};

/// A list of mappings with a table of their own. Each item becomes an element, however wrong it is, so that
/// element and item have the same index.
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
inline constexpr Text relative_path_text{relative_path};
inline constexpr Texts any_texts{};
inline constexpr Boolean boolean{};
inline constexpr Amount amount{};
inline constexpr Amounts amounts{};
/// The last of 32 bits, (uid_t)-1, means "no change" to the kernel.
inline constexpr Integer id{.least = 0, .most = 4'294'967'294};
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

/// The names of a Choice, for documentation; none for any other codec.
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

/// A field that fills a member.
template <auto Member, const auto& Codec>
constexpr Row row(std::string_view name, Presence presence, FieldSupport support, std::string_view doc) {
  return row_of<Codec>(&decode_member<Member, Codec>, name, presence, support, doc);
}

/// A field of a table whose owner is a variant: it makes the variant one of its alternatives.
template <typename Variant, const auto& Codec>
constexpr Row alternative(std::string_view name, Presence presence, FieldSupport support, std::string_view doc) {
  return row_of<Codec>(&decode_whole<Variant, Codec>, name, presence, support, doc);
}

/// A field that fills nothing, but whose values are not all good.
template <typename Value, const auto& Codec>
constexpr Row verified(std::string_view name, Presence presence, FieldSupport support, std::string_view doc) {
  return row_of<Codec>(&decode_nothing<Value, Codec>, name, presence, support, doc);
}

/// A field that fills nothing and is checked by its type.
constexpr Row unused(std::string_view name, std::string_view type, FieldSupport support, Presence presence = optional) {
  return {.name = name, .type = type, .presence = presence, .support = support};
}

}  // namespace podrun::pod
