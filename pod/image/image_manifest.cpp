// JSON → ImageManifest or ImageIndex.
#include "pod/image/image_manifest.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "pod/image/digest.hpp"
#include "pod/json/json.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using json::Value;

/// Deeper than any manifest or config.
constexpr std::size_t deepest = 64;

constexpr std::string_view oci_index = "application/vnd.oci.image.index.v1+json",
                           docker_list = "application/vnd.docker.distribution.manifest.list.v2+json",
                           oci_manifest = "application/vnd.oci.image.manifest.v1+json",
                           docker_manifest = "application/vnd.docker.distribution.manifest.v2+json",
                           oci_config = "application/vnd.oci.image.config.v1+json",
                           docker_config = "application/vnd.docker.container.image.v1+json";

constexpr std::pair<std::string_view, Compression> layer_types[] = {
    {"application/vnd.oci.image.layer.v1.tar", Compression::None},
    {"application/vnd.oci.image.layer.v1.tar+gzip", Compression::Gzip},
    {"application/vnd.oci.image.layer.v1.tar+zstd", Compression::Zstd},
    {"application/vnd.docker.image.rootfs.diff.tar", Compression::None},
    {"application/vnd.docker.image.rootfs.diff.tar.gzip", Compression::Gzip},
    {"application/vnd.docker.image.rootfs.diff.tar.zstd", Compression::Zstd}};

/// A member, or nullptr if it is absent or null, which mean the same here.
const Value* member(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

/// A text, "" if it is missing.
Result<std::string> text_of(const Value& object, std::string_view name, std::string_view where) {
  const Value* value = member(object, name);
  if (value == nullptr) return "";
  if (!value->is_string()) return fail(fmt::format("{}{} must be a string", where, name), EINVAL);
  return *value->string();
}

Result<BlobDescriptor> to_descriptor(const Value& value, const std::string& where) {
  if (!value.is_object()) return fail(where + " must be an object", EINVAL);
  BlobDescriptor blob{.media_type = TRY(text_of(value, "mediaType", where + ".")),
                      .digest = TRY(text_of(value, "digest", where + "."))};
  if (!is_digest(blob.digest))
    return fail(fmt::format("{}.digest is {}, and podrun knows \"sha256:\" with 64 hexadecimal digits only", where,
                            in_quotes(blob.digest)),
                EINVAL);
  const Value* size = member(value, "size");
  if (size == nullptr || size->unsigned_number() == nullptr ||
      *size->unsigned_number() > static_cast<std::uint64_t>(INT64_MAX))
    return fail(where + ".size must be a number of bytes", EINVAL);
  blob.size = *size->unsigned_number();
  return blob;
}

/// The array of that name with at most `most` items.
Result<std::span<const Value>> list_of(const Value& object, std::string_view name, std::size_t most) {
  const Value* list = member(object, name);
  if (list == nullptr || !list->is_array()) return fail(fmt::format("{} must be a list", name), EINVAL);
  if (list->items().size() > most)
    return fail(fmt::format("{} has {} items, and podrun takes at most {}", name, list->items().size(), most), EINVAL);
  return list->items();
}

Result<> check_is_image(const Value& document, const BlobDescriptor& config) {
  const std::string type = TRY(text_of(document, "artifactType", ""));
  if (type.empty() && (config.media_type == oci_config || config.media_type == docker_config)) return {};
  return fail(fmt::format("it is an artifact ({}), not an image that can run: its config is no image config",
                          in_quotes(type.empty() ? config.media_type : type)),
              EINVAL);
}

Result<ImageManifest> to_manifest(const Value& document) {
  const Value* config = member(document, "config");
  if (config == nullptr) return fail("config is missing", EINVAL);
  ImageManifest manifest{.config = TRY(to_descriptor(*config, "config"))};
  TRY_VOID(check_is_image(document, manifest.config));
  if (manifest.config.size > longest_image_config)
    return fail(
        fmt::format("its config has {} bytes, and podrun takes at most {}", manifest.config.size, longest_image_config),
        EFBIG);
  const std::span<const Value> layers = TRY(list_of(document, "layers", most_layers));
  for (const Value& item : layers) {
    const std::string where = fmt::format("layers[{}]", manifest.layers.size());
    manifest.layers.push_back(TRY(to_descriptor(item, where)));
    if (auto known = compression_of(manifest.layers.back().media_type); !known)
      return fail(where + ": " + known.error().message, EINVAL);
    if (member(item, "urls") != nullptr && !member(item, "urls")->items().empty())
      return fail(where + ": it is a foreign layer, which lies outside of the registry; podrun does not fetch those",
                  EINVAL);
  }
  if (manifest.layers.empty()) return fail("it has no layers, so there is nothing to run", EINVAL);
  return manifest;
}

Result<Platform> to_platform(const Value& entry, const std::string& where) {
  const Value* platform = member(entry, "platform");
  if (platform == nullptr) return Platform{};
  if (!platform->is_object()) return fail(where + "platform must be an object", EINVAL);
  return Platform{.os = TRY(text_of(*platform, "os", where + "platform.")),
                  .architecture = TRY(text_of(*platform, "architecture", where + "platform.")),
                  .variant = TRY(text_of(*platform, "variant", where + "platform."))};
}

Result<ImageIndex> to_index(const Value& document) {
  ImageIndex index;
  std::size_t at = 0;
  const std::span<const Value> items = TRY(list_of(document, "manifests", most_index_entries));
  for (const Value& item : items) {
    const std::string where = fmt::format("manifests[{}]", at++);
    IndexEntry entry{.manifest = TRY(to_descriptor(item, where)), .platform = TRY(to_platform(item, where + "."))};
    const std::string& type = entry.manifest.media_type;
    const bool is_manifest = type == oci_manifest || type == docker_manifest || type.empty();
    const bool is_image =
        is_manifest && TRY(text_of(item, "artifactType", where + ".")).empty() && entry.platform.os != "unknown";
    if (is_image)
      index.entries.push_back(std::move(entry));
    else
      ++index.left_out;
  }
  return index;
}

Result<std::variant<ImageManifest, ImageIndex>> decode(const Value& document) {
  if (!document.is_object()) return fail("it must be an object", EINVAL);
  const Value* version = member(document, "schemaVersion");
  if (version == nullptr || version->unsigned_number() == nullptr)
    return fail("schemaVersion must be a number", EINVAL);
  if (*version->unsigned_number() == 1)
    return fail(
        "it is of Docker's schema 1, which registries gave up in 2019; push the image again with a newer docker "
        "or with buildah",
        EINVAL);
  if (*version->unsigned_number() != 2)
    return fail(fmt::format("schemaVersion is {}, and podrun knows 2 only", *version->unsigned_number()), EINVAL);
  const std::string type = TRY(text_of(document, "mediaType", ""));
  const bool has_list = member(document, "manifests") != nullptr,
             has_layers = member(document, "layers") != nullptr || member(document, "config") != nullptr;
  // Readers that took the one or the other would see two different images (CVE-2021-41190).
  if (has_list && has_layers) return fail("it has both manifests and layers: it is neither index nor manifest", EINVAL);
  const bool is_index = type == oci_index || type == docker_list,
             is_manifest = type == oci_manifest || type == docker_manifest;
  if (!type.empty() && !is_index && !is_manifest)
    return fail(fmt::format("its mediaType is {}, which is neither an image's manifest nor an index", in_quotes(type)),
                EINVAL);
  if (is_index || (type.empty() && has_list)) return TRY(to_index(document));
  return TRY(to_manifest(document));
}

}  // namespace

