// The image store: layers, images and their names, shared by all pods. store_folders.hpp draws it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/images/staging.hpp"
#include "namespaces/images/store_folders.hpp"
#include "namespaces/kernel/fd.hpp"
#include "pod/image/image_record.hpp"
#include "pod/image/image_reference.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// An image of the store. Nobody removes it while the lock is open in any process.
struct HeldImage {
  pod::ImageRecord record;
  /// The absolute paths of the layers' roots, the uppermost first. A layer that the image has twice is there once,
  /// where it is uppermost: it hides all that it has further below, and overlayfs refuses the same root twice.
  std::vector<std::string> layers;
  Fd lock;  ///< a shared flock(2)
};

/// A layer of the store. Nobody removes it while the lock is open: who makes an image of it counts on it.
struct HeldLayer {
  pod::LayerMeta meta;
  std::string path;  ///< the absolute path of its root
  Fd lock;           ///< a shared flock(2)
};

/// The answer to the question for an image.
struct FoundImage {
  std::optional<HeldImage> image;
  std::string damage = {};  ///< why the image of that name in the store cannot be used; it is to be pulled again
};

/// An image in the list of all.
struct ListedImage {
  pod::ImageSummary summary;
  std::vector<std::string> names;  ///< canonical references, in alphabetical order; none: only its id leads to it
  bool is_held = false;            ///< somebody has its lock
  std::string damage = {};         ///< why it cannot be used; "" if it can
};

/// A layer that was unpacked: a folder in a Staging, whose folder `fs` is the layer's root with its owner and mode.
struct NewLayer {
  std::string folder;
  pod::LayerMeta meta;
};

/// A name for an image.
struct NewName {
  std::string canonical;  ///< ImageReference::canonical()
  std::string resolved =
      {};  ///< the digest to which the registry's tag led: that of an index or of the manifest; or ""
};

/// Whether a caller waits for others.
enum class Waiting { Yes, No };

/// What prune() removes.
enum class PruneScope {
  Unnamed,  ///< images that no name leads to
  Unused,   ///< all images that nobody holds
};

/// What was removed, or would be.
struct Pruned {
  std::vector<ListedImage> images;
  std::uint64_t layers = 0;  ///< their number
  std::uint64_t bytes = 0;   ///< of their files
};

/// What verify() has found.
struct Verified {
  std::uint64_t images = 0, layers = 0, bytes = 0;
  std::vector<std::string> faults;  ///< sentences
};

/// The store in one folder, which it makes when something is stored. It keeps nothing in memory: each call looks at the
/// disk. All functions may wait for the store's lock, which others hold for milliseconds; those that are said to take
/// longer are for a short-lived process, not for an event loop.
class ImageStore {
 public:
  /// `path` is absolute: Layout::image_store().
  explicit ImageStore(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// Where the root of a layer is, if it is there.
  std::string layer_path(std::string_view diff_id) const;

  /// Finds an image by its name, or by a digest: that of its manifest, or that to which a tag of that repository led.
  Result<FoundImage> find(const pod::ImageReference& reference) const;
  /// Finds an image by its id, the digest of its config: whole, or the first digits, with or without "sha256:". EEXIST:
  /// several begin so, and the message lists them.
  Result<FoundImage> find_id(std::string_view beginning) const;
  /// All images, in the order of their first names; those without a name come last.
  Result<std::vector<ListedImage>> list() const;

  /// Finds a layer. Empty: it is not there, or it is damaged.
  Result<std::optional<HeldLayer>> hold_layer(const std::string& diff_id) const;

  /// The lock of a piece of work, so that it is done once: `key` is a canonical reference, or the digest of a manifest
  /// or of a layer. Who has waited for it looks first whether the work is done. Empty: another has it, and the caller
  /// does not wait. It ends with the descriptor. Two keys may share a lock; who takes several takes a reference, then a
  /// manifest, then layers one at a time.
  Result<std::optional<Fd>> lock_work(std::string_view key, Waiting waiting) const;

  /// A folder to make layers in. It first removes what killed makers have left, which may take long.
  Result<Staging> stage() const;

  /// Moves layers from their staging folder into the store, when all their bytes are on the disk (syncfs(2), which may
  /// take long). One that is there already is left in staging. The result has them in the same order.
  Result<std::vector<HeldLayer>> commit_layers(const Staging& staging, std::span<const NewLayer> layers) const;

  /// Stores an image and its names, and holds it. Its layers are there and held by the caller: ENOENT if one is not.
  /// A name that another image has becomes this one's.
  Result<HeldImage> commit_image(const Staging& staging, const pod::ImageRecord& record,
                                 std::span<const NewName> names) const;

  /// Gives an image of the store another name.
  Result<> tag(const HeldImage& image, const NewName& name) const;

  /// Removes a name; with its last one the image goes, too, and then layers as prune() says. ENOENT: there is no such
  /// name. EBUSY: it is the last one of an image that somebody holds.
  Result<Pruned> remove_name(const std::string& canonical) const;

  /// Removes the images of a scope that nobody holds, and all layers that no image has and nobody holds. It may take
  /// long. With `dry_run` it only says what it would remove.
  Result<Pruned> prune(PruneScope scope, bool dry_run = false) const;
  /// Likewise for one image, by the digest of its manifest, with its names. EBUSY: somebody holds it. ENOENT: there is
  /// none.
  Result<Pruned> remove_image(const std::string& manifest_digest) const;

  /// Looks at everything: whether each record has its digests, and each layer is as it was unpacked. A layer that is
  /// not is put out of use, so that its images are pulled again. It reads all files, in as many processes as there are
  /// processors, and takes long.
  Result<Verified> verify() const;

 private:
  std::string path_;
};

}  // namespace podrun::ns
