// YAML ⇄ JSON values.
#include "pod/yaml/json_of.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "pod/json/json.hpp"
#include "pod/text/scalar.hpp"

namespace podrun::pod::yaml {
namespace {

json::Value number_of(const std::string& plain) {
  if (const auto integer = to_integer(plain)) return *integer;
  double number = 0;
  const char* const end = plain.data() + plain.size();
  const auto [parsed, error] = std::from_chars(plain.data(), end, number);
  return error == std::errc{} && parsed == end ? json::Value(number) : json::Value(plain);
}

json::Value scalar_of(const Node& node) {
  if (node.quoted) return node.text;
  switch (classify(node.text)) {
    case ScalarKind::Number: return number_of(node.text);
    case ScalarKind::Boolean:
      if (const auto flag = to_boolean(node.text)) return *flag;
      return node.text;
    case ScalarKind::String: return node.text;
  }
  return node.text;
}

/// Whether a string can stand without quotes: it begins with a letter, and no character has a meaning in YAML.
bool is_plain(std::string_view text) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (text.empty() || letters.find(text.front()) == text.npos || text.ends_with(' ')) return false;
  const auto is_safe = [&](char c) {
    return letters.find(c) != letters.npos || std::string_view("0123456789 ./_-+=()%").find(c) != text.npos;
  };
  const bool is_null = text == "null" || text == "Null" || text == "NULL";
  return std::ranges::all_of(text, is_safe) && !is_null && classify(text) == ScalarKind::String;
}

std::string scalar_text(const json::Value& value) {
  const std::string* const text = value.string();
  return text != nullptr && is_plain(*text) ? *text : json::dump(value);
}

bool is_block(const json::Value& value) { return !value.items().empty() || !value.members().empty(); }

/// Writes a mapping or a list that is not empty. The first line continues one that is indented already.
void write_block(std::string& out, const json::Value& value, std::size_t indent) {
  bool is_first = true;
  const auto begin_line = [&] {
    if (!std::exchange(is_first, false)) out.append(indent, ' ');
  };
  for (const json::Member& member : value.members()) {
    begin_line();
    out += scalar_text(member.name) + ":";
    if (!is_block(member.value)) {
      out += " " + scalar_text(member.value) + "\n";
      continue;
    }
    // A list in a mapping is not indented further, as kubectl writes it.
    const std::size_t inner = member.value.is_array() ? indent : indent + 2;
    out += "\n";
    out.append(inner, ' ');
    write_block(out, member.value, inner);
  }
  for (const json::Value& item : value.items()) {
    begin_line();
    out += "- ";
    if (is_block(item)) write_block(out, item, indent + 2);
    else out += scalar_text(item) + "\n";
  }
}

}  // namespace

json::Value json_of(const Node& node) {
  switch (node.kind) {
    case Kind::Null: return {};
    case Kind::Scalar: return scalar_of(node);
    case Kind::Sequence: {
      json::Value items = json::array();
      for (const Node* item : node.items) items.push_back(json_of(*item));
      return items;
    }
    case Kind::Mapping: {
      json::Value members = json::object();
      for (const Entry& entry : node.entries) members[entry.key->text] = json_of(*entry.value);
      return members;
    }
  }
  return {};
}

std::string to_yaml(const json::Value& value) {
  if (!is_block(value)) return scalar_text(value) + "\n";
  std::string text;
  write_block(text, value, 0);
  return text;
}

}  // namespace podrun::pod::yaml
