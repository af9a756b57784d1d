// Names of entries in messages.
#pragma once

#include <string>
#include <string_view>

#include "pod/text/utf8_text.hpp"

namespace podrun::unpacker {

/// The name in quotes. Of a long one the end is shown: the beginning is that of many.
inline std::string name_in_message(std::string_view name) {
  constexpr std::size_t longest = 60;
  if (name.size() <= longest) return pod::in_quotes(name);
  std::size_t begin = name.size() - longest;
  if (const std::size_t slash = name.find('/', begin); slash != name.npos && slash + 1 < name.size()) begin = slash;
  while ((static_cast<unsigned char>(name[begin]) & 0xc0) == 0x80 && begin + 1 < name.size()) ++begin;
  return "\"…" + pod::in_quotes(name.substr(begin)).substr(1);
}

/// A message about an entry.
inline std::string about_entry(std::string_view name, std::string_view what) {
  return "the entry " + name_in_message(name) + ": " + std::string(what);
}

}  // namespace podrun::unpacker
