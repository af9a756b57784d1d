// The files of the image store: names, records and layers. The caller has locked the store.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/images/image_store.hpp"
#include "namespaces/images/store_folders.hpp"
#include "pod/image/image_record.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A file of names/: to which manifest a name leads, and to which digest the registry's tag led.
struct StoredName {
  std::string canonical, manifest, resolved;
};

/// The text of such a file.
std::string to_text(const NewName& name, const std::string& manifest);

/// Reads one. Empty: there is none, or it is not readable.
Result<std::optional<StoredName>> read_name(const StoreFolders& folders, const std::string& canonical);
/// Reads all that are readable, in alphabetical order.
std::vector<StoredName> read_names(const StoreFolders& folders);

/// The digests of all records.
std::vector<std::string> recorded_images(const StoreFolders& folders);
/// Opens a record. ENOENT: there is none.
Result<Fd> open_record(const StoreFolders& folders, const std::string& manifest);
/// Reads the lines of an open record.
Result<pod::ImageSummary> read_summary(const Fd& record, const std::string& manifest);
/// Takes the shared lock of an image and reads it.
Result<FoundImage> hold_image(const StoreFolders& folders, const std::string& manifest);

/// Whether somebody has the lock of what is open.
bool is_held(const Fd& file);

/// Which layers are there. It looks at each only once.
class LayersThere {
 public:
  explicit LayersThere(const StoreFolders& folders) : folders_(folders) {}
  /// The first layer of an image that is missing or damaged; "" if all are there.
  std::string missing_of(const pod::ImageSummary& image);

 private:
  const StoreFolders& folders_;
  std::set<std::string, std::less<>> there_;
};

/// Opens meta.json of a layer. ENOENT: the layer is not there, or it is damaged.
Result<Fd> open_layer(const StoreFolders& folders, std::string_view diff_id);
/// Reads it and takes its shared lock. Empty: it is not there, or not readable.
Result<std::optional<HeldLayer>> hold_layer(const StoreFolders& folders, const std::string& diff_id);

/// The root of a layer.
std::string layer_root(const StoreFolders& folders, std::string_view diff_id);

}  // namespace podrun::ns
