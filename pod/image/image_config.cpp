// JSON → ImageConfigFile.
#include "pod/image/image_config.hpp"

#include <fmt/format.h>

#include "pod/image/digest.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using json::Value;

constexpr std::string_view what = "image config";
/// More than Docker makes; the number of layers has a limit of its own.
constexpr std::size_t most_history = 4096;

const Value* member(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::unexpected<Error> must_be(std::string_view name, std::string_view kind) {
  return fail(fmt::format("{}: {} must be {}", what, name, kind), EINVAL);
}

Result<std::string> text_of(const Value& object, std::string_view name) {
  const Value* value = member(object, name);
  if (value == nullptr) return "";
  if (!value->is_string()) return must_be(name, "a string");
  return *value->string();
}

/// The names of an object's members, as ExposedPorts and Volumes have them: {"80/tcp": {}}.
Result<std::vector<std::string>> names_of(const Value& object, std::string_view name) {
  std::vector<std::string> names;
  const Value* value = member(object, name);
  if (value == nullptr) return names;
  if (!value->is_object()) return must_be(fmt::format("config.{}", name), "an object");
  for (const json::Member& each : value->members()) {
    if (each.name.find('\0') != each.name.npos) return must_be(fmt::format("config.{}", name), "without NUL");
    names.push_back(each.name);
  }
  return names;
}

Result<std::map<std::string, std::string>> labels_of(const Value& object) {
  std::map<std::string, std::string> labels;
  const Value* value = member(object, "Labels");
  if (value == nullptr) return labels;
  if (!value->is_object()) return must_be("config.Labels", "an object");
  for (const json::Member& each : value->members()) {
    if (!each.value.is_string()) return must_be("config.Labels", "an object of strings");
    labels.emplace(each.name, *each.value.string());
  }
  return labels;
}

Result<std::vector<ImageHistory>> history_of(const Value& document) {
  std::vector<ImageHistory> history;
  const Value* list = member(document, "history");
  if (list == nullptr) return history;
  if (!list->is_array() || list->items().size() > most_history)
    return must_be("history", fmt::format("a list of at most {} items", most_history));
  for (const Value& item : list->items()) {
    if (!item.is_object()) return must_be("history", "a list of objects");
    const Value* empty = member(item, "empty_layer");
    if (empty != nullptr && empty->boolean() == nullptr) return must_be("history[].empty_layer", "true or false");
    history.push_back({.created = TRY(text_of(item, "created")),
                       .created_by = TRY(text_of(item, "created_by")),
                       .comment = TRY(text_of(item, "comment")),
                       .empty_layer = empty != nullptr && *empty->boolean()});
  }
  return history;
}

Result<std::vector<std::string>> diff_ids_of(const Value& document) {
  const Value* rootfs = member(document, "rootfs");
  const Value* list = rootfs == nullptr ? nullptr : member(*rootfs, "diff_ids");
  if (list == nullptr || !list->is_array()) return must_be("rootfs.diff_ids", "a list");
  if (list->items().size() > most_layers)
    return fail(
        fmt::format("{}: it has {} layers, and podrun takes at most {}", what, list->items().size(), most_layers),
        EINVAL);
  std::vector<std::string> ids;
  for (const Value& item : list->items()) {
    if (!item.is_string() || !is_digest(*item.string()))
      return must_be("rootfs.diff_ids", "a list of digests: \"sha256:\" and 64 hexadecimal digits");
    ids.push_back(*item.string());
  }
  return ids;
}

}  // namespace

Result<ImageConfigFile> parse_image_config_file(std::string_view text) {
  const Value document = TRY(parse_foreign_json(text, longest_image_config, what));
  if (!document.is_object()) return must_be("it", "an object");
  ImageConfigFile file{
      .config = TRY(parse_image_config(text)),
      .platform = {TRY(text_of(document, "os")), TRY(text_of(document, "architecture")),
                   TRY(text_of(document, "variant"))},
      .created = TRY(text_of(document, "created")),
      .history = TRY(history_of(document)),
      .diff_ids = TRY(diff_ids_of(document)),
  };
  const Value* config = member(document, "config");
  if (config == nullptr) return file;
  file.exposed_ports = TRY(names_of(*config, "ExposedPorts"));
  file.volumes = TRY(names_of(*config, "Volumes"));
  file.labels = TRY(labels_of(*config));
  return file;
}

Result<> check_image(const ImageManifest& manifest, const ImageConfigFile& config) {
  if (manifest.layers.size() == config.diff_ids.size()) return {};
  return fail(fmt::format("image: its manifest has {} layers, its config {} diff_ids", manifest.layers.size(),
                          config.diff_ids.size()),
              EINVAL);
}

Result<> check_platform(const ImageConfigFile& config, const Platform& host) {
  if (config.platform.empty() || suitability(config.platform, host)) return {};
  return fail(
      fmt::format("it is for {}, and this host is {}", in_quotes(to_text(config.platform)), to_text(normalized(host))),
      ENOENT);
}

}  // namespace podrun::pod
