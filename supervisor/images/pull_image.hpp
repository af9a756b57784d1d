// Brings an image from a registry into the store. It takes as long as the registry does, and so is for a process that
// does nothing else: a verb's own, or, for a pod, that of start_pull().
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "namespaces/images/fetch_image.hpp"
#include "namespaces/images/image_store.hpp"
#include "pod/image/registry_login.hpp"
#include "pod/spec/policies.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// What fetches and stores.
struct ImageTools {
  ns::FetchOptions fetch;           ///< with podrun-puller
  int unpacker = -1;                ///< podrun-unpacker, from open_program()
  std::function<WallTime()> clock;  ///< when the image came
};

/// What is pulled.
struct PullRequest {
  pod::ImageReference reference;
  pod::PullPolicy policy = pod::PullPolicy::IfNotPresent;
  /// Credentials in the order in which they are tried, from the first source to the last: imagePullSecrets, then the
  /// host's. With none that fits the registry is asked without.
  std::vector<std::vector<pod::RegistryLogin>> logins{};
};

/// What a pull tells while it runs.
struct PullObserver {
  std::function<void(const std::string& name)> asks{};  ///< it asks the registry for this canonical name
  std::function<void(const ns::DescribedImage& image)> found{};
  ns::OnProgress layers{};
};

/// An image that is in the store now.
struct PulledImage {
  ns::HeldImage image;
  std::string name;      ///< the canonical reference that leads to it
  bool was_here = false;  ///< nothing was fetched but, for the policy Always, its manifest
  std::vector<std::string> notes{};  ///< what was left out of its layers
};

/// Pulls an image by its policy. Of several that pull the same image at once, one does the work. If this process is
/// killed the store is whole.
ns::FetchResult<PulledImage> pull_image(const ns::ImageStore& store, const ImageTools& tools,
                                        const PullRequest& request, const PullObserver& observer = {});

/// Moves what was fetched or loaded into the store. `work` has finished.
class LayerWork;
ns::FetchResult<ns::HeldImage> store_image(const ns::ImageStore& store, const ImageTools& tools,
                                           const ns::Staging& staging, const ns::DescribedImage& image,
                                           const LayerWork& work, const std::vector<std::string>& names);

}  // namespace podrun::supervisor
