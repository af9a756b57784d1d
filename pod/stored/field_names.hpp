// The names of the members of what is stored. Each class has a list in the order in which its members are declared; a
// list with too few or too many names does not compile (members.hpp). The steps of plans have theirs in
// pod/plan/plan_fields.hpp; spec_names.hpp and run_names.hpp have all others.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "pod/plan/plan_fields.hpp"
#include "pod/plan/steps.hpp"

namespace podrun::pod::stored {

/// The name of a member.
struct FieldName {
  std::string_view name;
  unsigned since;  ///< the first version that has the member; read from an older one it keeps its default value

  consteval FieldName(const char* the_name, unsigned first_version = 1) : name(the_name), since(first_version) {}
};

/// A member that older versions do not have.
consteval FieldName since(const char* name, unsigned version) { return {name, version}; }

/// A member that is not stored. It keeps its default value when it is read.
inline constexpr const char* not_stored = "";

template <typename... Names>
consteval auto fields(Names... names) {
  return std::array<FieldName, sizeof...(Names)>{FieldName(names)...};
}

template <typename... Fields>
constexpr auto names_in(const StepRecord<Fields...>& record) {
  return std::apply(
      [](const auto&... each) { return std::array<std::string_view, sizeof...(Fields)>{each.name...}; }, record.fields);
}

/// The names of a step's members are those of its JSON form.
template <typename Step>
consteval auto fields_of_record() {
  constexpr auto names = names_in(record_of(Step{}));
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<FieldName, sizeof...(I)>{FieldName(names[I].data())...};
  }(std::make_index_sequence<names.size()>());
}

/// The names of the members of T.
template <typename T>
inline constexpr auto field_names = fields_of_record<T>();

// Steps whose JSON form does not show all that is stored.
template <>
inline constexpr auto field_names<step::ResourceLimits> = fields("limits");
template <>
inline constexpr auto field_names<VolumeFiles> =
    fields("group", "mode", "below", "list", FieldName("mountPoints", 2));
template <>
inline constexpr auto field_names<host::OverlayRoot> =
    fields("to", "image", "layers", "directory", "layer", FieldName("userXattr", 5));
template <>
inline constexpr auto field_names<host::CloneTree> =
    fields("to", "source", "label", "inMemory", "subPath", "makeSubPath", "devices", "noExec", "propagation",
           FieldName("layers", 5), FieldName("userXattr", 5));
template <>
inline constexpr auto field_names<step::Seccomp> = fields("profile", "rules", "last", "own");
template <>
inline constexpr auto field_names<step::Exec> = fields("argv", "env", "shown");

/// The name of a step.
template <typename Step>
inline constexpr std::string_view step_name_of = record_of(Step{}).name;
template <>
inline constexpr std::string_view step_name_of<step::ResourceLimits> = "ResourceLimits";
template <>
inline constexpr std::string_view step_name_of<step::Seccomp> = "Seccomp";
template <>
inline constexpr std::string_view step_name_of<step::Exec> = "Exec";

/// The names of the alternatives of a variant, in their order.
template <typename Variant>
inline constexpr std::array<std::string_view, 0> alternative_names{};

template <typename... Steps>
inline constexpr std::array<std::string_view, sizeof...(Steps)> alternative_names<StepVariant<std::variant<Steps...>>>{
    step_name_of<Steps>...};

}  // namespace podrun::pod::stored
