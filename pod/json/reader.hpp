// Reads an object's members into typed values; the first mistake is kept.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "pod/json/value.hpp"

namespace podrun::pod::json {

/// One value of a text that podrun has written itself. What is missing or of another type is read as "", 0 or false
/// and noted in ERROR: a struct is read in one expression and the error is looked at once, at its end.
class Reader {
 public:
  /// ERROR must be empty, and outlive the reader.
  Reader(const Value& value, std::string& error) : value_(&value), error_(&error) {}

  bool is_null() const { return value_->is_null(); }
  bool has(std::string_view name) const { return value_->find(name) != nullptr; }

  Reader member(std::string_view name) const;
  /// The items of the array of that name.
  std::span<const Value> items(std::string_view name) const;
  /// A reader of one of them, for the same error.
  Reader item(const Value& value) const { return {value, *error_}; }

  std::string text(std::string_view name) const;
  bool flag(std::string_view name) const;
  /// An integer; one that does not fit into the type is a mistake.
  template <std::integral Number>
  Number number(std::string_view name) const {
    const Value& value = member(name).value();
    if (const auto* found = value.unsigned_number(); found != nullptr && std::in_range<Number>(*found))
      return static_cast<Number>(*found);
    if (const auto* found = value.signed_number(); found != nullptr && std::in_range<Number>(*found))
      return static_cast<Number>(*found);
    note(name, "is no number of its range");
    return 0;
  }
  /// The array of strings of that name.
  std::vector<std::string> texts(std::string_view name) const;
  /// The index of a word in a list of all that are possible.
  std::size_t word(std::string_view name, std::span<const std::string_view> words) const;

  /// The same for members that may be missing.
  std::string text_or(std::string_view name, std::string_view absent) const;
  bool flag_or(std::string_view name, bool absent) const { return absent_or_bad(name) ? absent : flag(name); }
  template <std::integral Number>
  Number number_or(std::string_view name, Number absent) const {
    return absent_or_bad(name) ? absent : number<Number>(name);
  }

  const Value& value() const { return *value_; }
  /// Notes a mistake in the member of that name, as the end of a sentence.
  void note(std::string_view name, std::string_view mistake) const;

 private:
  /// Whether there is no such member; if there can be none, that is noted.
  bool absent_or_bad(std::string_view name) const;

  const Value* value_;
  std::string* error_;
};

}  // namespace podrun::pod::json
