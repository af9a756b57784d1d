// What no name leads to and nobody holds is removed from the image store: names, then records, then layers. Their bytes
// go when nobody waits for the lock any more.
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include <fmt/format.h>

#include "namespaces/images/image_store.hpp"
#include "namespaces/images/store_records.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "pod/image/digest.hpp"

namespace podrun::ns {
namespace {

/// An image of the store as prune sees it.
struct Candidate {
  ListedImage image;
  bool is_going = false;
};

std::vector<Candidate> candidates(const StoreFolders& folders, const std::vector<StoredName>& names) {
  std::vector<Candidate> all;
  for (const std::string& manifest : recorded_images(folders)) {
    Candidate& each = all.emplace_back();
    for (const StoredName& name : names)
      if (name.manifest == manifest) each.image.names.push_back(name.canonical);
    const auto record = open_record(folders, manifest);
    if (!record) continue;
    auto summary = read_summary(*record, manifest);
    each.image.is_held = is_held(*record);
    if (summary)
      each.image.summary = std::move(*summary);
    else
      each.image.damage = summary.error().message;
    each.image.summary.manifest_digest = manifest;
  }
  return all;
}

Result<> remove_file(const Fd& folder, const std::string& name, const std::string& path) {
  if (::unlinkat(folder.get(), name.c_str(), 0) < 0 && errno != ENOENT) return fail_system(path);
  return {};
}

/// Removes records with their names. Each step is on the disk before the next.
Result<> remove_records(const StoreFolders& folders, const std::vector<Candidate>& all) {
  for (const Candidate& each : all)
    for (const std::string& name : each.is_going ? each.image.names : std::vector<std::string>{}) {
      const std::string file = pod::file_name_of_reference(name);
      TRY_VOID(remove_file(folders.names, file, folders.path_of("names", file)));
    }
  TRY_VOID(sync_folder(folders.names, folders.path + "/names"));
  for (const Candidate& each : all) {
    if (!each.is_going) continue;
    const std::string hex(pod::hex_of(each.image.summary.manifest_digest));
    TRY_VOID(remove_file(folders.images, hex, folders.path_of("images", hex)));
  }
  return sync_folder(folders.images, folders.path + "/images");
}

/// The layers of the images that stay.
std::set<std::string, std::less<>> used_layers(const std::vector<Candidate>& all) {
  std::set<std::string, std::less<>> used;
  for (const Candidate& each : all)
    if (!each.is_going)
      for (const auto& layer : each.image.summary.layers) used.insert(layer.diff_id);
  return used;
}

/// A layer that nobody needs: its folder's name and the bytes of its files.
struct UnusedLayer {
  std::string hex;
  std::uint64_t bytes = 0;
};

std::vector<UnusedLayer> unused_layers(const StoreFolders& folders, const std::vector<Candidate>& all) {
  const auto used = used_layers(all);
  std::vector<UnusedLayer> unused;
  for (const std::string& hex : names_in(Fd(::openat(folders.layers.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)))) {
    const std::string diff_id = "sha256:" + hex;
    if (used.contains(diff_id)) continue;
    const auto file = open_layer(folders, diff_id);
    if (file && is_held(*file)) continue;
    const auto layer = hold_layer(folders, diff_id);
    unused.push_back({.hex = hex, .bytes = layer && *layer ? (*layer)->meta.size : 0});
  }
  return unused;
}

/// Whether an image with an unreadable record may have any layer.
bool has_unknown_layers(const std::vector<Candidate>& all) {
  return std::ranges::any_of(all, [](const Candidate& each) { return !each.is_going && !each.image.damage.empty(); });
}

/// Removes what is going, and all layers that are then unused. Ends the lock before it removes their bytes.
Result<Pruned> remove_going(const StoreFolders& folders, Fd lock, const std::vector<Candidate>& all, bool dry_run) {
  const auto layers = has_unknown_layers(all) ? std::vector<UnusedLayer>{} : unused_layers(folders, all);
  Pruned pruned{.images = {}, .layers = layers.size()};
  for (const UnusedLayer& layer : layers) pruned.bytes += layer.bytes;
  for (const Candidate& each : all)
    if (each.is_going) pruned.images.push_back(each.image);
  if (dry_run) return pruned;
  TRY_VOID(remove_records(folders, all));
  Staging gone = TRY(make_staging(folders));
  for (const UnusedLayer& layer : layers)
    if (::renameat(folders.layers.get(), layer.hex.c_str(), gone.directory(), layer.hex.c_str()) < 0)
      return fail_system(folders.path_of("layers", layer.hex));
  lock.reset();
  TRY_VOID(gone.remove());
  TRY_VOID(sweep_staging(folders));
  return pruned;
}

/// Removes one image of the candidates.
Result<Pruned> remove_one(const StoreFolders& folders, Fd lock, std::vector<Candidate> all,
                          const std::string& manifest) {
  const auto image =
      std::ranges::find_if(all, [&](const Candidate& each) { return each.image.summary.manifest_digest == manifest; });
  if (image == all.end()) return fail("there is no image " + manifest, ENOENT);
  if (image->image.is_held) return fail("the image is in use", EBUSY);
  image->is_going = true;
  return remove_going(folders, std::move(lock), all, false);
}

}  // namespace

Result<Pruned> ImageStore::prune(PruneScope scope, bool dry_run) const {
  const auto folders = TRY(open_store_folders(path_));
  if (!folders) return Pruned{};
  Fd lock = TRY(lock_store(*folders, StoreAccess::Write));
  std::vector<Candidate> all = candidates(*folders, read_names(*folders));
  for (Candidate& each : all) {
    // A record that is not readable is of no use, whatever its name.
    const bool is_wanted = scope == PruneScope::Unnamed && !each.image.names.empty() && each.image.damage.empty();
    each.is_going = !each.image.is_held && !is_wanted;
  }
  return remove_going(*folders, std::move(lock), all, dry_run);
}

Result<Pruned> ImageStore::remove_image(const std::string& manifest_digest) const {
  const auto folders = TRY(open_store_folders(path_));
  if (!folders) return fail("there is no image " + manifest_digest, ENOENT);
  Fd lock = TRY(lock_store(*folders, StoreAccess::Write));
  std::vector<Candidate> all = candidates(*folders, read_names(*folders));
  return remove_one(*folders, std::move(lock), std::move(all), manifest_digest);
}

Result<Pruned> ImageStore::remove_name(const std::string& canonical) const {
  const auto folders = TRY(open_store_folders(path_));
  if (!folders) return fail("there is no image " + canonical, ENOENT);
  Fd lock = TRY(lock_store(*folders, StoreAccess::Write));
  const std::vector<StoredName> names = read_names(*folders);
  const auto name = std::ranges::find(names, canonical, &StoredName::canonical);
  if (name == names.end()) return fail("there is no image " + canonical, ENOENT);
  std::vector<Candidate> all = candidates(*folders, names);
  const bool is_last = std::ranges::count(names, name->manifest, &StoredName::manifest) == 1;
  const bool has_image = std::ranges::any_of(
      all, [&](const Candidate& each) { return each.image.summary.manifest_digest == name->manifest; });
  if (is_last && has_image) return remove_one(*folders, std::move(lock), std::move(all), name->manifest);
  const std::string file = pod::file_name_of_reference(canonical);
  TRY_VOID(remove_file(folders->names, file, folders->path_of("names", file)));
  TRY_VOID(sync_folder(folders->names, path_ + "/names"));
  return Pruned{};
}

}  // namespace podrun::ns
