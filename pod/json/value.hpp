// A JSON value: what podrun writes as JSON and what it has read as JSON. The text is json.hpp's subject.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace podrun::pod::json {

class Value;
struct Member;

using Array = std::vector<Value>;
/// The members of an object in the order in which they are written; no two have the same name.
using Object = std::vector<Member>;

/// Null, a boolean, a number, a string, an array or an object. A value of any depth can be destroyed, but copies only
/// as deep as the stack allows.
class Value {
 public:
  Value() noexcept;
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  Value(std::same_as<bool> auto flag) noexcept;
  Value(std::signed_integral auto number) noexcept;
  template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>)
  Value(Number number) noexcept;
  Value(double number) noexcept;
  Value(std::string text) noexcept;
  Value(std::string_view text);
  Value(const char* text);
  Value(Array items) noexcept;
  Value(Object members) noexcept;
  Value(const std::vector<std::string>& texts);

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }

  /// The content, or nullptr if the value is of another type. A parsed number is unsigned unless it has a minus sign,
  /// and a double if it has a fraction or an exponent or fits in neither integer.
  const bool* boolean() const { return std::get_if<bool>(&data_); }
  const std::int64_t* signed_number() const { return std::get_if<std::int64_t>(&data_); }
  const std::uint64_t* unsigned_number() const { return std::get_if<std::uint64_t>(&data_); }
  const double* floating() const { return std::get_if<double>(&data_); }
  const std::string* string() const { return std::get_if<std::string>(&data_); }

  Array* array() { return std::get_if<Array>(&data_); }
  Object* object() { return std::get_if<Object>(&data_); }

  /// The items of an array; empty for any other type.
  std::span<const Value> items() const;
  /// The members of an object; empty for any other type.
  std::span<const Member> members() const;
  /// The value of an object's member; nullptr if there is none, or for any other type.
  const Value* find(std::string_view name) const;

  /// The value of an object's member, which is null and the last one if it was not there. The value must be an object
  /// or null; null becomes an object.
  Value& operator[](std::string_view name);
  /// Appends an item. The value must be an array or null; null becomes an array.
  void push_back(Value item);

 private:
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> data_;
};

/// One `"name": value`.
struct Member {
  std::string name;
  Value value;
};

// Here a member is complete: clang looks at the destructor of its array already in a constructor.
Value::Value(std::same_as<bool> auto flag) noexcept : data_(flag) {}
Value::Value(std::signed_integral auto number) noexcept : data_(static_cast<std::int64_t>(number)) {}
template <std::unsigned_integral Number>
  requires(!std::same_as<Number, bool>)
Value::Value(Number number) noexcept : data_(static_cast<std::uint64_t>(number)) {}

/// A member as object() takes it. The value is moved out of the list, hence mutable.
struct Field {
  std::string_view name;
  mutable Value value;
};

/// An object of these members, whose names must differ: object({{"name", "web"}, {"pid", 12}}).
Value object(std::initializer_list<Field> fields = {});

/// An array of everything in a range.
template <typename Range>
Value array_of(const Range& range) {
  Array items;
  items.reserve(range.size());
  for (const auto& item : range) items.emplace_back(item);
  return items;
}
inline Value array() { return Array(); }

}  // namespace podrun::pod::json
