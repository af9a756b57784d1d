// Writes and reads values by their types. What has members is a dictionary by field_names; an alternative of a variant
// is a dictionary of one name; an enumerator is a word; an absent optional is an empty list.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "pod/stored/bencode.hpp"
#include "pod/stored/field_names.hpp"
#include "pod/stored/members.hpp"
#include "pod/stored/words.hpp"

namespace podrun::pod::stored {

using bencode::Reader;
using bencode::Writer;

/// How values of a type are written and read. This one is for classes, by the names of their members.
template <typename T>
struct Codec {
  static constexpr const auto& names = field_names<T>;
  static constexpr std::size_t count = names.size();
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
      const std::size_t index = index_of(name);
      if (index == count) return from.note("follows a field that this version does not have: " + std::string(name));
      if ((found >> index & 1) != 0) return from.note("follows a field that is there twice: " + std::string(name));
      found |= std::uint64_t{1} << index;
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((I == index ? read_member<I>(from, std::get<I>(members)) : void()), ...);
      }(std::make_index_sequence<count>());
    }
    const std::uint64_t missing = needed(from.version) & ~found;
    if (missing != 0)
      from.note("follows an object without " + std::string(names[std::size_t(std::countr_zero(missing))].name));
  }

 private:
  template <std::size_t I, typename Member>
  static void write_member(Writer& to, const Member& member) {
    if constexpr (!names[I].name.empty()) {
      to.text(names[I].name);
      Codec<std::remove_cv_t<Member>>::write(to, member);
    }
  }

  template <std::size_t I, typename Member>
  static void read_member(Reader& from, Member& member) {
    if constexpr (!names[I].name.empty()) Codec<Member>::read(from, member);
  }

  static std::size_t index_of(std::string_view name) {
    if (name.empty()) return count;
    return std::size_t(std::ranges::find(names, name, &FieldName::name) - names.begin());
  }

  /// The members that a text of a version has, as bits.
  static std::uint64_t needed(unsigned version) {
    std::uint64_t bits = 0;
    for (std::size_t index = 0; index < count; ++index)
      if (!names[index].name.empty() && names[index].since <= version) bits |= std::uint64_t{1} << index;
    return bits;
  }
};

template <std::integral Number>
struct Codec<Number> {
  static void write(Writer& to, Number value) { to.number(value); }
  static void read(Reader& from, Number& into) { into = from.number<Number>(); }
};

template <>
struct Codec<bool> {
  static void write(Writer& to, bool value) { to.number(static_cast<int>(value)); }
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
    from.note("follows a word that this version does not have: " + std::string(word));
  }
};

template <typename Rep, typename Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  static void write(Writer& to, std::chrono::duration<Rep, Period> value) { to.number(value.count()); }
  static void read(Reader& from, std::chrono::duration<Rep, Period>& into) {
    into = std::chrono::duration<Rep, Period>(from.number<Rep>());
  }
};

template <>
struct Codec<std::string> {
  static void write(Writer& to, const std::string& value) { to.text(value); }
  static void read(Reader& from, std::string& into) { into = from.text(); }
};

template <typename T>
struct Codec<std::optional<T>> {
  static void write(Writer& to, const std::optional<T>& value) {
    to.begin_list();
    if (value) Codec<T>::write(to, *value);
    to.end();
  }
  static void read(Reader& from, std::optional<T>& into) {
    from.open_list();
    if (!from.more()) return;
    Codec<T>::read(from, into.emplace());
    if (from.more()) from.note("is a second value where there is at most one");
  }
};

/// An object that several owners share is stored with each of them.
template <typename T>
struct Codec<std::shared_ptr<const T>> {
  static void write(Writer& to, const std::shared_ptr<const T>& value) {
    to.begin_list();
    if (value) Codec<T>::write(to, *value);
    to.end();
  }
  static void read(Reader& from, std::shared_ptr<const T>& into) {
    std::optional<T> value;
    Codec<std::optional<T>>::read(from, value);
    if (value) into = std::make_shared<const T>(std::move(*value));
  }
};

