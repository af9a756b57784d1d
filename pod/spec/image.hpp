// An image as the compiler sees it: where its root is, and what its OCI config and account files say.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::pod {

/// The part of an OCI image config (`config` of application/vnd.oci.image.config.v1+json) podrun uses.
struct ImageConfig {
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;  ///< "NAME=value"
  std::string working_dir;
  std::string user;  ///< "", "uid", "uid:gid", "name", "name:group" and mixtures
};

/// An image found on the host.
struct Image {
  std::string reference;  ///< as the manifest writes it
  std::string rootfs;     ///< absolute path of its root on the host
  ImageConfig config;
  std::string passwd;  ///< text of the root's /etc/passwd, "" if it has none
  std::string group;   ///< text of the root's /etc/group, "" if it has none
};

/// Decodes config.json. Unknown members are left alone (the OCI specification demands it); a member of a
/// wrong type is an error that names it.
Result<ImageConfig> parse_image_config(std::string_view json);

/// Images by the reference that the manifest uses.
using Images = std::map<std::string, Image, std::less<>>;

/// Images as JSON: what a pod was started with stays what it runs with, though an image be changed or deleted.
std::string to_json(const Images& images);
/// The inverse.
Result<Images> parse_images(std::string_view json);

}  // namespace podrun::pod
