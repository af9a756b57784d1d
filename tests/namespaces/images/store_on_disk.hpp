// A store of images on a file system of its own, and what must hold of it after a kill or a loss of power.
#pragma once

#include <sys/mount.h>

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/images/image_store.hpp"
#include "tests/namespaces/images/generated_image.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns::test {

/// Mounts a tmpfs in the caller's mount namespace.
inline void mount_memory(const std::string& place, const std::string& options = "") {
  std::filesystem::create_directories(place);
  ASSERT_EQ(::mount("none", place.c_str(), "tmpfs", 0, options.c_str()), 0);
}

/// What is wrong with a store that was interrupted; "" if nothing. Every image that is listed is whole, every name
/// leads to one, and the layers are as they were unpacked.
inline std::string damage_of(const ImageStore& store) {
  const auto images = store.list();
  if (!images) return images.error().message;
  for (const ListedImage& image : *images) {
    if (!image.damage.empty()) return fmt::format("{}: {}", image.summary.manifest_digest, image.damage);
    for (const std::string& name : image.names)
      if (const auto found = store.find(*pod::parse_image_reference(name)); !found || !found->image)
        return fmt::format("{} is not found", name);
  }
  const auto verified = store.verify();
  if (!verified) return verified.error().message;
  return verified->faults.empty() ? "" : verified->faults.front();
}

/// The layers of the image of a name, the uppermost first, by what is in their files; empty if it is not there.
inline std::vector<std::string> layers_of(const ImageStore& store, const std::string& name) {
  std::vector<std::string> texts;
  const auto found = store.find(*pod::parse_image_reference(name));
  if (found && found->image)
    for (const std::string& layer : found->image->layers) texts.push_back(supervisor::contents_of(layer + "/etc/text"));
  return texts;
}

/// The number of entries of a folder of the store.
inline std::size_t entries_in(const ImageStore& store, const std::string& folder) {
  std::size_t entries = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(store.path() + "/" + folder, error), end; !error && entry != end;
       entry.increment(error))
    ++entries;
  return entries;
}

}  // namespace podrun::ns::test
