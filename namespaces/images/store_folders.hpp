// The folders of the image store, by descriptor, and its lock.
//
//   .store/                 0700: layers hold set-user-ID programs, which other users of the host must not reach
//     lock                  flock(2): shared to look up, exclusive to commit and to remove
//     work                  locks of byte ranges: who pulls what, ImageStore::lock_work
//     layers/<hex>/         fs/ and meta.json; who counts on a layer has a shared flock(2) on meta.json
//     images/<hex>          one record; who uses the image has a shared flock(2) on it
//     names/<reference>     the digest of the manifest, and what the registry's tag led to
//     staging/<random>/     what is being made or removed; its maker has an exclusive flock(2) on it
//
// What is complete is made in staging, written out by syncfs(2) and renamed to its place; then the record, then the
// name. Removal goes the other way. So a name never leads to what is not complete, whoever is killed when.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The open folders of a store.
struct StoreFolders {
  std::string path;  ///< for messages
  Fd top, layers, images, names, staging;

  std::string path_of(std::string_view folder, std::string_view name) const;
};

/// Opens the folders, and makes what is missing.
Result<StoreFolders> make_store_folders(const std::string& path);
/// Opens the folders. Empty: there is no store yet.
Result<std::optional<StoreFolders>> open_store_folders(const std::string& path);

/// Opens a file of the top that is for locks only, and makes it. Each caller has its own: a lock belongs to what was
/// opened.
Result<Fd> open_lock_file(const StoreFolders& folders, const char* name);

/// How much of the store a lock is for.
enum class StoreAccess { Read, Write };

/// Locks the store and waits for others. The lock ends with the descriptor.
Result<Fd> lock_store(const StoreFolders& folders, StoreAccess access);

/// Reads a small regular file of a folder. ENOENT: it is not there.
Result<std::string> read_in(const Fd& folder, const std::string& name, const std::string& path, std::size_t limit);

/// Writes a new file of mode 0600 and has it on the disk, fsync(2), before it returns.
Result<> write_durably(int folder, const std::string& name, std::string_view text, const std::string& path);

/// Has the entries of a folder on the disk, fsync(2).
Result<> sync_folder(const Fd& folder, const std::string& path);

}  // namespace podrun::ns
