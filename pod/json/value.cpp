// The members of Value; here and not in the header, so that each user does not compile them again.
#include "pod/json/value.hpp"

#include <algorithm>
#include <utility>

namespace podrun::pod::json {
namespace {

/// Moves the arrays and objects in a value into PENDING.
void take_apart(Value& value, Array& pending) {
  const auto take = [&](Value& below) {
    if (below.is_array() || below.is_object()) pending.push_back(std::move(below));
  };
  if (Array* items = value.array()) std::ranges::for_each(*items, take);
  if (Object* members = value.object()) std::ranges::for_each(*members, take, &Member::value);
}

}  // namespace

Value::Value() noexcept = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;

// Without recursion: what is read may be nested as deep as its text is long.
Value::~Value() {
  if (!is_array() && !is_object()) return;
  Array pending;
  take_apart(*this, pending);
  while (!pending.empty()) {
    Value value = std::move(pending.back());
    pending.pop_back();
    take_apart(value, pending);
  }
}

Value::Value(double number) noexcept : data_(number) {}
Value::Value(std::string text) noexcept : data_(std::move(text)) {}
Value::Value(std::string_view text) : data_(std::string(text)) {}
Value::Value(const char* text) : data_(std::string(text)) {}
Value::Value(Array items) noexcept : data_(std::move(items)) {}
Value::Value(Object members) noexcept : data_(std::move(members)) {}
Value::Value(const std::vector<std::string>& texts) : data_(Array(texts.begin(), texts.end())) {}

std::span<const Value> Value::items() const {
  const auto* items = std::get_if<Array>(&data_);
  return items == nullptr ? std::span<const Value>() : std::span<const Value>(*items);
}

std::span<const Member> Value::members() const {
  const auto* members = std::get_if<Object>(&data_);
  return members == nullptr ? std::span<const Member>() : std::span<const Member>(*members);
}

const Value* Value::find(std::string_view name) const {
  for (const Member& member : members())
    if (member.name == name) return &member.value;
  return nullptr;
}

Value& Value::operator[](std::string_view name) {
  if (is_null()) data_ = Object();
  auto& members = std::get<Object>(data_);
  for (Member& member : members)
    if (member.name == name) return member.value;
  return members.emplace_back(Member{.name = std::string(name), .value = {}}).value;
}

void Value::push_back(Value item) {
  if (is_null()) data_ = Array();
  std::get<Array>(data_).push_back(std::move(item));
}

Value object(std::initializer_list<Field> fields) {
  Object members;
  members.reserve(fields.size());
  for (const Field& field : fields)
    members.push_back({.name = std::string(field.name), .value = std::move(field.value)});
  return members;
}

}  // namespace podrun::pod::json
