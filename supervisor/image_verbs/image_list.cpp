// The list of images.
#include "supervisor/image_verbs/image_list.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "pod/image/digest.hpp"
#include "pod/json/json.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/show/pod_table.hpp"

namespace podrun::supervisor {
namespace {

/// How many images have each layer. There may be thousands of images: nothing is copied.
using UsesOfLayers = std::unordered_map<std::string_view, std::size_t>;

/// The layers of an image, each once.
std::vector<const pod::ImageSummary::Layer*> own_layers(const pod::ImageSummary& image) {
  std::vector<const pod::ImageSummary::Layer*> layers;
  for (const auto& layer : image.layers) layers.push_back(&layer);
  const auto diff_id = [](const auto* layer) -> std::string_view { return layer->diff_id; };
  std::ranges::sort(layers, {}, diff_id);
  const auto repeated = std::ranges::unique(layers, {}, diff_id);
  layers.erase(repeated.begin(), repeated.end());
  return layers;
}

UsesOfLayers uses_of_layers(const std::vector<ns::ListedImage>& images) {
  UsesOfLayers uses;
  for (const ns::ListedImage& image : images)
    for (const auto* layer : own_layers(image.summary)) ++uses[layer->diff_id];
  return uses;
}

ShownImage shown(const ns::ListedImage& image, const UsesOfLayers& uses, const PodsByReference& pods) {
  const pod::ImageSummary& summary = image.summary;
  ShownImage to{.references = image.names,
                .id = summary.id,
                .digest = summary.manifest_digest,
                .created = summary.created,
                .stored = summary.stored,
                .layers = summary.layers.size(),
                .used_by = users_of(image, pods),
                .is_held = image.is_held,
                .folder = {},
                .damage = image.damage};
  for (const auto* layer : own_layers(summary)) {
    to.size += layer->size;
    if (uses.at(layer->diff_id) > 1) to.shared_size += layer->size;
  }
  return to;
}

std::string age_of(const ShownImage& image, WallTime now) {
  auto time = parse_time(image.created);
  if (!time) time = parse_time(image.stored);
  return time ? kubectl_age(now - *time) : "-";
}

std::string users(const ShownImage& image) {
  if (!image.used_by.empty()) return pod::joined(image.used_by, ", ");
  return image.is_held ? "(in use)" : "-";
}

}  // namespace

std::string short_id(const std::string& id) {
  constexpr std::size_t digits = 12;
  return id.empty() ? "-" : std::string(pod::hex_of(id).substr(0, digits));
}

std::vector<ShownImage> shown_images(const std::vector<ns::ListedImage>& stored,
                                     const std::vector<FolderImage>& folders, const PodsByReference& pods) {
  std::vector<ShownImage> images;
  const UsesOfLayers uses = uses_of_layers(stored);
  for (const ns::ListedImage& image : stored) images.push_back(shown(image, uses, pods));
  for (const FolderImage& image : folders)
    images.push_back({.references = {image.reference}, .used_by = users_of(image, pods), .folder = image.rootfs});
  return images;
}

std::string image_table(const std::vector<ShownImage>& images, WallTime now) {
  std::vector<std::vector<std::string>> rows{{"REFERENCE", "ID", "SIZE", "SHARED", "AGE", "USED BY"}};
  for (const ShownImage& image : images) {
    const bool is_folder = !image.folder.empty();
    const std::string size = is_folder ? "-" : human_size(image.size),
                      shared = is_folder ? "-" : human_size(image.shared_size);
    std::vector<std::string> names = image.references;
    if (names.empty()) names.emplace_back("<none>");
    for (const std::string& name : names) {
      rows.push_back({name, short_id(image.id), size, shared, is_folder ? "-" : age_of(image, now), users(image)});
      if (is_folder) rows.back().push_back("in " + image.folder);
      if (!image.damage.empty()) rows.back().push_back("damaged: " + image.damage);
      if (rows.back().size() > rows.front().size()) rows.front().emplace_back("NOTE");
    }
  }
  return aligned(rows);
}

std::string to_json(const std::vector<ShownImage>& images) {
  pod::json::Value list = pod::json::array();
  for (const ShownImage& image : images)
    list.push_back(pod::json::object({{"references", image.references},
                                      {"id", image.id},
                                      {"digest", image.digest},
                                      {"created", image.created},
                                      {"stored", image.stored},
                                      {"size", image.size},
                                      {"sharedSize", image.shared_size},
                                      {"layers", image.layers},
                                      {"usedBy", image.used_by},
                                      {"inUse", image.is_held || !image.used_by.empty()},
                                      {"rootfs", image.folder},
                                      {"damage", image.damage}}));
  return pod::json::dump_lines(list, 2);
}

}  // namespace podrun::supervisor
