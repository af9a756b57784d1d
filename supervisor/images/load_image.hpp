// Brings images from archives and folders into the store: podrun image load.
#pragma once

#include <string>
#include <vector>

#include "namespaces/images/image_store.hpp"
#include "supervisor/images/pull_image.hpp"

namespace podrun::supervisor {

/// What is loaded.
struct ImageToLoad {
  Fd input;                ///< an archive or a folder, opened for reading; a pipe will do
  bool is_folder = false;  ///< it is to have the OCI image layout
  std::string name{};      ///< the reference under which it is stored; "": those that it has
};

/// An image that was loaded.
struct LoadedImage {
  ns::HeldImage image;
  std::vector<std::string> names;  ///< canonical; empty: only its id leads to it
  std::vector<std::string> notes{};
};

/// Loads all images of an archive: docker-archive, oci-archive, a folder with the OCI image layout; or a root file
/// system as a tar archive, which needs a name and becomes an image with an empty config. The kind is known by what is
/// in it. Archives may be compressed with gzip, zstd, xz or bzip2.
ns::FetchResult<std::vector<LoadedImage>> load_images(const ns::ImageStore& store, const ImageTools& tools,
                                                      const ImageToLoad& request);

}  // namespace podrun::supervisor
