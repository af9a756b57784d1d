// Checks the file paths of volumes for duplicates.
#include "pod/manifest/validate_paths.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::item;
using yaml::Node;

/// The paths of one volume.
class Paths {
 public:
  explicit Paths(DiagnosticCollector& report) : report_(report) {}

  void add(const EmptyDir&, const Node*) {}
  void add(const HostPath&, const Node*) {}
  void add(const ImageVolume&, const Node*) {}
  void add(const ClaimVolume&, const Node*) {}
  void add(const ConfigMapFiles& files, const Node* node) {
    add_items(files.items, find(node, {"configMap", "items"}));
  }
  void add(const SecretFiles& files, const Node* node) { add_items(files.items, find(node, {"secret", "items"})); }
  void add(const DownwardApiFiles& files, const Node* node) {
    add_items(files.items, find(node, {"downwardAPI", "items"}));
  }
  void add(const ServiceAccountToken&, const Node*) {}  // the API server does not compare its path
  void add(const Projected& projected, const Node* node) {
    conflict_ = true;
    for (std::size_t i = 0; i < projected.sources.size(); ++i)
      std::visit(
          [&](const auto& source) {
            add(source, item(find(node, {"projected", "sources"}), i));
          },
          projected.sources[i]);
  }

 private:
  template <typename Items>
  void add_items(const Items& items, const Node* node) {
    for (std::size_t i = 0; i < items.size(); ++i) add(items[i].path, find(item(node, i), {"path"}));
  }
  void add(const std::string& path, const Node* node) {
    if (path.empty() || node == nullptr) return;
    const auto [first, is_new] = seen_.emplace(path, node->at);
    if (is_new || report_.full()) return;
    std::string hint = fmt::format("first on line {}", report_.line_of(first->second));
    if (conflict_)
      report_.add(node->at, fmt::format("the path {} is taken", in_quotes(path)), std::move(hint));
    else
      report_.warn(node->at, fmt::format("the path {} is taken: this file replaces the other", in_quotes(path)),
                   std::move(hint));
  }

  DiagnosticCollector& report_;
  bool conflict_ = false;
  std::map<std::string, std::size_t, std::less<>> seen_;  ///< paths and their positions in the text
};

}  // namespace

void check_file_paths(const PodSpec& spec, const Node* node, DiagnosticCollector& report) {
  for (std::size_t i = 0; i < spec.volumes.size(); ++i) {
    Paths paths(report);
    std::visit([&](const auto& source) { paths.add(source, item(find(node, {"volumes"}), i)); },
               spec.volumes[i].source);
  }
}

}  // namespace podrun::pod
