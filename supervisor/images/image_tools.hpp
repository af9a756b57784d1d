// What pulls and loads images on this host.
#pragma once

#include <string>

#include "pod/text/result.hpp"
#include "supervisor/images/pull_image.hpp"

namespace podrun::supervisor {

/// The tools, with the programs that they execute.
struct OpenImageTools {
  ImageTools tools;
  Fd puller, unpacker;
};

/// Opens podrun-puller and podrun-unpacker. `program` is the absolute path of podrun. The platform is that of this
/// machine; proxies and certificates are those of the caller's environment.
Result<OpenImageTools> open_image_tools(const std::string& program);

}  // namespace podrun::supervisor
