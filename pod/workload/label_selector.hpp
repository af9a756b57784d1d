// The label selectors of workloads.
#pragma once

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Whether a LabelSelector selects nothing in particular: it has no labels and no expressions.
bool is_empty_selector(const yaml::Node& selector);

/// Reports expressions that Kubernetes does not accept, and returns whether the selector selects an object with these
/// labels. LABELS may be nullptr.
bool selects(const yaml::Node& selector, const yaml::Node* labels, DiagnosticCollector& report);

/// Whether an object has all of these labels. Both may be nullptr.
bool has_labels(const yaml::Node* labels, const yaml::Node* wanted);

}  // namespace podrun::pod
