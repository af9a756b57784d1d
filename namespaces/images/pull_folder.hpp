// The folder in which a puller works. What is in it was written by a process that counts as taken over: it is reached
// by descriptor, no link is followed, and only regular files are opened.
//
//   pull/             0700, of the puller's user
//     blobs/sha256/   what is complete, called by the digits of its digest
//     oci…/           what skopeo writes besides: index.json, and blobs that are on their way
//     tmp/            what skopeo needs for a while
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/image/image_manifest.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// How many bytes have arrived.
struct ArrivedBytes {
  std::uint64_t total = 0;
  std::map<std::string, std::uint64_t, std::less<>> complete;  ///< blobs by digest
  std::vector<std::uint64_t> on_their_way;                     ///< the sizes of others, the largest first
};

/// Such a folder.
class PullFolder {
 public:
  /// Makes it in a folder that only podrun can reach, and removes one that is there.
  static Result<PullFolder> make_in(int parent);

  int directory() const { return top_.get(); }

  /// Makes a file of the size of a blob, so that skopeo does not fetch it. Only before a puller works in the folder.
  Result<> stand_in_for(const pod::BlobDescriptor& blob) const;
  /// Opens a blob of that size for reading. Its digest is not looked at.
  Result<Fd> open_blob(const pod::BlobDescriptor& blob) const;
  /// Reads a small blob and compares size and digest.
  Result<std::string> read_blob(const pod::BlobDescriptor& blob, std::size_t longest) const;
  /// Opens a file for reading, by its path in this folder.
  Result<Fd> open_file(const std::string& path) const;
  Result<std::string> read_file(const std::string& path, std::size_t longest) const;

  ArrivedBytes look() const;
  /// The bytes that the file system has left.
  Result<std::uint64_t> free_bytes() const;

 private:
  Fd top_, blobs_;
};

}  // namespace podrun::ns
