// The files of the image store.
#include "namespaces/images/store_records.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ranges>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "pod/image/digest.hpp"
#include "pod/image/image_manifest.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t longest_name_file = 1024, longest_meta = 4096;
/// The lines of a record with most layers, and both of its texts.
constexpr std::size_t longest_lines = 64 << 10,
                      longest_record = longest_lines + pod::longest_manifest + pod::longest_image_config;
/// What a list reads of a record first: enough for some ten layers.
constexpr std::size_t usual_lines = 4096;

std::string digest_of_hex(std::string_view hex) {
  return "sha256:" + std::string(hex);
}

std::string meta_of(std::string_view diff_id) {
  return std::string(pod::hex_of(diff_id)) + "/meta.json";
}

Fd reopened(const Fd& folder) {
  return Fd(::openat(folder.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Result<> take_shared_lock(const Fd& file, const std::string& path) {
  while (::flock(file.get(), LOCK_SH) < 0)
    if (errno != EINTR) return fail_system(path);
  return {};
}

/// The two digests of a file of names/.
std::optional<StoredName> parse_name(const std::string& canonical, std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == text.npos) return {};
  text = text.substr(0, end);
  const std::size_t space = text.find(' ');
  StoredName name{.canonical = canonical,
                  .manifest = std::string(text.substr(0, space)),
                  .resolved = space == text.npos ? "" : std::string(text.substr(space + 1))};
  if (!pod::is_digest(name.manifest)) return {};
  return name;
}

}  // namespace

std::string to_text(const NewName& name, const std::string& manifest) {
  return manifest + (name.resolved.empty() ? "" : " " + name.resolved) + "\n";
}

Result<std::optional<StoredName>> read_name(const StoreFolders& folders, const std::string& canonical) {
  const std::string file = pod::file_name_of_reference(canonical);
  const auto text = read_in(folders.names, file, folders.path_of("names", file), longest_name_file);
  if (!text && text.error().number == ENOENT) return std::nullopt;
  if (!text) return std::unexpected(text.error());
  return parse_name(canonical, *text);
}

std::vector<StoredName> read_names(const StoreFolders& folders) {
  std::vector<StoredName> names;
  for (const std::string& file : names_in(reopened(folders.names))) {
    const std::string canonical = pod::reference_of_file_name(file);
    if (canonical.empty()) continue;
    // There may be thousands of them: each is read by one call.
    const Fd opened(::openat(folders.names.get(), file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    std::array<char, longest_name_file> text{};
    const ssize_t length = opened ? ::read(opened.get(), text.data(), text.size()) : -1;
    if (length <= 0) continue;
    if (auto name = parse_name(canonical, {text.data(), static_cast<std::size_t>(length)}))
      names.push_back(std::move(*name));
  }
  std::ranges::sort(names, {}, &StoredName::canonical);
  return names;
}

std::vector<std::string> recorded_images(const StoreFolders& folders) {
  std::vector<std::string> digests;
  for (const std::string& hex : names_in(reopened(folders.images)))
    if (std::string digest = digest_of_hex(hex); pod::is_digest(digest)) digests.push_back(std::move(digest));
  std::ranges::sort(digests);
  return digests;
}

Result<Fd> open_record(const StoreFolders& folders, const std::string& manifest) {
  const std::string name(pod::hex_of(manifest));
  Fd file(::openat(folders.images.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return fail_system(folders.path_of("images", name));
  return file;
}

Result<pod::ImageSummary> read_summary(const Fd& record, const std::string& manifest) {
  std::string text(usual_lines, '\0');
  for (;;) {
    const ssize_t length = ::pread(record.get(), text.data(), text.size(), 0);
    if (length < 0) return fail_system(manifest);
    auto summary = pod::parse_image_summary(std::string_view(text).substr(0, static_cast<std::size_t>(length)));
    if (summary && summary->manifest_digest != manifest) return fail("image record: it is another image's", EBADMSG);
    const bool is_longer = !summary && summary.error().number == ENODATA && text.size() < longest_lines &&
                           static_cast<std::size_t>(length) == text.size();
    if (!is_longer) return summary;
    text.resize(longest_lines);
  }
}

Result<FoundImage> hold_image(const StoreFolders& folders, const std::string& manifest) {
  auto file = open_record(folders, manifest);
  if (!file && file.error().number == ENOENT) return FoundImage{};
  if (!file) return std::unexpected(file.error());
  const std::string path = folders.path_of("images", pod::hex_of(manifest));
  TRY_VOID(take_shared_lock(*file, path));
  auto record = pod::parse_image_record(TRY(read_all(file->get(), path, longest_record)));
  if (!record) return FoundImage{.image = {}, .damage = record.error().message};
  if (record->summary.manifest_digest != manifest)
    return FoundImage{.image = {}, .damage = "image record: it is another image's"};
  if (const std::string missing = LayersThere(folders).missing_of(record->summary); !missing.empty())
    return FoundImage{.image = {}, .damage = fmt::format("its layer {} is missing or damaged", missing)};
  HeldImage image{.record = std::move(*record), .layers = {}, .lock = std::move(*file)};
  for (const auto& layer : image.record.summary.layers | std::views::reverse)
    if (std::string root = layer_root(folders, layer.diff_id); std::ranges::count(image.layers, root) == 0)
      image.layers.push_back(std::move(root));
  return FoundImage{.image = std::move(image)};
}

bool is_held(const Fd& file) {
  if (::flock(file.get(), LOCK_EX | LOCK_NB) < 0) return true;
  ::flock(file.get(), LOCK_UN);
  return false;
}

std::string LayersThere::missing_of(const pod::ImageSummary& image) {
  for (const auto& layer : image.layers) {
    if (there_.contains(layer.diff_id)) continue;
    if (::faccessat(folders_.layers.get(), meta_of(layer.diff_id).c_str(), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
      return layer.diff_id;
    there_.insert(layer.diff_id);
  }
  return "";
}

Result<Fd> open_layer(const StoreFolders& folders, std::string_view diff_id) {
  Fd file(::openat(folders.layers.get(), meta_of(diff_id).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return fail_system(folders.path_of("layers", meta_of(diff_id)));
  return file;
}

Result<std::optional<HeldLayer>> hold_layer(const StoreFolders& folders, const std::string& diff_id) {
  auto file = open_layer(folders, diff_id);
  if (!file && file.error().number == ENOENT) return std::nullopt;
  if (!file) return std::unexpected(file.error());
  const std::string path = folders.path_of("layers", meta_of(diff_id));
  TRY_VOID(take_shared_lock(*file, path));
  auto meta = pod::parse_layer_meta(TRY(read_all(file->get(), path, longest_meta)));
  if (!meta || meta->diff_id != diff_id) return std::nullopt;
  return HeldLayer{.meta = std::move(*meta), .path = layer_root(folders, diff_id), .lock = std::move(*file)};
}

std::string layer_root(const StoreFolders& folders, std::string_view diff_id) {
  return folders.path_of("layers", pod::hex_of(diff_id)) + "/fs";
}

}  // namespace podrun::ns
