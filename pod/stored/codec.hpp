// Writes and reads values by their types. What has members is a dictionary by field_names; an alternative of a variant
// is a dictionary of one name; an enumerator is a word. codec_lists.hpp has what holds several values.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "pod/stored/bencode.hpp"
#include "pod/stored/field_names.hpp"
#include "pod/stored/members.hpp"
#include "pod/stored/words.hpp"

namespace podrun::pod::stored {

using bencode::Reader;
using bencode::Writer;

// Names are compared one by one, as constants of the code: a table of them would hold pointers, which the loader writes
// at each start of the program.

/// How values of a type are written and read. This one is for classes, by the names of their members.
template <typename T>
struct Codec {
  static constexpr std::size_t count = field_names<T>.size();
  static_assert(count < 64);

  static void write(Writer& to, const T& value) { write_all(to, members_of<count>(value)); }

  /// Writes the members, a tuple of references in their order.
  template <typename Members>
  static void write_all(Writer& to, const Members& members) {
    static_assert(std::tuple_size_v<Members> == count);
    to.begin_dictionary();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (write_member<I>(to, std::get<I>(members)), ...);
    }(std::make_index_sequence<count>());
    to.end();
  }

  static void read(Reader& from, T& into) {
    const auto members = members_of<count>(into);
    std::uint64_t found = 0;
    from.open_dictionary();
    while (from.more()) {
      const std::string_view name = from.text();
      const std::uint64_t before = found;
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        (void)(read_member<I>(from, name, found, std::get<I>(members)) || ...);
      }(std::make_index_sequence<count>());
      if (found == before) from.note("follows a field that this version does not have: ", name);
    }
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (check_member<I>(from, found), ...);
    }(std::make_index_sequence<count>());
  }

 private:
  static constexpr std::uint64_t bit(std::size_t index) { return std::uint64_t{1} << index; }

  template <std::size_t I, typename Member>
  static void write_member(Writer& to, const Member& member) {
    constexpr std::string_view name = field_names<T>[I].name;
    if constexpr (!name.empty()) {
      to.text(name);
      Codec<std::remove_cv_t<Member>>::write(to, member);
    }
  }

  /// Reads the member if it has the name, a text of this version has it, and it has not been read. False if not.
  template <std::size_t I, typename Member>
  static bool read_member(Reader& from, std::string_view name, std::uint64_t& found, Member& member) {
    constexpr FieldName its = field_names<T>[I];
    if constexpr (its.name.empty()) {
      return false;
    } else {
      if (name != its.name || its.since > from.version || (found & bit(I)) != 0) return false;
      found |= bit(I);
      Codec<Member>::read(from, member);
      return true;
    }
  }

  /// Notes a mistake if a member is missing that a text of this version has.
  template <std::size_t I>
  static void check_member(Reader& from, std::uint64_t found) {
    constexpr FieldName name = field_names<T>[I];
    if constexpr (!name.name.empty())
      if ((found & bit(I)) == 0 && name.since <= from.version)
        from.note("follows an object without ", name.name);
  }
};

template <std::integral Number>
struct Codec<Number> {
  using Wide = std::conditional_t<std::is_signed_v<Number>, std::int64_t, std::uint64_t>;
  static void write(Writer& to, Number value) { to.number(Wide{value}); }
  static void read(Reader& from, Number& into) { into = from.number<Number>(); }
};

template <>
struct Codec<bool> {
  static void write(Writer& to, bool value) { to.number(std::uint64_t{value}); }
  static void read(Reader& from, bool& into) {
    const auto number = from.number<unsigned>();
    if (number > 1) from.note("follows a number that is neither 0 nor 1");
    into = number == 1;
  }
};

template <typename Enum>
  requires std::is_enum_v<Enum>
struct Codec<Enum> {
  static void write(Writer& to, Enum value) { to.text(word_of(value)); }
  static void read(Reader& from, Enum& into) {
    const std::string_view word = from.text();
    for (unsigned number = 0; !word_of(static_cast<Enum>(number)).empty(); ++number)
      if (word_of(static_cast<Enum>(number)) == word) return void(into = static_cast<Enum>(number));
    from.note("follows a word that this version does not have: ", word);
  }
};

template <typename Rep, typename Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  static void write(Writer& to, std::chrono::duration<Rep, Period> value) { Codec<Rep>::write(to, value.count()); }
  static void read(Reader& from, std::chrono::duration<Rep, Period>& into) {
    into = std::chrono::duration<Rep, Period>(from.number<Rep>());
  }
};

template <>
struct Codec<std::string> {
  static void write(Writer& to, const std::string& value) { to.text(value); }
  static void read(Reader& from, std::string& into) { into = from.text(); }
};

/// For variants, whose alternatives have the names NAMES.
template <typename Variant, const auto& NAMES, typename... Alternatives>
struct VariantCodec {
  static_assert(NAMES.size() == sizeof...(Alternatives));
  using Indices = std::index_sequence_for<Alternatives...>;

  static void write(Writer& to, const Variant& value) {
    to.begin_dictionary();
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (void)(write_alternative<I>(to, value) || ...);
    }(Indices());
    to.end();
  }
  static void read(Reader& from, Variant& into) {
    from.open_dictionary();
    if (!from.more()) return from.note("follows an object without an alternative");
    const std::string_view name = from.text();
    const bool known = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (read_alternative<I>(from, name, into) || ...);
    }(Indices());
    if (!known) return from.note("follows an alternative that this version does not have: ", name);
    if (from.more()) from.note("is a second alternative");
  }

 private:
  template <std::size_t I>
  using Alternative = std::variant_alternative_t<I, std::variant<Alternatives...>>;

  template <std::size_t I>
  static bool write_alternative(Writer& to, const std::variant<Alternatives...>& value) {
    constexpr std::string_view name = NAMES[I];
    const auto* const alternative = std::get_if<I>(&value);
    if (alternative == nullptr) return false;
    to.text(name);
    Codec<Alternative<I>>::write(to, *alternative);
    return true;
  }
  template <std::size_t I>
  static bool read_alternative(Reader& from, std::string_view name, std::variant<Alternatives...>& into) {
    constexpr std::string_view its_name = NAMES[I];
    if (name != its_name) return false;
    Codec<Alternative<I>>::read(from, into.template emplace<I>());
    return true;
  }
};

template <typename... T>
struct Codec<std::variant<T...>> : VariantCodec<std::variant<T...>, alternative_names<std::variant<T...>>, T...> {};
template <typename... T>
struct Codec<StepVariant<std::variant<T...>>>
    : VariantCodec<StepVariant<std::variant<T...>>, alternative_names<StepVariant<std::variant<T...>>>, T...> {};

}  // namespace podrun::pod::stored
