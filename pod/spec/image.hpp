// An image: the path of its root, its OCI config, and its account files.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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
};

/// An image found on the host.
struct Image {
  std::string reference;  ///< as in the manifest
  std::string rootfs;     ///< absolute path of the image's root on the host
  ImageConfig config;
  std::string passwd;  ///< text of the image's /etc/passwd; "" if it has none
  std::string group;   ///< text of the image's /etc/group; "" if it has none
};

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
