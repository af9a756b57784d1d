// Fetches images from registries, with skopeo in podrun-puller. What comes is checked here: digests, sizes and limits of
// manifests and configs; of layers the size, and their digests are for who unpacks them.
//
//   manifest ──▶ (an index: the manifest for the platform) ──▶ config ──▶ blobs of the layers that are not there yet
//
// Each of these takes as long as the registry does, and so is for a process that does nothing else. FetchOptions::cancel
// ends it at once. Nothing is left but the pull folder.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "namespaces/images/fetch_error.hpp"
#include "namespaces/images/pull_folder.hpp"
#include "namespaces/images/run_puller.hpp"
#include "pod/image/image_config.hpp"
#include "pod/image/image_manifest.hpp"
#include "pod/image/image_reference.hpp"

namespace podrun::ns {

/// An image as a registry or an archive describes it. Both texts have the digests.
struct DescribedImage {
  std::string index_digest{};  ///< "" if it is in no index
  pod::BlobDescriptor descriptor{};  ///< of the manifest
  std::string manifest_text{}, config_text{};
  pod::ImageManifest manifest{};
  pod::ImageConfigFile config{};

  /// What a tag led to: the digest of the index, or of the manifest.
  const std::string& resolved() const { return index_digest.empty() ? descriptor.digest : index_digest; }
};

/// A repository that a name may mean, and the registries that are asked for it.
struct Repository {
  std::string name;                     ///< "docker.io/library/nginx"
  std::vector<std::string> registries;  ///< "docker.io", and those of mirrors
};

/// What registries.conf(5) makes of a reference: where to look for it, in order.
FetchResult<std::vector<Repository>> repositories_for(const FetchOptions& options,
                                                      const pod::ImageReference& reference);

/// Where an image is fetched from.
struct RemoteImage {
  pod::ImageReference reference;  ///< with the repository to ask
  int credentials = -1;           ///< credentials_file()
};

/// Fetches the manifest, that of the platform if there is a list: all but the config. It asks the registry again
/// each time: what it says is what the tag leads to now.
FetchResult<DescribedImage> fetch_manifest(const FetchOptions& options, const RemoteImage& from);

/// Fetches the config.
FetchResult<> fetch_config(const FetchOptions& options, const RemoteImage& from, DescribedImage& image);

/// The state of one layer while an image is fetched.
struct LayerProgress {
  std::string digest;
  std::uint64_t size = 0, arrived = 0;
  bool is_here = false;      ///< it was in the store
  bool is_complete = false;  ///< its blob is in the pull folder
};
using OnProgress = std::function<void(std::span<const LayerProgress>)>;

/// Fetches the blobs of the layers, but for those that are here. policy.json is obeyed, also if all are here.
FetchResult<> fetch_layers(const FetchOptions& options, const RemoteImage& from, const DescribedImage& image,
                           const std::vector<bool>& is_here, const PullFolder& folder, const OnProgress& on_progress);

/// Checks config and manifest against each other and against the platform, and fills the config in.
FetchResult<> describe_config(const FetchOptions& options, std::string text, DescribedImage& image);

}  // namespace podrun::ns
