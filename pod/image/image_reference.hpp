// The name of an image: registry, repository, tag or digest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::pod {

/// A reference in its full form: `[REGISTRY/]REPOSITORY[:TAG][@DIGEST]`. A digest counts more than a tag: where there
/// is one, the tag is left out.
struct ImageReference {
  std::string registry;    ///< "docker.io", "localhost", "registry.example:5000"
  std::string repository;  ///< "library/nginx"
  std::string tag;         ///< "latest" where the text has neither tag nor digest; "" beside a digest
  std::string digest;      ///< "sha256:…", or ""
  bool is_short = false;   ///< the text has no registry: registries.conf(5) may know another than docker.io

  bool operator==(const ImageReference&) const = default;

  /// "docker.io/library/nginx".
  std::string name() const { return registry + "/" + repository; }
  /// The text under which the store knows it: "docker.io/library/nginx:1.27", "localhost/app@sha256:…".
  std::string canonical() const { return name() + (digest.empty() ? ":" + tag : "@" + digest); }
  /// `localhost/…` is an image of this host: nobody pulls it.
  bool is_local() const { return registry == "localhost"; }
};

/// Decodes a reference as Docker and Kubernetes do: nginx is docker.io/library/nginx:latest, team/app is
/// docker.io/team/app:latest. The first part is a registry if it is localhost, or has a dot, a colon or an uppercase
/// letter. The error says what is wrong at which place.
Result<ImageReference> parse_image_reference(std::string_view text);

/// The canonical texts under which the store looks for a reference, in order: a short name may be the name of an image
/// of this host, too.
std::vector<std::string> names_to_look_for(const ImageReference& reference);

/// The canonical text of a name that this host gives: a short one is that of an image of this host, localhost/….
std::string name_on_this_host(const ImageReference& reference);

/// The file name of a canonical reference: its slashes are plus signs, which no reference has.
std::string file_name_of_reference(std::string_view canonical);
/// The inverse; "" if it is no such file name.
std::string reference_of_file_name(std::string_view file_name);

}  // namespace podrun::pod
