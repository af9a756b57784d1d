// Certificates of the host that only root may read, such as the key of a client, for the puller.
#pragma once

#include <string>

#include "pod/text/result.hpp"

namespace podrun::puller {

/// Puts copies that the puller may read over etc/containers/certs.d/REGISTRY and etc/docker/certs.d/REGISTRY of the new
/// root, which is the working directory.
Result<> copy_certificates(const std::string& registry);

/// Copies one file of certificates to a place in the new root.
Result<> copy_certificate_file(const std::string& path, const std::string& place);

}  // namespace podrun::puller
