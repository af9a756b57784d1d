// The entries of a layer's archive: tar with the extensions of PAX and GNU. The only user of libarchive, which reads.
#pragma once

#include <time.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/unpacker/decompressor.hpp"
#include "pod/text/result.hpp"

struct archive;
struct archive_entry;

namespace podrun::unpacker {

enum class EntryKind : std::uint8_t { File, Folder, Symlink, HardLink, Fifo, Device, Unknown };

struct Attribute {
  std::string_view name;
  Bytes value;
};

/// An entry as the archive has it. The views are valid until the next entry is read.
struct LayerEntry {
  EntryKind kind;
  std::string_view name;
  std::string_view target;  ///< of a link
  std::uint32_t mode;       ///< permissions, set-user-ID, set-group-ID, sticky
  std::uint32_t uid, gid;
  std::uint64_t size;
  timespec modified;
  std::vector<Attribute> attributes{};
};

/// A part of a file's content. What lies between two blocks is a hole.
struct ContentBlock {
  Bytes bytes;
  std::uint64_t offset;
};

/// Where the bytes of an archive come from: each call returns the next, which stay until the call after it; none at the
/// end.
using ByteSource = std::function<Result<Bytes>()>;

/// Reads an archive once, from its beginning.
class LayerReader {
 public:
  explicit LayerReader(ByteSource source);
  ~LayerReader();
  LayerReader(const LayerReader&) = delete;
  LayerReader& operator=(const LayerReader&) = delete;

  /// The next entry; empty at the end of the archive. An error names the entry if it is known.
  Result<std::optional<LayerEntry>> next();
  /// The next block of the entry's content; empty at its end.
  Result<std::optional<ContentBlock>> next_block();

 private:
  static long read_source(archive* reader, void* self, const void** bytes);
  Result<bool> open();
  Error fault() const;
  Result<LayerEntry> entry_of(archive_entry* header);

  ByteSource source_;
  archive* archive_;
  archive_entry* header_;
  Bytes first_;
  bool is_open_ = false, is_at_end_ = false;
  std::optional<Error> source_error_;
};

}  // namespace podrun::unpacker