template <typename T>
struct Codec<std::vector<T>> {
  static void write(Writer& to, const std::vector<T>& value) {
    to.begin_list();
    for (const T& each : value) Codec<T>::write(to, each);
    to.end();
  }
  static void read(Reader& from, std::vector<T>& into) {
    from.open_list();
    while (from.more()) Codec<T>::read(from, into.emplace_back());
  }
};

template <typename T, std::size_t N>
struct Codec<std::array<T, N>> {
  static void write(Writer& to, const std::array<T, N>& value) {
    to.begin_list();
    for (const T& each : value) Codec<T>::write(to, each);
    to.end();
  }
  static void read(Reader& from, std::array<T, N>& into) {
    from.open_list();
    std::size_t index = 0;
    while (from.more()) {
      if (index == N) return from.note("is beyond the end of a list of a fixed length");
      Codec<T>::read(from, into[index++]);
    }
    if (index != N) from.note("follows a list that is too short");
  }
};

template <typename T, typename Order>
struct Codec<std::set<T, Order>> {
  static void write(Writer& to, const std::set<T, Order>& value) {
    to.begin_list();
    for (const T& each : value) Codec<T>::write(to, each);
    to.end();
  }
  static void read(Reader& from, std::set<T, Order>& into) {
    from.open_list();
    while (from.more()) {
      T value{};
      Codec<T>::read(from, value);
      into.insert(std::move(value));
    }
  }
};

template <typename T, typename Order>
struct Codec<std::map<std::string, T, Order>> {
  static void write(Writer& to, const std::map<std::string, T, Order>& value) {
    to.begin_dictionary();
    for (const auto& [key, each] : value) {
      to.text(key);
      Codec<T>::write(to, each);
    }
    to.end();
  }
  static void read(Reader& from, std::map<std::string, T, Order>& into) {
    from.open_dictionary();
    while (from.more()) {
      const std::string key(from.text());
      Codec<T>::read(from, into[key]);
    }
  }
};

template <typename First, typename Second>
struct Codec<std::pair<First, Second>> {
  static void write(Writer& to, const std::pair<First, Second>& value) {
    to.begin_list();
    Codec<First>::write(to, value.first);
    Codec<Second>::write(to, value.second);
    to.end();
  }
  static void read(Reader& from, std::pair<First, Second>& into) {
    from.open_list();
    Codec<First>::read(from, into.first);
    Codec<Second>::read(from, into.second);
    if (from.more()) from.note("is a third value of a pair");
  }
};

/// For variants, whose alternatives have the names NAMES.
template <typename Variant, const auto& NAMES, typename... Alternatives>
struct VariantCodec {
  static_assert(NAMES.size() == sizeof...(Alternatives));

  static void write(Writer& to, const Variant& value) {
    to.begin_dictionary();
    to.text(NAMES[value.index()]);
    std::visit([&]<typename T>(const T& alternative) { Codec<T>::write(to, alternative); },
               static_cast<const std::variant<Alternatives...>&>(value));
    to.end();
  }
  static void read(Reader& from, Variant& into) {
    from.open_dictionary();
    if (!from.more()) return from.note("follows an object without an alternative");
    const std::string_view name = from.text();
    const bool known = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((NAMES[I] == name && (read_alternative<I>(from, into), true)) || ...);
    }(std::index_sequence_for<Alternatives...>());
    if (!known) return from.note("follows an alternative that this version does not have: " + std::string(name));
    if (from.more()) from.note("is a second alternative");
  }

 private:
  template <std::size_t I>
  static void read_alternative(Reader& from, std::variant<Alternatives...>& into) {
    using T = std::variant_alternative_t<I, std::variant<Alternatives...>>;
    Codec<T>::read(from, into.template emplace<I>());
  }
};

template <typename... T>
struct Codec<std::variant<T...>> : VariantCodec<std::variant<T...>, alternative_names<std::variant<T...>>, T...> {};
template <typename... T>
struct Codec<StepVariant<std::variant<T...>>>
    : VariantCodec<StepVariant<std::variant<T...>>, alternative_names<StepVariant<std::variant<T...>>>, T...> {};

}  // namespace podrun::pod::stored
