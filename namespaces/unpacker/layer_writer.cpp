// Makes the entries of a layer in its folder.
#include "namespaces/unpacker/layer_writer.hpp"

#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "namespaces/images/tree_digest.hpp"
#include "namespaces/unpacker/entry_name.hpp"
#include "namespaces/unpacker/sha256.hpp"

namespace podrun::unpacker {
namespace {

constexpr std::size_t shown_examples = 5, most_kinds_left_out = 24, most_attributes = 256;

void add_zeros(Sha256& hash, std::uint64_t count) {
  static constexpr std::byte zeros[4096]{};
  for (; count > 0; count -= std::min<std::uint64_t>(count, sizeof zeros))
    hash.add(Bytes(zeros, std::min<std::uint64_t>(count, sizeof zeros)));
}

/// Calls `make` again when it has found something in its place, and that is removed.
template <typename Make>
Result<int> make_in_place(LayerFolder& folder, const std::string& name, const char* what, Make make) {
  int made = make();
  if (made < 0 && errno == EEXIST) {
    TRY_VOID(folder.remove(name));
    made = make();
  }
  if (made < 0) return fail_system(what);
  return made;
}

}  // namespace

Result<> LayerWriter::begin() {
  if (::fchown(root_, 0, 0) < 0 || ::fchmod(root_, 0755) < 0) return fail_system("the layer's folder");
  return {};
}

Result<> LayerWriter::add(const LayerEntry& entry, const Content& content) {
  // Missing folders count: a short archive can ask for many.
  if (++entries_ + folder_.missing_folders() > limits_.entries)
    return fail("the layer has more than " + std::to_string(limits_.entries) + " entries");
  if (auto made = make(entry, content); !made) return fail(about_entry(entry.name, made.error().message));
  return {};
}

Result<> LayerWriter::make(const LayerEntry& entry, const Content& content) {
  const pod::EntryPlace place = TRY(pod::place_of_entry(entry.name));
  switch (place.meaning) {
    case pod::EntryMeaning::Ignored: return {};
    case pod::EntryMeaning::Root: return set_root(entry);
    case pod::EntryMeaning::Whiteout: return make_whiteout(entry, place);
    case pod::EntryMeaning::Opaque:
      TRY_VOID(folder_.enter(place.folder, entry.modified));
      if (place.folder.empty()) hides_all_below_ = true;
      return make_opaque(folder_.fd());
    case pod::EntryMeaning::Content: break;
  }
  return make_content(entry, place, content);
}

Result<> LayerWriter::make_content(const LayerEntry& entry, const pod::EntryPlace& place, const Content& content) {
  if (entry.kind == EntryKind::Device) {
    leave_out("device nodes", entry.name);
    return {};
  }
  if (entry.kind == EntryKind::Unknown) return fail("it is of a kind that layers do not have");
  TRY_VOID(folder_.enter(place.folder, entry.modified));
  switch (entry.kind) {
    case EntryKind::File: return make_file(entry, place.name, content);
    case EntryKind::Folder: return make_folder(entry, place.name);
    case EntryKind::Symlink: return make_symlink(entry, place.name);
    case EntryKind::HardLink: return make_hard_link(entry, place);
    case EntryKind::Fifo: return make_fifo(entry, place.name);
    case EntryKind::Device:
    case EntryKind::Unknown: break;
  }
  return {};
}

Result<> LayerWriter::set_root(const LayerEntry& entry) {
  if (entry.kind != EntryKind::Folder) return fail("it is the layer's root, and no folder");
  TRY_VOID(folder_.leave());
  has_root_ = true;
  return set_by_descriptor(entry, root_, false);
}

Result<> LayerWriter::make_file(const LayerEntry& entry, const std::string& name, const Content& content) {
  const Fd file(TRY(make_in_place(folder_, name, "open", [&] {
    return ::openat(folder_.fd(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    entry.mode & 0777);
  })));
  TRY_VOID(write_content(entry, file.get(), content));
  return set_by_descriptor(entry, file.get(), true);
}

Result<> LayerWriter::write_block(int file, const ContentBlock& block) {
  std::uint64_t at = block.offset;
  for (Bytes rest = block.bytes; !rest.empty();) {
    const ssize_t length = ::pwrite(file, rest.data(), rest.size(), static_cast<off_t>(at));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return fail_system("write");
    rest = rest.subspan(static_cast<std::size_t>(length));
    at += static_cast<std::uint64_t>(length);
  }
  return {};
}

/// Holes count as bytes: who reads the file, or makes it another's, gets them all.
Result<> LayerWriter::write_content(const LayerEntry& entry, int file, const Content& content) {
  if (entry.size > limits_.bytes || (bytes_ += entry.size) > limits_.bytes)
    return fail("with it the layer's files have more than the " + std::to_string(limits_.bytes) +
                " bytes they may have");
  Sha256 hash;
  std::uint64_t end = 0;
  while (const auto block = TRY(content())) {
    if (block->bytes.empty()) continue;
    if (block->offset < end || block->offset > entry.size || block->bytes.size() > entry.size - block->offset)
      return fail("its content is not where its size lets it be");
    add_zeros(hash, block->offset - end);
    hash.add(block->bytes);
    TRY_VOID(write_block(file, *block));
    end = block->offset + block->bytes.size();
  }
  // A hole at the end.
  add_zeros(hash, entry.size - end);
  if (end < entry.size && ::ftruncate(file, static_cast<off_t>(entry.size)) < 0) return fail_system("ftruncate");
  struct stat status {};
  if (::fstat(file, &status) < 0) return fail_system("stat");
  contents_[status.st_ino] = hash.value();
  return {};
}

Result<> LayerWriter::make_folder(const LayerEntry& entry, const std::string& name) {
  TRY_VOID(folder_.make_folder(name));
  if (entry.attributes.empty()) return set_by_name(entry, name);
  const Fd folder(::openat(folder_.fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder) return fail_system("open");
  return set_by_descriptor(entry, folder.get(), false);
}

Result<> LayerWriter::make_symlink(const LayerEntry& entry, const std::string& name) {
  const std::string target(entry.target);
  if (target.empty()) return fail("it is a link to nothing");
  if (target.size() > pod::longest_entry_path) return fail("its target is longer than 4095 bytes");
  TRY(make_in_place(folder_, name, "symlink",
                    [&] { return ::symlinkat(target.c_str(), folder_.fd(), name.c_str()); }));
  TRY_VOID(leave_attributes_out(entry));
  return set_by_name(entry, name);
}

/// The target's own entry has set what the inode has.
Result<> LayerWriter::make_hard_link(const LayerEntry& entry, const pod::EntryPlace& place) {
  const pod::EntryPlace target = TRY(pod::target_of_hard_link(entry.target));
  const std::string refusal = "it is a hard link to " + name_in_message(entry.target) + ", which ";
  const Fd folder = folder_.open_below(target.folder, O_PATH);
  struct stat status {}, present {};
  if (!folder || ::fstatat(folder.get(), target.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0 || is_whiteout(status))
    return fail(refusal + "is not in this layer");
  if (S_ISDIR(status.st_mode)) return fail(refusal + "is a folder");
  if (TRY(folder_.look_at(place.name, present))) {
    if (present.st_ino == status.st_ino) return {};
    TRY_VOID(folder_.remove(place.name));
  }
  if (::linkat(folder.get(), target.name.c_str(), folder_.fd(), place.name.c_str(), 0) < 0) return fail_system("link");
  return {};
}

Result<> LayerWriter::make_fifo(const LayerEntry& entry, const std::string& name) {
  TRY(make_in_place(folder_, name, "mknod",
                    [&] { return ::mknodat(folder_.fd(), name.c_str(), S_IFIFO | 0600, 0); }));
  TRY_VOID(leave_attributes_out(entry));
  return set_by_name(entry, name);
}

/// It is about the layers below alone: what this layer has there stays, and a folder that it has there is opaque.
Result<> LayerWriter::make_whiteout(const LayerEntry& entry, const pod::EntryPlace& place) {
  TRY_VOID(folder_.enter(place.folder, entry.modified));
  struct stat status {};
  if (TRY(folder_.look_at(place.name, status))) {
    if (!S_ISDIR(status.st_mode)) return {};
    const Fd folder(::openat(folder_.fd(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) return fail_system("open");
    return make_opaque(folder.get());
  }
  if (::mknodat(folder_.fd(), place.name.c_str(), S_IFCHR, 0) < 0) return fail_system("mknod");
  LayerEntry root{.kind = EntryKind::Fifo,
                  .name = entry.name,
                  .target = {},
                  .mode = 0,
                  .uid = 0,
                  .gid = 0,
                  .size = 0,
                  .modified = entry.modified};
  return set_by_name(root, place.name);
}

/// Owner, mode, time. A change of the owner clears set-user-ID. The name is what was just made: no link is followed.
Result<> LayerWriter::set_by_name(const LayerEntry& entry, const std::string& name) {
  const timespec times[] = {entry.modified, entry.modified};
  const char* const path = name.c_str();
  if (::fchownat(folder_.fd(), path, entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) < 0) return fail_system("chown");
  if (entry.kind != EntryKind::Symlink && ::fchmodat(folder_.fd(), path, entry.mode, 0) < 0)
    return fail_system("chmod");
  if (::utimensat(folder_.fd(), path, times, AT_SYMLINK_NOFOLLOW) < 0) return fail_system("utimensat");
  return {};
}

/// A new file has its permissions from open(2), and needs chmod(2) only for the bits that chown(2) clears.
Result<> LayerWriter::set_by_descriptor(const LayerEntry& entry, int file, bool is_file) {
  const timespec times[] = {entry.modified, entry.modified};
  if (::fchown(file, entry.uid, entry.gid) < 0) return fail_system("chown");
  if ((!is_file || entry.mode > 0777) && ::fchmod(file, entry.mode) < 0) return fail_system("chmod");
  TRY_VOID(set_attributes(entry, file, is_file));
  if (::futimens(file, times) < 0) return fail_system("utimensat");
  return {};
}

Result<> LayerWriter::set_attributes(const LayerEntry& entry, int file, bool is_file) {
  if (entry.attributes.size() > most_attributes) return fail("it has too many extended attributes");
  for (const Attribute& attribute : entry.attributes) {
    const std::string name(attribute.name);
    const pod::AttributeUse use = pod::use_of_attribute(name);
    if (use == pod::AttributeUse::Refuse)
      return fail("its extended attribute " + name_in_message(name) + " would change how layers are put together");
    const bool is_of_files = name == "security.capability";
    if (use == pod::AttributeUse::LeaveOut || (is_of_files && !is_file)) {
      leave_out("extended attributes " + name_in_message(name), entry.name);
    } else if (::fsetxattr(file, name.c_str(), attribute.value.data(), attribute.value.size(), 0) < 0) {
      if (errno != ENOTSUP) return fail_system("its extended attribute " + name_in_message(name));
      leave_out("extended attributes that the store's file system does not have", entry.name);
    }
  }
  return {};
}

/// Links and FIFOs can have none that are kept.
Result<> LayerWriter::leave_attributes_out(const LayerEntry& entry) {
  for (const Attribute& attribute : entry.attributes) {
    if (pod::use_of_attribute(attribute.name) == pod::AttributeUse::Refuse)
      return fail("its extended attribute " + name_in_message(attribute.name) +
                  " would change how layers are put together");
    leave_out("extended attributes of links and FIFOs", entry.name);
  }
  return {};
}

void LayerWriter::leave_out(std::string_view what, std::string_view name) {
  auto at = left_out_.find(what);
  if (at == left_out_.end()) {
    // The archive chooses the names of attributes: there may be many.
    const std::string key(left_out_.size() < most_kinds_left_out ? what : "other extended attributes");
    at = left_out_.try_emplace(key, LeftOut{key}).first;
  }
  ++at->second.count;
  if (at->second.examples.size() < shown_examples) at->second.examples.push_back(name_in_message(name));
}

Result<> LayerWriter::finish(LayerReport& report) {
  TRY_VOID(folder_.leave());
  const ns::TreeSum sum = TRY(ns::sum_tree(folder_.open_below("", O_RDONLY), [&](ino_t inode) {
    const auto known = contents_.find(inode);
    return known == contents_.end() ? nullptr : &known->second;
  }));
  report.tree = sum.digest;
  report.entries = sum.entries;
  report.bytes = sum.bytes;
  report.has_root = has_root_;
  report.hides_all_below = hides_all_below_;
  for (const auto& [what, left] : left_out_) report.left_out.push_back(left);
  return {};
}

}  // namespace podrun::unpacker
