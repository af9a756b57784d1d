// The whole config of an image: application/vnd.oci.image.config.v1+json, which is also Docker's.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pod/image/image_manifest.hpp"
#include "pod/image/platform.hpp"
#include "pod/spec/image.hpp"
#include "pod/text/result.hpp"

namespace podrun::pod {

/// One step of the image's making.
struct ImageHistory {
  std::string created;     ///< RFC 3339, or ""
  std::string created_by;  ///< the command
  std::string comment;
  bool empty_layer = false;  ///< it made no layer
};

/// What the config of an image says. Members whose content only people read are taken as they are.
struct ImageConfigFile {
  ImageConfig config;  ///< what podrun runs
  Platform platform;
  std::string created;                     ///< RFC 3339, or ""
  std::vector<std::string> exposed_ports;  ///< "80/tcp"
  std::vector<std::string> volumes;        ///< absolute paths as the image has them
  std::map<std::string, std::string> labels;
  std::vector<ImageHistory> history;  ///< the oldest first
  std::vector<std::string> diff_ids;  ///< digests of the unpacked layers, the lowest first
};

/// Decodes a config. Ignores unknown members, as the OCI specification requires. An Error names the member.
Result<ImageConfigFile> parse_image_config_file(std::string_view json);

/// Whether manifest and config are of one image: as many layers as diffIDs. An Error says what differs.
Result<> check_image(const ImageManifest& manifest, const ImageConfigFile& config);

/// An Error if the image does not run on this host: "it is for linux/arm64, and this host is linux/amd64".
Result<> check_platform(const ImageConfigFile& config, const Platform& host);

}  // namespace podrun::pod
