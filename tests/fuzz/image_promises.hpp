// What must hold of each text that is read as a reference, a manifest, a config or a record of an image: it is refused,
// or what is read is within its limits and leads back to itself.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "pod/image/digest.hpp"
#include "pod/image/image_config.hpp"
#include "pod/image/image_manifest.hpp"
#include "pod/image/image_record.hpp"
#include "pod/image/image_reference.hpp"

namespace podrun::test {

/// The first promise that a reference breaks; "" if none.
inline std::string broken_by_reference(std::string_view text) {
  const auto reference = pod::parse_image_reference(text);
  if (!reference) return reference.error().message.empty() ? "an error says nothing" : "";
  const std::string canonical = reference->canonical(), file = pod::file_name_of_reference(canonical);
  const auto again = pod::parse_image_reference(canonical);
  if (!again || again->canonical() != canonical) return "the full form of a reference is another one";
  if (file.size() > 255 || file.contains('/') || file.contains('\0') || file.starts_with('.'))
    return "a reference is no file name";
  if (pod::reference_of_file_name(file) != canonical) return "a file name leads to another reference";
  return "";
}

inline bool is_bad(const pod::BlobDescriptor& blob) {
  return !pod::is_digest(blob.digest) || blob.size > static_cast<std::uint64_t>(INT64_MAX);
}

inline std::string broken_by_manifest(std::string_view text) {
  const auto parsed = pod::parse_manifest(text);
  if (!parsed) return parsed.error().message.starts_with("image manifest: ") ? "" : "an error says nothing";
  if (const auto* index = std::get_if<pod::ImageIndex>(&*parsed)) {
    if (index->entries.size() > pod::most_index_entries) return "an index has too many entries";
    for (const pod::IndexEntry& entry : index->entries)
      if (is_bad(entry.manifest)) return "a digest of an index is none";
    const auto chosen = choose_from(*index, {.os = "linux", .architecture = "amd64"});
    return chosen || !chosen.error().message.empty() ? "" : "an error says nothing";
  }
  const auto& manifest = std::get<pod::ImageManifest>(*parsed);
  if (manifest.layers.empty() || manifest.layers.size() > pod::most_layers) return "an image has too many layers";
  if (is_bad(manifest.config) || std::ranges::any_of(manifest.layers, is_bad)) return "a digest of a manifest is none";
  for (const pod::BlobDescriptor& layer : manifest.layers)
    if (!pod::compression_of(layer.media_type)) return "a layer is of an unknown type";
  return "";
}

inline std::string broken_by_config(std::string_view text) {
  const auto config = pod::parse_image_config_file(text);
  if (!config) return config.error().message.starts_with("image config: ") ? "" : "an error says nothing";
  if (config->diff_ids.size() > pod::most_layers) return "a config has too many layers";
  const auto has_nul = [](const std::string& each) { return each.contains('\0'); };
  for (const auto* list : {&config->config.entrypoint, &config->config.cmd, &config->config.env, &config->volumes})
    if (std::ranges::any_of(*list, has_nul)) return "a text of a config has a NUL";
  return std::ranges::all_of(config->diff_ids, [](const auto& id) { return pod::is_digest(id); })
             ? ""
             : "a digest of a config is none";
}

inline std::string broken_by_record(std::string_view text) {
  if (const auto record = pod::parse_image_record(text)) {
    const auto again = pod::parse_image_record(to_text(*record));
    if (!again || *again != *record) return "what was read of a record is not what is written";
  }
  if (const auto meta = pod::parse_layer_meta(text)) {
    const auto again = pod::parse_layer_meta(to_json(*meta));
    if (!again || !pod::is_digest(meta->diff_id)) return "what was read of a layer is not what is written";
  }
  return "";
}

/// The first promise that a text breaks, whatever it is; "" if none.
inline std::string broken_promise(std::string_view text) {
  for (const auto broken : {broken_by_reference, broken_by_manifest, broken_by_config, broken_by_record})
    if (std::string promise = broken(text); !promise.empty()) return promise;
  return "";
}

}  // namespace podrun::test