Result<Value> parse_foreign_json(std::string_view text, std::size_t longest, std::string_view what) {
  if (text.size() > longest)
    return fail(fmt::format("{}: it has {} bytes, and podrun takes at most {}", what, text.size(), longest), EFBIG);
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return fail(fmt::format("{}: it is nested deeper than {} levels", what, deepest), EINVAL);
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  auto parsed = json::parse(text);
  if (!parsed) return fail(fmt::format("{}: {}", what, parsed.error().message), EINVAL);
  return parsed;
}

Result<std::variant<ImageManifest, ImageIndex>> parse_manifest(std::string_view text) {
  const Value document = TRY(parse_foreign_json(text, longest_manifest, "image manifest"));
  auto decoded = decode(document);
  if (!decoded) return fail("image manifest: " + decoded.error().message, decoded.error().number);
  return decoded;
}

Result<IndexEntry> choose_from(const ImageIndex& index, const Platform& host) {
  const IndexEntry* best = nullptr;
  int best_rank = 0;
  for (const IndexEntry& entry : index.entries) {
    // One without a platform may be for any; its config will tell.
    const auto rank = entry.platform.empty() ? std::optional(INT32_MAX - 1) : suitability(entry.platform, host);
    if (!rank || (best != nullptr && *rank >= best_rank)) continue;
    best = &entry;
    best_rank = *rank;
  }
  if (best != nullptr) return *best;
  std::string platforms;
  for (const IndexEntry& entry : index.entries)
    platforms += (platforms.empty() ? "" : ", ") + in_quotes(to_text(entry.platform));
  if (platforms.empty()) return fail("image index: it lists no image", ENOENT);
  return fail(fmt::format("no image for {}; it has {}", to_text(normalized(host)), platforms), ENOENT);
}

Result<Compression> compression_of(std::string_view media_type) {
  for (const auto& [type, compression] : layer_types)
    if (type == media_type) return compression;
  if (media_type.contains("nondistributable") || media_type.contains(".foreign."))
    return fail("it is a foreign layer, which lies outside of the registry; podrun does not fetch those", EINVAL);
  if (media_type.ends_with("+encrypted")) return fail("it is encrypted, which podrun cannot read", EINVAL);
  return fail(fmt::format("podrun knows no layers of type {}", in_quotes(media_type)), EINVAL);
}

}  // namespace podrun::pod
