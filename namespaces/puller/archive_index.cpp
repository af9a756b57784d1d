// Looks into an archive. libarchive reads it: the process is confined, and the archive is hostile.
#include "namespaces/puller/archive_index.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "namespaces/kernel/files.hpp"
#include "namespaces/puller/puller_protocol.hpp"
#include "pod/json/json.hpp"
#include "pod/json/value.hpp"

namespace podrun::puller {
namespace {

namespace json = pod::json;
using Reader = std::unique_ptr<archive, int (*)(archive*)>;

constexpr std::size_t block_size = 1 << 20, largest_index = 4 << 20, most_images = 1000;

struct Index {
  std::optional<std::string> docker, oci;  ///< manifest.json, index.json
  bool has_layout = false;                 ///< oci-layout
};

std::unexpected<Error> fail_archive(archive* reader) {
  const char* reason = ::archive_error_string(reader);
  return fail("this is no archive that podrun can read: " + std::string(reason != nullptr ? reason : "unknown format"));
}

Result<Reader> open_reader(int file, bool as_bytes) {
  Reader reader(::archive_read_new(), ::archive_read_free);
  if (!reader) return fail("out of memory");
  ::archive_read_support_filter_gzip(reader.get());
  ::archive_read_support_filter_zstd(reader.get());
  ::archive_read_support_filter_xz(reader.get());
  ::archive_read_support_filter_bzip2(reader.get());
  if (as_bytes) ::archive_read_support_format_raw(reader.get());
  else ::archive_read_support_format_tar(reader.get());
  if (::archive_read_open_fd(reader.get(), file, block_size) != ARCHIVE_OK) return fail_archive(reader.get());
  return reader;
}

/// Writes the bytes of a file that may be compressed.
Result<> copy_bytes(int from, int to) {
  const Reader reader = TRY(open_reader(from, true));
  archive_entry* entry = nullptr;
  const int opened = ::archive_read_next_header(reader.get(), &entry);
  if (opened == ARCHIVE_EOF) return fail("the archive is empty");
  if (opened < ARCHIVE_WARN) return fail_archive(reader.get());
  const void* data = nullptr;
  std::size_t length = 0;
  std::int64_t offset = 0;
  for (;;) {
    const int result = ::archive_read_data_block(reader.get(), &data, &length, &offset);
    if (result == ARCHIVE_EOF) return {};
    if (result < ARCHIVE_WARN) return fail_archive(reader.get());
    TRY_VOID(ns::write_all(to, {static_cast<const char*>(data), length}, "the copy of the archive"));
  }
}

Result<std::string> content_of(archive* reader, archive_entry* entry, std::string_view name) {
  const std::int64_t size = ::archive_entry_size(entry);
  if (size < 0 || static_cast<std::size_t>(size) > largest_index)
    return fail(std::string(name) + " in the archive is larger than 4 MiB");
  std::string text(static_cast<std::size_t>(size), '\0');
  const la_ssize_t length = ::archive_read_data(reader, text.data(), text.size());
  if (length < 0 || static_cast<std::size_t>(length) != text.size()) return fail_archive(reader);
  return text;
}

Result<Index> read_index(int file) {
  const Reader reader = TRY(open_reader(file, false));
  Index index;
  for (archive_entry* entry = nullptr;;) {
    const int result = ::archive_read_next_header(reader.get(), &entry);
    if (result == ARCHIVE_EOF) return index;
    if (result < ARCHIVE_WARN) return fail_archive(reader.get());
    const char* path = ::archive_entry_pathname(entry);
    std::string_view name = path != nullptr ? path : "";
    if (name.starts_with("./")) name.remove_prefix(2);
    if (name == "oci-layout") index.has_layout = true;
    if (::archive_entry_filetype(entry) != AE_IFREG) continue;
    if (name == "manifest.json") index.docker = TRY(content_of(reader.get(), entry, name));
    if (name == "index.json") index.oci = TRY(content_of(reader.get(), entry, name));
  }
}

json::Value image(std::size_t number, std::vector<std::string> names) {
  return json::object({{"index", std::uint64_t{number}}, {"names", json::Value(names)}});
}

/// manifest.json of `docker save`: a list of images, each with its RepoTags.
Result<json::Value> docker_images(std::string_view text) {
  const json::Value list = TRY(json::parse(text));
  json::Value images = json::array();
  if (list.items().empty()) return fail("manifest.json in the archive lists no image");
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    if (i == most_images) return fail("the archive has more than 1,000 images");
    std::vector<std::string> names;
    if (const json::Value* tags = list.items()[i].find("RepoTags"))
      for (const json::Value& tag : tags->items())
        if (tag.string() != nullptr) names.push_back(*tag.string());
    images.push_back(image(i, names));
  }
  return images;
}

/// index.json of the OCI image layout: manifests, each with its name in an annotation.
Result<json::Value> oci_images(std::string_view text) {
  const json::Value index = TRY(json::parse(text));
  const json::Value* manifests = index.find("manifests");
  json::Value images = json::array();
  if (manifests == nullptr || manifests->items().empty()) return fail("index.json lists no image");
  for (std::size_t i = 0; i < manifests->items().size(); ++i) {
    if (i == most_images) return fail("the layout has more than 1,000 images");
    std::vector<std::string> names;
    const json::Value* annotations = manifests->items()[i].find("annotations");
    if (annotations != nullptr)
      if (const json::Value* name = annotations->find("org.opencontainers.image.ref.name"); name && name->string())
        names.push_back(*name->string());
    images.push_back(image(i, names));
  }
  return images;
}

}  // namespace

bool is_compressed(int archive) {
  unsigned char start[6] = {};
  if (::pread(archive, start, sizeof start, 0) < 6) return false;
  const std::string_view bytes(reinterpret_cast<const char*>(start), sizeof start);
  return bytes.starts_with("\x1f\x8b") || bytes.starts_with("\x28\xb5\x2f\xfd") || bytes.starts_with("BZh") ||
         bytes.starts_with("\xfd" "7zXZ");
}

Result<std::string> describe_archive(int archive, int copy) {
  if (copy >= 0) {
    TRY_VOID(copy_bytes(archive, copy));
    archive = copy;
  }
  if (::lseek(archive, 0, SEEK_SET) < 0) return fail_system("the archive");
  const Index index = TRY(read_index(archive));
  std::string kind = root_archive;
  json::Value images = json::array();
  if (index.docker) {
    kind = docker_archive;
    images = TRY(docker_images(*index.docker));
  } else if (index.oci && index.has_layout) {
    kind = oci_archive;
    images = TRY(oci_images(*index.oci));
  }
  return json::dump(json::object({{"kind", kind}, {"images", std::move(images)}}));
}

}  // namespace podrun::puller
