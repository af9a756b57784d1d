// The list of images as a table and as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/images/image_store.hpp"
#include "supervisor/core/times.hpp"
#include "supervisor/image_verbs/known_image.hpp"

namespace podrun::supervisor {

/// An image in the list.
struct ShownImage {
  std::vector<std::string> references;
  std::string id, digest;  ///< "" for one in a folder
  std::string created;     ///< RFC 3339, or ""
  std::string stored;      ///< likewise
  std::uint64_t size = 0, shared_size = 0;
  std::size_t layers = 0;
  std::vector<std::string> used_by;
  bool is_held = false;
  std::string folder;  ///< the root of one in a folder; "" for one of the store
  std::string damage;
};

/// Joins what the store and the folders have. Pure.
std::vector<ShownImage> shown_images(const std::vector<ns::ListedImage>& stored,
                                     const std::vector<FolderImage>& folders, const PodsByReference& pods);

/// The table: a line for each name.
std::string image_table(const std::vector<ShownImage>& images, WallTime now);
/// A list with an object for each image.
std::string to_json(const std::vector<ShownImage>& images);

/// The first twelve digits of an id.
std::string short_id(const std::string& id);

}  // namespace podrun::supervisor
