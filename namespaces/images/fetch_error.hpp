// Why an image could not be fetched: what users, and the back-off of a pod, need to tell apart.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// The kinds of failures.
enum class FetchFault {
  NotFound,      ///< the registry has no such image
  Unauthorized,  ///< the registry wants credentials, or others; some say this of images that they do not have
  Unreachable,   ///< the registry cannot be reached, does not answer, breaks off, or answers with an error of its own
  Tls,           ///< its certificate is not accepted, or it speaks no TLS
  Nonsense,      ///< what it sends is no image, or not the one with that digest
  Refused,       ///< policy.json or registries.conf forbids it
  NoSpace,       ///< the disk is full
  NoProgram,     ///< skopeo is not installed
  Cancelled,     ///< the caller has given up
  Other,
};

/// A failure. The message is one line of printable text without credentials, bounded.
struct FetchError {
  FetchFault fault = FetchFault::Other;
  std::string message;

  FetchError(FetchFault kind, std::string text) : fault(kind), message(std::move(text)) {}
  FetchError(Error error) : message(std::move(error.message)) {}
};

/// A value, or why it could not be fetched.
template <typename T = void>
using FetchResult = std::expected<T, FetchError>;

inline std::unexpected<FetchError> fail_fetch(FetchFault fault, std::string message) {
  return std::unexpected(FetchError(fault, std::move(message)));
}

/// Tells the kind from what skopeo has printed on stderr.
FetchError error_of_skopeo(std::string_view printed);

/// What was sent is wrong, in the words of whoever has looked at it.
std::unexpected<FetchError> fail_nonsense(std::string_view message);

/// A text of others for a message: one line of at most 400 bytes, printable, without the user part and the query of
/// URLs, which may be credentials.
std::string presentable(std::string_view text);

}  // namespace podrun::ns
