// The folder in which a puller works.
#include "namespaces/images/pull_folder.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "namespaces/puller/puller_protocol.hpp"
#include "pod/image/digest.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint64_t inside = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;

/// Makes a folder of the puller's.
Result<Fd> make_folder(int parent, const char* name) {
  if (::mkdirat(parent, name, 0700) < 0) return fail_system(name);
  Fd folder(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || ::fchown(folder.get(), puller::user_id, puller::user_id) < 0) return fail_system(name);
  return folder;
}

}  // namespace

Result<PullFolder> PullFolder::make_in(int parent) {
  TRY_VOID(remove_tree(parent, "pull"));
  PullFolder made;
  made.top_ = TRY(make_folder(parent, "pull"));
  const Fd blobs = TRY(make_folder(made.top_.get(), "blobs"));
  made.blobs_ = TRY(make_folder(blobs.get(), "sha256"));
  TRY_VOID(make_folder(made.top_.get(), "tmp"));
  return made;
}

Result<> PullFolder::stand_in_for(const pod::BlobDescriptor& blob) const {
  const std::string name(pod::hex_of(blob.digest));
  const Fd file(::openat(blobs_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errno == EEXIST ? Result<>() : fail_system("staging: " + blob.digest);
  if (::ftruncate(file.get(), static_cast<off_t>(blob.size)) < 0) return fail_system("staging: " + blob.digest);
  return {};
}

Result<Fd> PullFolder::open_file(const std::string& path) const {
  const Fd place(sys::openat2(top_.get(), path.c_str(), O_PATH, inside));
  if (!place) return fail_system("what skopeo wrote: " + path);
  return open_regular(place, O_RDONLY);
}

Result<std::string> PullFolder::read_file(const std::string& path, std::size_t longest) const {
  const Fd file = TRY(open_file(path));
  return read_all(file.get(), "what skopeo wrote: " + path, longest);
}

Result<Fd> PullFolder::open_blob(const pod::BlobDescriptor& blob) const {
  Fd file = TRY(open_file("blobs/sha256/" + std::string(pod::hex_of(blob.digest))));
  struct stat status;
  if (::fstat(file.get(), &status) < 0) return fail_system(blob.digest);
  if (static_cast<std::uint64_t>(status.st_size) != blob.size)
    return fail(blob.digest + " has " + std::to_string(status.st_size) + " bytes, and the manifest says " +
                std::to_string(blob.size));
  return file;
}

Result<std::string> PullFolder::read_blob(const pod::BlobDescriptor& blob, std::size_t longest) const {
  if (blob.size > longest) return fail(blob.digest + " is longer than " + std::to_string(longest >> 20) + " MiB");
  const Fd file = TRY(open_blob(blob));
  std::string text = TRY(read_all(file.get(), blob.digest, longest));
  if (pod::digest_of(text) != blob.digest) return fail(blob.digest + " has another digest");
  return text;
}

ArrivedBytes PullFolder::look() const {
  ArrivedBytes arrived;
  const auto arrive = [&](const TreeEntry& entry) -> Result<Fd> {
    struct stat status;
    if (::fstatat(entry.directory, entry.name, &status, AT_SYMLINK_NOFOLLOW) < 0) return Fd();
    if (S_ISDIR(status.st_mode)) {
      auto folder = open_unmounted(entry.directory, entry.name);
      return folder ? std::move(*folder) : Fd();
    }
    if (!S_ISREG(status.st_mode)) return Fd();
    const auto size = static_cast<std::uint64_t>(status.st_size);
    arrived.total += size;
    if (const std::string digest = "sha256:" + std::string(entry.name); pod::is_digest(digest))
      arrived.complete.emplace(digest, size);
    else if (std::string_view(entry.name).starts_with("oci-put-blob")) arrived.on_their_way.push_back(size);
    return Fd();
  };
  Fd top(::openat(top_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // What cannot be read now is read the next time: the puller works there meanwhile.
  if (top) static_cast<void>(walk_tree(std::move(top), {.arrive = arrive}));
  std::ranges::sort(arrived.on_their_way, std::greater());
  return arrived;
}

Result<std::uint64_t> PullFolder::free_bytes() const {
  struct statvfs status;
  if (::fstatvfs(top_.get(), &status) < 0) return fail_system("the image store");
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace podrun::ns
