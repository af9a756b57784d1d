// The file system that a puller sees.
//
//   /usr, /bin, /lib…        the host's, read-only
//   /etc                     of the host's only what a client of registries needs: its configuration, names, certificates
//   /proc                    of the puller's own PID namespace, processes alone
//   /dev                     null, zero, random, urandom
//   /tmp, /var/tmp           an own tmpfs, small
//   /staging, /source        what it works with
//   /home                    empty
#pragma once

#include <string>

#include "pod/text/result.hpp"

namespace podrun::puller {

/// What is put in it.
struct RootRequest {
  std::string registry;           ///< whose certificates are copied in, readable for the puller; may be empty
  std::string certificate_file;   ///< SSL_CERT_FILE of the caller; may be empty
  bool source_is_mount = false;   ///< descriptor 4 becomes /source
};

/// Where the file of SSL_CERT_FILE is in that root.
inline constexpr char certificate_place[] = "/certificates.pem";

/// Makes it the root of the calling process, which has a mount namespace and a PID namespace of its own.
Result<> enter_root(const RootRequest& request);

}  // namespace podrun::puller
