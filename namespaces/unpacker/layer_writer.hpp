// Makes the entries of a layer in its folder, as overlayfs wants them: whiteouts are character devices 0:0, opaque
// folders have the attribute user.overlay.opaque.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "namespaces/unpacker/layer_folder.hpp"
#include "namespaces/unpacker/layer_reader.hpp"
#include "namespaces/images/unpack_report.hpp"
#include "pod/image/digest.hpp"
#include "pod/image/layer_entry.hpp"

namespace podrun::unpacker {

/// The content of the entry that is made: the next block each time, empty at its end.
using Content = std::function<Result<std::optional<ContentBlock>>()>;

/// What a layer's folder may get at most.
struct WriterLimits {
  std::uint64_t bytes;    ///< in its files
  std::uint64_t entries;  ///< of the archive
};

/// Fills one folder. After an error the folder is of no use.
class LayerWriter {
 public:
  /// `root` is the layer's folder, empty, opened for reading; it stays the caller's.
  LayerWriter(int root, const WriterLimits& limits) : root_(root), folder_(root), limits_(limits) {}

  /// Gives the root its mode and owner for the case that the archive does not say any.
  Result<> begin();
  /// Makes an entry. An error is about it and names it.
  Result<> add(const LayerEntry& entry, const Content& content);
  /// After the last entry: adds up what was made and describes it.
  Result<> finish(LayerReport& report);

 private:
  Result<> make(const LayerEntry& entry, const Content& content);
  Result<> make_content(const LayerEntry& entry, const pod::EntryPlace& place, const Content& content);
  Result<> set_root(const LayerEntry& entry);
  Result<> make_file(const LayerEntry& entry, const std::string& name, const Content& content);
  Result<> write_content(const LayerEntry& entry, int file, const Content& content);
  Result<> write_block(int file, const ContentBlock& block);
  Result<> make_folder(const LayerEntry& entry, const std::string& name);
  Result<> make_symlink(const LayerEntry& entry, const std::string& name);
  Result<> make_hard_link(const LayerEntry& entry, const pod::EntryPlace& place);
  Result<> make_fifo(const LayerEntry& entry, const std::string& name);
  Result<> make_whiteout(const LayerEntry& entry, const pod::EntryPlace& place);
  Result<> set_by_name(const LayerEntry& entry, const std::string& name);
  Result<> set_by_descriptor(const LayerEntry& entry, int file, bool is_file);
  Result<> set_attributes(const LayerEntry& entry, int file, bool is_file);
  Result<> leave_attributes_out(const LayerEntry& entry);
  void leave_out(std::string_view what, std::string_view name);

  int root_;
  LayerFolder folder_;
  WriterLimits limits_;
  std::uint64_t entries_ = 0, bytes_ = 0;
  std::unordered_map<ino_t, pod::Sha256::Value> contents_;  ///< so that no file is read again
  bool has_root_ = false, hides_all_below_ = false;
  std::map<std::string, LeftOut, std::less<>> left_out_;
};

}  // namespace podrun::unpacker
