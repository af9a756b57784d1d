// Writes and reads what holds several values, or one or none: lists, and a dictionary for a map of strings.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pod/stored/codec.hpp"

namespace podrun::pod::stored {

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
      const auto [place, is_new] = into.try_emplace(key);
      if (!is_new) from.note("follows a key that was there before: ", key);
      Codec<T>::read(from, place->second);
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

}  // namespace podrun::pod::stored
