// Where the fields of a pod are in its text, for errors that are found after the text was read.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string_view>

#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The places of the fields of one pod. A field is named as in "spec.containers[0].image".
class FieldPlaces {
 public:
  FieldPlaces() = default;
  /// Keeps the document, to which ROOT, the pod, belongs. ERRORS are the positions of the errors that are known.
  FieldPlaces(std::shared_ptr<const yaml::Document> document, const yaml::Node* root, std::set<std::size_t> errors);

  /// The position of a field; if it is not in the text, that of the nearest one above it. A field of a container's
  /// security context that only the pod's has is that one.
  std::size_t at(std::string_view field) const;

  /// Whether no error is known in the field, or below it, or, unless it is an image, in its container or in what that
  /// inherits from the pod. An error that is found there later may only be the consequence of a known one. Without a
  /// root no field is sound if any error is known.
  bool is_sound(std::string_view field) const;

  /// The pod as it is written, of a workload its template as a Pod; nullptr: the text is not YAML.
  const yaml::Node* root() const { return root_; }

 private:
  std::shared_ptr<const yaml::Document> document_;
  const yaml::Node* root_ = nullptr;
  std::set<std::size_t> errors_;
};

/// Whether one of these positions is that of a node, or of a key or value below it.
bool holds_any(const yaml::Node& node, const std::set<std::size_t>& positions);

/// Whether a field is there only under another spelling, which is reported already as an unknown field.
bool is_misspelt(const yaml::Node& owner, std::string_view field);

}  // namespace podrun::pod
