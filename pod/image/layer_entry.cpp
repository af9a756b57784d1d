// What an entry of a layer's archive means.
#include "pod/image/layer_entry.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace podrun::pod {
namespace {

constexpr std::string_view whiteout = ".wh.", aufs_note = ".wh..wh.", opaque = ".wh..wh..opq";

/// The parts of a path, without "." and empty ones.
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin < path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (!part.empty() && part != ".") parts.push_back(part);
    begin = end + 1;
  }
  return parts;
}

/// What is wrong with the parts of any path; empty if nothing is.
std::string fault_in(const std::vector<std::string_view>& parts) {
  std::size_t length = 0;
  for (const std::string_view part : parts) {
    if (part == "..") return "its name contains \"..\"";
    if (part.size() > longest_entry_name) return "its name has a part that is longer than 255 bytes";
    if (part.find('\0') != part.npos) return "its name contains a zero byte";
    length += part.size() + 1;
  }
  if (length > longest_entry_path) return "its name is longer than 4095 bytes";
  return {};
}

std::string joined(const std::vector<std::string_view>& parts) {
  std::string path;
  for (const std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

Result<EntryPlace> place_of_whiteout(EntryPlace place, std::string_view hidden) {
  if (hidden.empty()) return fail("it is a whiteout without a name");
  if (hidden == "." || hidden == "..") return fail("it is a whiteout of \"" + std::string(hidden) + "\"");
  place.meaning = EntryMeaning::Whiteout;
  place.name = hidden;
  return place;
}

}  // namespace

Result<EntryPlace> place_of_entry(std::string_view name) {
  if (name.empty()) return fail("it has no name");
  std::vector<std::string_view> parts = parts_of(name);
  if (std::string fault = fault_in(parts); !fault.empty()) return fail(std::move(fault));
  EntryPlace place{EntryMeaning::Root, {}, {}};
  if (parts.empty()) return place;
  const std::string_view last = parts.back();
  parts.pop_back();
  for (const std::string_view part : parts)
    if (part.starts_with(aufs_note)) {
      place.meaning = EntryMeaning::Ignored;
      return place;
    } else if (part.starts_with(whiteout)) {
      return fail("it is in a folder with the name of a whiteout");
    }
  place.folder = joined(parts);
  if (last == opaque) place.meaning = EntryMeaning::Opaque;
  else if (last.starts_with(aufs_note)) place.meaning = EntryMeaning::Ignored;
  else if (last.starts_with(whiteout)) return place_of_whiteout(std::move(place), last.substr(whiteout.size()));
  else place.meaning = EntryMeaning::Content, place.name = last;
  return place;
}

Result<EntryPlace> target_of_hard_link(std::string_view target) {
  auto place = place_of_entry(target);
  if (!place) return fail("the target of the hard link: " + place.error().message);
  if (place->meaning != EntryMeaning::Content) return fail("the target of the hard link is no file");
  return place;
}

AttributeUse use_of_attribute(std::string_view name) {
  if (name.starts_with("user.overlay.") || name.starts_with("trusted.")) return AttributeUse::Refuse;
  if (name.starts_with("user.") && name.size() > 5) return AttributeUse::Keep;
  return name == "security.capability" ? AttributeUse::Keep : AttributeUse::LeaveOut;
}

}  // namespace podrun::pod
