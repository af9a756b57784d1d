// Images in archives and folders: what `docker save`, `podman save` and `buildah push … oci:` write. podrun-puller looks
// into them, and skopeo, without a network, brings them into one form.
#pragma once

#include <string>
#include <vector>

#include "namespaces/images/fetch_image.hpp"

namespace podrun::ns {

/// What is loaded.
enum class ArchiveKind { DockerArchive, OciArchive, OciFolder, RootFileSystem };

/// One image of it.
struct ArchiveImage {
  std::size_t index = 0;
  std::vector<std::string> names{};  ///< as they are written there
};

/// What an archive is. A root file system has no image.
struct ArchiveContents {
  ArchiveKind kind = ArchiveKind::RootFileSystem;
  std::vector<ArchiveImage> images{};
  int source = -1;  ///< the archive or the folder, the caller's; -1: it is the file `input` in the pull folder
};

/// The file in the pull folder to which an archive is copied that is compressed, comes from a pipe, or that the puller may
/// not read.
inline constexpr char copied_archive[] = "input";

/// Looks into an archive, which is opened for reading; a pipe will do.
FetchResult<ArchiveContents> look_into_archive(const FetchOptions& options, const Fd& archive,
                                               const PullFolder& folder);

/// Looks into a folder, which is to have the OCI image layout; opened for reading.
FetchResult<ArchiveContents> look_into_folder(const Fd& folder);

/// Brings the blobs of one image into the pull folder, and returns what they are.
FetchResult<DescribedImage> load_from_archive(const FetchOptions& options, const ArchiveContents& contents,
                                              const ArchiveImage& image, const PullFolder& folder);

}  // namespace podrun::ns
