// A text of which only the pod may see everything.
#pragma once

#include <string>

namespace podrun::pod {

/// A text that may come from a Secret: then the pod alone gets it, and everybody else sees where it comes from.
struct RedactedText {
  std::string text;
  std::string secret;  ///< "db/password"; empty: nothing is hidden

  /// For plans, scripts and messages: the text, or "<secret db/password>".
  std::string shown() const { return secret.empty() ? text : "<secret " + secret + ">"; }

  bool operator==(const RedactedText&) const = default;
};

}  // namespace podrun::pod
