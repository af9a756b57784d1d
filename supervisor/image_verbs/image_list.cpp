// The list of images.
#include "supervisor/image_verbs/image_list.hpp"

#include <set>

#include "pod/image/digest.hpp"
#include "pod/json/json.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/core/text_table.hpp"
#include "supervisor/show/pod_table.hpp"

namespace podrun::supervisor {
namespace {

/// How many images have each layer.
std::map<std::string, std::size_t> uses_of_layers(const std::vector<ns::ListedImage>& images) {
  std::map<std::string, std::size_t> uses;
  for (const ns::ListedImage& image : images) {
    std::set<std::string> own;
    for (const auto& layer : image.summary.layers)
      if (own.insert(layer.diff_id).second) ++uses[layer.diff_id];
  }
  return uses;
}

ShownImage shown(const ns::ListedImage& image, const std::map<std::string, std::size_t>& uses,
                 const PodsByReference& pods) {
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
  std::set<std::string> counted;
  for (const auto& layer : summary.layers) {
    if (!counted.insert(layer.diff_id).second) continue;
    to.size += layer.size;
    if (const auto found = uses.find(layer.diff_id); found != uses.end() && found->second > 1)
      to.shared_size += layer.size;
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
  const auto uses = uses_of_layers(stored);
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
