// The promises of reading any bytes as a layer, for the fuzzer and for the tests that read its corpus.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/images/unpack_report.hpp"
#include "namespaces/unpacker/decompressor.hpp"
#include "namespaces/unpacker/layer_reader.hpp"
#include "namespaces/unpacker/sha256.hpp"
#include "pod/image/layer_entry.hpp"

namespace podrun::unpacker::fuzz {

constexpr std::size_t most_archive_bytes = 1 << 20, most_read_entries = 4096;

/// The archive in a blob, as far as it goes.
inline std::string archive_in(std::string_view blob) {
  Bytes input = std::as_bytes(std::span(blob));
  auto decompressor = decompressor_for(input);
  if (!decompressor) return {};
  if (!*decompressor) return std::string(blob);
  std::string archive(most_archive_bytes, '\0');
  std::size_t end = 0;
  for (std::size_t before = input.size() + 1; end < archive.size();) {
    const auto output = std::as_writable_bytes(std::span(archive)).subspan(end);
    const auto length = (*decompressor)->decompress(input, output);
    if (!length || (*length == 0 && (input.empty() || input.size() >= before))) break;
    end += *length;
    before = *length > 0 ? input.size() + 1 : input.size();
  }
  archive.resize(end);
  return archive;
}

/// Where a place is not inside the layer; empty if it is.
inline std::string fault_of(const pod::EntryPlace& place) {
  const std::string path = place.path();
  if (place.meaning == pod::EntryMeaning::Ignored) return {};
  const bool has_name = place.meaning == pod::EntryMeaning::Content || place.meaning == pod::EntryMeaning::Whiteout;
  if (has_name == place.name.empty() || place.name.find('/') != path.npos || place.name.size() > 255)
    return "the name of an entry";
  for (std::size_t begin = 0; begin <= path.size() && !path.empty();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != part.npos) return "the path " + path;
    begin = end + 1;
  }
  return {};
}

/// What is planned for the entries of an archive whose bytes come in pieces of that size: a line for each.
struct Plan {
  std::string text;
  std::string fault;  ///< the promise that is broken
};

inline Plan plan_of(std::string_view archive, std::size_t piece) {
  Plan plan;
  Bytes rest = std::as_bytes(std::span(archive));
  LayerReader reader([&]() -> Result<Bytes> {
    const Bytes next = rest.first(std::min(piece, rest.size()));
    rest = rest.subspan(next.size());
    return next;
  });
  for (std::size_t count = 0; count < most_read_entries; ++count) {
    const auto entry = reader.next();
    if (!entry) plan.text += "error " + entry.error().message + "\n";
    if (!entry || !*entry) break;
    const LayerEntry& found = **entry;
    const auto place = pod::place_of_entry(found.name);
    if (place && plan.fault.empty()) plan.fault = fault_of(*place);
    if (found.kind == EntryKind::HardLink)
      if (const auto target = pod::target_of_hard_link(found.target); target && plan.fault.empty())
        plan.fault = fault_of(*target);
    plan.text += std::to_string(static_cast<int>(found.kind)) + " " + (place ? place->path() : place.error().message) +
                 " " + std::string(found.target) + " " + std::to_string(found.mode) + " " + std::to_string(found.uid) +
                 " " + std::to_string(found.gid) + " " + std::to_string(found.size);
    for (const Attribute& attribute : found.attributes) plan.text += " " + std::string(attribute.name);
    Sha256 content;
    std::uint64_t end = 0;
    for (auto block = reader.next_block(); block && *block; block = reader.next_block()) {
      content.add((*block)->bytes);
      if ((*block)->offset < end) break;  // the writer refuses it
      end = (*block)->offset + (*block)->bytes.size();
    }
    plan.text += " " + content.digest() + "\n";
  }
  return plan;
}

/// The first promise that is broken for a blob; empty if all are kept.
inline std::string broken_layer_promise(std::string_view blob) {
  const std::string archive = archive_in(blob);
  const Plan whole = plan_of(archive, most_archive_bytes), pieces = plan_of(archive, 97);
  if (!whole.fault.empty()) return "not inside the layer: " + whole.fault;
  if (whole.text != pieces.text) return "another layer in pieces:\n" + whole.text + "---\n" + pieces.text;
  if (const auto report = parse_report(blob))
    if (const auto again = parse_report(encode(*report)); !again || *again != *report) return "the report changes";
  return {};
}

}  // namespace podrun::unpacker::fuzz
