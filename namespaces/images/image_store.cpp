// Finding and listing what is in the image store.
#include "namespaces/images/image_store.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include <fmt/format.h>

#include "namespaces/images/store_records.hpp"
#include "pod/image/digest.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::ns {
namespace {

/// The manifest to which a digest leads that is none of a record: that of an index, which a tag led to.
std::string manifest_resolved_from(const StoreFolders& folders, const std::string& digest) {
  for (const StoredName& name : read_names(folders))
    if (name.resolved == digest) return name.manifest;
  return "";
}

/// Finds an image by the digest of its manifest, or of the index that it came from.
Result<FoundImage> find_digest(const StoreFolders& folders, const std::string& digest) {
  FoundImage found = TRY(hold_image(folders, digest));
  if (found.image || !found.damage.empty()) return found;
  const std::string manifest = manifest_resolved_from(folders, digest);
  return manifest.empty() ? FoundImage{} : TRY(hold_image(folders, manifest));
}

/// FNV-1a: in which place of the file `work` the lock of a key is. Below 2^62, as offsets have a sign.
off_t place_of(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<off_t>(hash >> 2);
}

/// The order of a list: by the first name, those without one at the end, by their ids.
bool comes_before(const ListedImage& a, const ListedImage& b) {
  if (a.names.empty() != b.names.empty()) return b.names.empty();
  return a.names.empty() ? a.summary.id < b.summary.id : a.names.front() < b.names.front();
}

}  // namespace

std::string ImageStore::layer_path(std::string_view diff_id) const {
  return fmt::format("{}/layers/{}/fs", path_, pod::hex_of(diff_id));
}

Result<FoundImage> ImageStore::find(const pod::ImageReference& reference) const {
  const auto folders = TRY(open_store_folders(path_));
  if (!folders) return FoundImage{};
  const Fd lock = TRY(lock_store(*folders, StoreAccess::Read));
  FoundImage first_damaged;
  for (const std::string& canonical : names_to_look_for(reference)) {
    const auto name = TRY(read_name(*folders, canonical));
    if (!name) continue;
    FoundImage found = TRY(hold_image(*folders, name->manifest));
    if (found.image) return found;
    if (found.damage.empty()) found.damage = "its record is missing";
    if (first_damaged.damage.empty()) first_damaged = std::move(found);
  }
  if (first_damaged.damage.empty() && !reference.digest.empty()) return find_digest(*folders, reference.digest);
  return first_damaged;
}

Result<FoundImage> ImageStore::find_id(std::string_view beginning) const {
  constexpr std::string_view prefix = "sha256:";
  if (beginning.starts_with(prefix)) beginning.remove_prefix(prefix.size());
  const auto folders = TRY(open_store_folders(path_));
  if (!folders || beginning.empty() || !pod::is_hex(beginning)) return FoundImage{};
  const Fd lock = TRY(lock_store(*folders, StoreAccess::Read));
  std::string manifest;
  std::vector<std::string> ids;
  for (const std::string& digest : recorded_images(*folders)) {
    const auto record = open_record(*folders, digest);
    const auto summary = record ? read_summary(*record, digest) : std::unexpected(record.error());
    if (!summary || !pod::hex_of(summary->id).starts_with(beginning)) continue;
    manifest = digest;
    if (std::ranges::find(ids, summary->id) == ids.end()) ids.push_back(summary->id);
  }
  if (ids.size() > 1)
    return fail(fmt::format("several images have an id that begins with {}: {}", beginning, pod::joined(ids, ", ")),
                EEXIST);
  return manifest.empty() ? FoundImage{} : TRY(hold_image(*folders, manifest));
}

Result<std::vector<ListedImage>> ImageStore::list() const {
  std::vector<ListedImage> images;
  const auto folders = TRY(open_store_folders(path_));
  if (!folders) return images;
  const Fd lock = TRY(lock_store(*folders, StoreAccess::Read));
  std::map<std::string, std::vector<std::string>, std::less<>> names;
  for (StoredName& name : read_names(*folders)) names[name.manifest].push_back(std::move(name.canonical));
  LayersThere layers(*folders);
  for (const std::string& digest : recorded_images(*folders)) {
    const auto record = open_record(*folders, digest);
    auto summary = record ? read_summary(*record, digest) : std::unexpected(record.error());
    ListedImage image{.summary = {}, .names = std::move(names[digest])};
    if (summary) {
      image.summary = std::move(*summary);
      image.is_held = is_held(*record);
      if (const std::string missing = layers.missing_of(image.summary); !missing.empty())
        image.damage = fmt::format("its layer {} is missing or damaged", missing);
    } else {
      image.summary.manifest_digest = digest;
      image.damage = summary.error().message;
    }
    images.push_back(std::move(image));
  }
  std::ranges::sort(images, comes_before);
  return images;
}

Result<std::optional<HeldLayer>> ImageStore::hold_layer(const std::string& diff_id) const {
  const auto folders = TRY(open_store_folders(path_));
  if (!folders || !pod::is_digest(diff_id)) return std::nullopt;
  const Fd lock = TRY(lock_store(*folders, StoreAccess::Read));
  return ns::hold_layer(*folders, diff_id);
}

Result<std::optional<Fd>> ImageStore::lock_work(std::string_view key, Waiting waiting) const {
  const StoreFolders folders = TRY(make_store_folders(path_));
  Fd file = TRY(open_lock_file(folders, "work"));
  struct flock place {};
  place.l_type = F_WRLCK;
  place.l_whence = SEEK_SET;
  place.l_start = place_of(key);
  place.l_len = 1;
  while (::fcntl(file.get(), waiting == Waiting::Yes ? F_OFD_SETLKW : F_OFD_SETLK, &place) < 0) {
    if (waiting == Waiting::No && (errno == EAGAIN || errno == EACCES)) return std::nullopt;
    if (errno != EINTR) return fail_system(path_ + "/work");
  }
  return file;
}

Result<Staging> ImageStore::stage() const {
  const StoreFolders folders = TRY(make_store_folders(path_));
  (void)sweep_staging(folders);  // what it cannot remove now it tries to remove the next time
  const Fd lock = TRY(lock_store(folders, StoreAccess::Read));
  return make_staging(folders);
}

}  // namespace podrun::ns
