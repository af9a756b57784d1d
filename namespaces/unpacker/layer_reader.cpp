// The entries of a layer's archive, with libarchive.
#include "namespaces/unpacker/layer_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <cerrno>
#include <limits>
#include <new>
#include <utility>

#include "namespaces/unpacker/entry_name.hpp"

namespace podrun::unpacker {
namespace {

std::string_view text_or_empty(const char* text) { return text == nullptr ? std::string_view() : text; }

/// What a header says that is not plainly right is a warning of libarchive. One is none here: it cannot say a name in
/// the locale's characters, and then gives the bytes as they are, which is what is wanted.
bool is_about_characters(archive* reader) {
  return text_or_empty(archive_error_string(reader)).find("can't be converted from") != std::string_view::npos;
}

EntryKind kind_of(archive_entry* header) {
  if (archive_entry_hardlink(header) != nullptr) return EntryKind::HardLink;
  switch (archive_entry_filetype(header)) {
    case AE_IFREG: return EntryKind::File;
    case AE_IFDIR: return EntryKind::Folder;
    case AE_IFLNK: return EntryKind::Symlink;
    case AE_IFIFO: return EntryKind::Fifo;
    case AE_IFCHR:
    case AE_IFBLK: return EntryKind::Device;
    default: return EntryKind::Unknown;
  }
}

std::string_view target_of(archive_entry* header, EntryKind kind) {
  if (kind == EntryKind::HardLink) return text_or_empty(archive_entry_hardlink(header));
  return kind == EntryKind::Symlink ? text_or_empty(archive_entry_symlink(header)) : std::string_view();
}

/// -1 is no id: chown(2) takes it for "unchanged".
bool is_id(la_int64_t id) { return id >= 0 && id < std::numeric_limits<std::uint32_t>::max(); }

std::vector<Attribute> attributes_of(archive_entry* header) {
  std::vector<Attribute> attributes;
  if (archive_entry_xattr_reset(header) == 0) return attributes;
  const char* name;
  const void* value;
  std::size_t size;
  while (archive_entry_xattr_next(header, &name, &value, &size) == ARCHIVE_OK)
    attributes.push_back({text_or_empty(name), Bytes(static_cast<const std::byte*>(value), size)});
  return attributes;
}

}  // namespace

LayerReader::LayerReader(ByteSource source)
    : source_(std::move(source)), archive_(archive_read_new()), header_(archive_entry_new()) {
  if (archive_ == nullptr || header_ == nullptr) throw std::bad_alloc();
  archive_read_support_format_tar(archive_);
}

LayerReader::~LayerReader() {
  archive_entry_free(header_);
  archive_read_free(archive_);
}

long LayerReader::read_source(archive* reader, void* self, const void** bytes) {
  LayerReader& that = *static_cast<LayerReader*>(self);
  Bytes next = std::exchange(that.first_, Bytes{});
  if (next.empty()) {
    auto read = that.source_();
    if (!read) {
      that.source_error_ = read.error();
      archive_set_error(reader, EIO, "%s", "no more bytes");
      return -1;
    }
    next = *read;
  }
  *bytes = next.data();
  return static_cast<long>(next.size());
}

/// The first bytes are read here: nothing at all is an archive without entries.
Result<bool> LayerReader::open() {
  is_open_ = true;
  first_ = TRY(source_());
  if (first_.empty()) return false;
  if (archive_read_open(archive_, this, nullptr, read_source, nullptr) != ARCHIVE_OK) return std::unexpected(fault());
  return true;
}

Error LayerReader::fault() const {
  if (source_error_) return *source_error_;
  return Error{"the layer's archive: " + std::string(text_or_empty(archive_error_string(archive_)))};
}

Result<LayerEntry> LayerReader::entry_of(archive_entry* header) {
  const EntryKind kind = kind_of(header);
  const la_int64_t uid = archive_entry_uid(header), gid = archive_entry_gid(header), size = archive_entry_size(header);
  LayerEntry entry{.kind = kind,
                   .name = text_or_empty(archive_entry_pathname(header)),
                   .target = target_of(header, kind),
                   .mode = static_cast<std::uint32_t>(archive_entry_perm(header)) & 07777U,
                   .uid = static_cast<std::uint32_t>(uid),
                   .gid = static_cast<std::uint32_t>(gid),
                   .size = static_cast<std::uint64_t>(size),
                   .modified = {archive_entry_mtime(header), archive_entry_mtime_nsec(header)},
                   .attributes = attributes_of(header)};
  if (!is_id(uid) || !is_id(gid))
    return fail(about_entry(entry.name, "its owner " + std::to_string(uid) + ":" + std::to_string(gid) + " is none"));
  if (size < 0) return fail(about_entry(entry.name, "its size is negative"));
  return entry;
}

Result<std::optional<LayerEntry>> LayerReader::next() {
  if (is_at_end_ || (!is_open_ && !TRY(open()))) return std::nullopt;
  const int status = archive_read_next_header2(archive_, header_);
  if (status == ARCHIVE_EOF) {
    is_at_end_ = true;
    return std::nullopt;
  }
  if (status != ARCHIVE_OK && !(status == ARCHIVE_WARN && is_about_characters(archive_))) {
    const std::string_view name = status == ARCHIVE_WARN ? text_or_empty(archive_entry_pathname(header_)) : "";
    if (name.empty() || source_error_) return std::unexpected(fault());
    return fail(about_entry(name, text_or_empty(archive_error_string(archive_))));
  }
  return TRY(entry_of(header_));
}

Result<std::optional<ContentBlock>> LayerReader::next_block() {
  const void* bytes = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  const int status = archive_read_data_block(archive_, &bytes, &size, &offset);
  if (status == ARCHIVE_EOF) return std::nullopt;
  if (status != ARCHIVE_OK) return std::unexpected(fault());
  return ContentBlock{Bytes(static_cast<const std::byte*>(bytes), size), static_cast<std::uint64_t>(offset)};
}

}  // namespace podrun::unpacker
