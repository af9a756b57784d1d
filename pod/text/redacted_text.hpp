// A text that may contain a Secret's value.
#pragma once

#include <string>

namespace podrun::pod {

/// A text that may come from a Secret. Only the pod gets the value of a Secret; everything that is printed names the
/// Secret and its key instead.
struct RedactedText {
  std::string text;
  std::string secret;  ///< the Secret and its key, "db/password"; empty if the text is not secret

  /// The printable form for plans, scripts and messages: the text, or "<secret db/password>".
  std::string shown() const { return secret.empty() ? text : "<secret " + secret + ">"; }

  bool operator==(const RedactedText&) const = default;
};

}  // namespace podrun::pod
