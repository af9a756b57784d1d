// Typed access to what parse() returns.
#include "pod/json/reader.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace podrun::pod::json {

void Reader::note(std::string_view name, std::string_view mistake) const {
  if (error_->empty()) *error_ = fmt::format("{} {}", name, mistake);
}

bool Reader::absent_or_bad(std::string_view name) const {
  if (!value_->is_object()) note(name, "is not there: what should have it is no object");
  return !has(name);
}

Reader Reader::member(std::string_view name) const {
  static const Value null;
  const Value* found = value_->find(name);
  if (found == nullptr) note(name, "is missing");
  return {found == nullptr ? null : *found, *error_};
}

std::span<const Value> Reader::items(std::string_view name) const {
  const Value& value = member(name).value();
  if (!value.is_array()) note(name, "is no array");
  return value.items();
}

std::string Reader::text(std::string_view name) const {
  const std::string* found = member(name).value().string();
  if (found == nullptr) note(name, "is no string");
  return found == nullptr ? std::string() : *found;
}

std::string Reader::text_or(std::string_view name, std::string_view absent) const {
  return absent_or_bad(name) ? std::string(absent) : text(name);
}

bool Reader::flag(std::string_view name) const {
  const bool* found = member(name).value().boolean();
  if (found == nullptr) note(name, "is no boolean");
  return found != nullptr && *found;
}

std::vector<std::string> Reader::texts(std::string_view name) const {
  std::vector<std::string> texts;
  for (const Value& item : items(name)) {
    if (!item.is_string()) note(name, "is no array of strings");
    texts.push_back(item.is_string() ? *item.string() : std::string());
  }
  return texts;
}

std::size_t Reader::word(std::string_view name, std::span<const std::string_view> words) const {
  const std::string found = text(name);
  const auto place = std::ranges::find(words, found);
  if (place == words.end()) note(name, "is none of the words for it");
  return place == words.end() ? 0 : static_cast<std::size_t>(place - words.begin());
}

}  // namespace podrun::pod::json
