// Finds the images of pods on this host: in the image roots, where they were laid out by hand, then in the image store.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "namespaces/images/image_store.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/host_path.hpp"
#include "pod/compile/host_errors.hpp"
#include "pod/spec/image.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// Where images are looked up, in this order.
struct ImagePlaces {
  std::vector<std::string> roots;  ///< Layout::image_roots()
  std::string store;               ///< Layout::image_store(); "": none
};

/// An image of this host. Nobody removes it while the lock is open.
struct LocalImage {
  pod::Image image;
  Fd lock = {};  ///< of an image of the store
};

/// Finds an image. Its directories have no links in their paths, because the trees of volumes are opened in the same way.
/// A link that containers could have made is not followed: ELOOP. ENOENT: it is not on this host, and the message says
/// what is there instead.
Result<LocalImage> find_image(const std::string& reference, const ImagePlaces& places,
                              const std::vector<ns::WritablePlace>& writable);

/// Finds an image of the store by the name that the store has, or by pod::Image::id. ENOENT as find_image().
Result<LocalImage> find_stored_image(const std::string& reference, const std::string& name, const std::string& store);

/// How a start gets an image.
struct WantedImage {
  pod::PullPolicy policy = pod::PullPolicy::IfNotPresent;
  /// Whether the policy Always is only the default of a name without a tag: then what is there is used if the registry
  /// does not give it.
  bool is_default = true;
};
/// All images of a pod. Of several policies for one image Always comes before IfNotPresent, and that before Never.
std::map<std::string, WantedImage> wanted_images(const pod::Pod& pod);

/// Whether images that are missing are fetched.
enum class Fetching {
  No,
  Foreseen,  ///< what a start would fetch is told, and nothing is asked for what is here: of plans and checks
  Yes,       ///< by their policies: a start
};

/// The images of a pod, and why others are missing.
struct ImageLookup {
  pod::Images images;
  pod::MissingImages missing;
  std::map<std::string, Fd> locks{};                ///< of images of the store, by reference
  std::set<std::string, std::less<>> awaited{};     ///< those that a start fetches, or whose digest it asks for
  pod::MissingImages to_fetch{};                    ///< of those the ones that are not here, with a sentence
};
/// Looks up all images of a pod.
ImageLookup find_images(const pod::Pod& pod, const ImagePlaces& places, const std::vector<ns::WritablePlace>& writable,
                        Fetching fetching = Fetching::No);

}  // namespace podrun::supervisor
