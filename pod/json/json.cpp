// nlohmann-json parses and writes. Its values exist only inside this file: compiling them takes seconds in every file
// that includes its header.
#include "pod/json/json.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "pod/text/quote.hpp"

namespace podrun::pod::json {
namespace {

/// In columns of a terminal.
constexpr std::size_t longest_error = 300;

// Members keep their order.
using Json = nlohmann::ordered_json;

/// Of members with the same name the first one gets the last one's value; the others are removed. This takes n log n
/// steps, because the text may come from an image.
void drop_equal_names(Object& members) {
  if (members.size() < 2) return;
  std::vector<std::size_t> order(members.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto name = [&](std::size_t i) -> const std::string& { return members[i].name; };
  std::ranges::stable_sort(order, {}, name);
  std::vector<std::size_t> repeated;
  for (std::size_t i = 1, first = 0; i < order.size(); ++i) {
    if (name(order[i]) != name(order[first])) {
      first = i;
      continue;
    }
    members[order[first]].value = std::move(members[order[i]].value);
    repeated.push_back(order[i]);
  }
  std::ranges::sort(repeated, std::greater());
  if (repeated.empty()) return;
  Object kept;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!repeated.empty() && repeated.back() == i)
      repeated.pop_back();
    else
      kept.push_back(std::move(members[i]));
  }
  members = std::move(kept);
}

/// Makes a Value of the parser's events: nlohmann's interface nlohmann::json_sax, whose functions return whether to
/// go on.
class Builder {
 public:
  bool null() { return place({}) != nullptr; }
  bool boolean(bool flag) { return place(flag) != nullptr; }
  bool number_integer(std::int64_t number) { return place(number) != nullptr; }
  bool number_unsigned(std::uint64_t number) { return place(number) != nullptr; }
  bool number_float(double number, const std::string& /*text*/) { return place(number) != nullptr; }
  bool string(std::string& text) { return place(std::move(text)) != nullptr; }
  bool binary(Json::binary_t& /*bytes*/) { return false; }  // only its binary formats have them

  bool start_object(std::size_t /*size*/) { return open(Object()); }
  bool key(std::string& name) {
    open_.back()->object()->push_back({.name = std::move(name), .value = {}});
    return true;
  }
  bool end_object() {
    drop_equal_names(*open_.back()->object());
    return close();
  }
  bool start_array(std::size_t /*size*/) { return open(Array()); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t /*at*/, const std::string& /*token*/, const Json::exception& exception) {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: …"
    const std::string_view what = exception.what();
    error_ = shortened(what.substr(what.find("] ") + 2), longest_error);  // it may repeat a number of any length
    return false;
  }

  Value& value() { return value_; }
  std::string& error() { return error_; }

 private:
  bool open(Value value) {
    open_.push_back(place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }
  /// Where the value lies from now on.
  Value* place(Value value) {
    if (open_.empty()) return &(value_ = std::move(value));
    if (Array* items = open_.back()->array()) return &items->emplace_back(std::move(value));
    return &(open_.back()->object()->back().value = std::move(value));
  }

  Value value_;
  std::vector<Value*> open_;  // the arrays and objects whose end has not come; each is the last item of the one before
  std::string error_;
};

Json to_library(const Value& value) {
  if (const auto* flag = value.boolean()) return *flag;
  if (const auto* number = value.signed_number()) return *number;
  if (const auto* number = value.unsigned_number()) return *number;
  if (const auto* number = value.floating()) return *number;
  if (const auto* text = value.string()) return *text;
  if (value.is_array()) {
    Json::array_t items;
    items.reserve(value.items().size());
    for (const Value& item : value.items()) items.push_back(to_library(item));
    return items;
  }
  if (value.is_object()) {
    Json::object_t members;
    members.reserve(value.members().size());
    for (const auto& [name, member] : value.members()) members.emplace_back(name, to_library(member));
    return members;
  }
  return nullptr;
}

std::string dump_indented(const Value& value, int indent) {
  return to_library(value).dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<Value> parse(std::string_view text) {
  Builder builder;
  if (!Json::sax_parse(text, &builder)) return fail(std::move(builder.error()));
  return std::move(builder.value());
}

std::string dump(const Value& value) { return dump_indented(value, -1); }

std::string dump_lines(const Value& value, int indent) { return dump_indented(value, indent) + "\n"; }

}  // namespace podrun::pod::json
