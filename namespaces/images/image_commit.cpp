// What is complete comes from staging into the store.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "namespaces/images/image_store.hpp"
#include "namespaces/images/store_records.hpp"
#include "pod/image/digest.hpp"

namespace podrun::ns {
namespace {

constexpr const char *meta_name = "meta.json", *record_name = "record";

/// Moves what is at `name` of a directory to a place that nobody has.
Result<> move_to_new(int from, const std::string& name, const Fd& to, const std::string& new_name,
                     const std::string& path) {
  if (::renameat2(from, name.c_str(), to.get(), new_name.c_str(), RENAME_NOREPLACE) < 0) return fail_system(path);
  return {};
}

/// Whether anybody holds an image that has a layer.
Result<> check_nobody_uses(const StoreFolders& folders, const std::string& diff_id) {
  for (const std::string& manifest : recorded_images(folders)) {
    const auto record = open_record(folders, manifest);
    const auto summary = record ? read_summary(*record, manifest) : std::unexpected(record.error());
    if (!summary || !is_held(*record)) continue;
    for (const auto& layer : summary->layers)
      if (layer.diff_id == diff_id)
        return fail(fmt::format("layer {} is damaged, and a running pod uses it: stop the pods of image {} first",
                                diff_id, summary->id),
                    EBUSY);
  }
  return {};
}

/// Moves a layer into the store. One that is there already and whole stays; a damaged one is moved to staging.
Result<> place_layer(const StoreFolders& folders, const Staging& staging, const NewLayer& layer) {
  const std::string hex(pod::hex_of(layer.meta.diff_id)), path = folders.path_of("layers", hex);
  auto moved = move_to_new(staging.directory(), layer.folder, folders.layers, hex, path);
  if (moved || moved.error().number != EEXIST) return moved;
  if (TRY(hold_layer(folders, layer.meta.diff_id))) return {};
  TRY_VOID(check_nobody_uses(folders, layer.meta.diff_id));
  if (::renameat2(staging.directory(), layer.folder.c_str(), folders.layers.get(), hex.c_str(), RENAME_EXCHANGE) < 0)
    return fail_system(path);
  return {};
}

/// Writes meta.json into a layer's folder, and gives the folder its mode.
Result<> finish_layer(const Staging& staging, const NewLayer& layer) {
  const std::string path = fmt::format("{}/{}", staging.path(), layer.folder);
  const Fd folder(::openat(staging.directory(), layer.folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || ::fchmod(folder.get(), 0700) < 0 || ::fchown(folder.get(), 0, 0) < 0) return fail_system(path);
  return write_durably(folder.get(), meta_name, to_json(layer.meta), path + "/meta.json");
}

/// Renames a file of staging over the name's. The file is on the disk already.
Result<> place_name(const StoreFolders& folders, const Staging& staging, const std::string& from,
                    const std::string& canonical) {
  const std::string file = pod::file_name_of_reference(canonical);
  if (::renameat(staging.directory(), from.c_str(), folders.names.get(), file.c_str()) < 0)
    return fail_system(folders.path_of("names", file));
  return {};
}

std::string staged_name(std::size_t index) {
  return fmt::format("name-{}", index);
}

/// Writes a file of a staging folder. One that an earlier commit has left there is replaced.
Result<> write_staged(const Staging& staging, const std::string& name, std::string_view text) {
  ::unlinkat(staging.directory(), name.c_str(), 0);
  return write_durably(staging.directory(), name, text, fmt::format("{}/{}", staging.path(), name));
}

Result<> write_names(const Staging& staging, std::span<const NewName> names, const std::string& manifest) {
  for (std::size_t i = 0; i < names.size(); ++i)
    TRY_VOID(write_staged(staging, staged_name(i), to_text(names[i], manifest)));
  return {};
}

Result<> place_names(const StoreFolders& folders, const Staging& staging, std::span<const NewName> names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    TRY_VOID(place_name(folders, staging, staged_name(i), names[i].canonical));
  return sync_folder(folders.names, folders.path + "/names");
}

/// Stores a record unless the same is there. One that is not readable is replaced.
Result<> place_record(const StoreFolders& folders, const Staging& staging, const std::string& manifest) {
  const std::string hex(pod::hex_of(manifest)), path = folders.path_of("images", hex);
  auto moved = move_to_new(staging.directory(), record_name, folders.images, hex, path);
  if (!moved && moved.error().number != EEXIST) return moved;
  if (!moved) {
    const FoundImage there = TRY(hold_image(folders, manifest));
    if (!there.image && ::renameat(staging.directory(), record_name, folders.images.get(), hex.c_str()) < 0)
      return fail_system(path);
  }
  return sync_folder(folders.images, folders.path + "/images");
}

}  // namespace

Result<std::vector<HeldLayer>> ImageStore::commit_layers(const Staging& staging,
                                                         std::span<const NewLayer> layers) const {
  const StoreFolders folders = TRY(make_store_folders(path_));
  for (const NewLayer& layer : layers) TRY_VOID(finish_layer(staging, layer));
  // The descriptor is as old as the staging folder: it reports each write since then that failed.
  if (::syncfs(staging.directory()) < 0) return fail_system(path_);
  const Fd lock = TRY(lock_store(folders, StoreAccess::Write));
  for (const NewLayer& layer : layers) TRY_VOID(place_layer(folders, staging, layer));
  TRY_VOID(sync_folder(folders.layers, path_ + "/layers"));
  std::vector<HeldLayer> held;
  for (const NewLayer& layer : layers) {
    auto one = TRY(ns::hold_layer(folders, layer.meta.diff_id));
    if (!one) return fail_system(layer_root(folders, layer.meta.diff_id), ENOENT);
    held.push_back(std::move(*one));
  }
  return held;
}

Result<HeldImage> ImageStore::commit_image(const Staging& staging, const pod::ImageRecord& record,
                                           std::span<const NewName> names) const {
  const StoreFolders folders = TRY(make_store_folders(path_));
  const std::string& manifest = record.summary.manifest_digest;
  TRY_VOID(pod::check_digests(record));
  TRY_VOID(write_staged(staging, record_name, to_text(record)));
  TRY_VOID(write_names(staging, names, manifest));
  const Fd lock = TRY(lock_store(folders, StoreAccess::Write));
  if (const std::string missing = LayersThere(folders).missing_of(record.summary); !missing.empty())
    return fail(fmt::format("{} is not there", layer_root(folders, missing)), ENOENT);
  TRY_VOID(place_record(folders, staging, manifest));
  TRY_VOID(place_names(folders, staging, names));
  FoundImage found = TRY(hold_image(folders, manifest));
  if (!found.image) return fail(fmt::format("image {}: {}", manifest, found.damage), ENOENT);
  return std::move(*found.image);
}

Result<> ImageStore::tag(const HeldImage& image, const NewName& name) const {
  const StoreFolders folders = TRY(make_store_folders(path_));
  const Fd lock = TRY(lock_store(folders, StoreAccess::Write));
  const Staging staging = TRY(make_staging(folders));
  const NewName names[]{name};
  TRY_VOID(write_names(staging, names, image.record.summary.manifest_digest));
  return place_names(folders, staging, names);
}

}  // namespace podrun::ns
