// An image: its root or its layers, its OCI config, and its account files.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/policies.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// The part of an OCI image config (`config` of application/vnd.oci.image.config.v1+json) that podrun uses.
struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;  ///< "NAME=value"
  std::string working_dir;
  std::string user;  ///< "", "uid", "uid:gid", "name", "name:group" and mixtures
  std::string stop_signal = {};  ///< "", or what image_signal() may know
  std::vector<std::string> volumes{};  ///< paths whose content each container may change, also in a read-only root
};

/// An image found on the host: one directory, or the layers of an image of the store.
struct Image {
  std::string reference;  ///< as in the manifest
  std::string rootfs;     ///< absolute path of the image's root on the host; "" if it has layers
  ImageConfig config;
  std::string passwd;  ///< text of the image's /etc/passwd; "" if it has none
  std::string group;   ///< text of the image's /etc/group; "" if it has none
  std::vector<std::string> layers{};  ///< absolute paths, uppermost first; empty if it has a rootfs
  /// What `status.containerStatuses[].imageID` says: "docker.io/library/nginx@sha256:…", or the digest of the config of
  /// an image that was not pulled; "" for a rootfs.
  std::string id{};
  bool user_xattr = false;  ///< whether whiteouts and opaque directories of the layers are marked by user.overlay.*
};

/// The directories of an image's root, uppermost first.
std::vector<std::string> layers_of(const Image& image);

/// The policy of an image: what is written, or else Kubernetes' default, by the name. A name without a tag means latest.
PullPolicy pull_policy_of(std::optional<PullPolicy> written, std::string_view reference);

/// Whether an image is this host's alone, and is never fetched: rootfs:/DIRECTORY or localhost/NAME.
bool is_of_this_host(std::string_view reference);

/// Decodes config.json. Ignores unknown members, as the OCI specification requires. A member of a wrong type is an
/// Error that names it.
Result<ImageConfig> parse_image_config(std::string_view json);

/// Images by their reference in the manifest.
using Images = std::map<std::string, Image, std::less<>>;

/// Serializes images as JSON. A running pod keeps the images it was started with, also when one is changed or deleted.
std::string to_json(const Images& images);
/// The inverse of to_json().
Result<Images> parse_images(std::string_view json);

}  // namespace podrun::pod
