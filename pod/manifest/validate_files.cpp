// Checks the files of volumes. Kubernetes does so only when the pod starts.
#include "pod/manifest/validate_files.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "pod/manifest/list_places.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/paths.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::item;
using yaml::Node;

/// The relative path without repeated slashes and ".": "a//./b/" becomes "a/b".
std::string clean(std::string_view path) {
  return clean_path("/" + std::string(path)).substr(1);
}

/// The files of one volume, with the nodes that name them.
class Files {
 public:
  Files(const NamedObjects& objects, const Node* node) : objects_(objects), node_(node) {}

  void add(const ConfigMapFiles& source) { add_keys(source, objects_.config_map(source.name), "configMap"); }
  void add(const SecretFiles& source) { add_keys(source, objects_.secret(source.name), "secret"); }
  void add(const DownwardApiFiles& source) {
    for (std::size_t i = 0; i < source.items.size(); ++i)
      add_item(source.items[i].path, item(find(node_, {"downwardAPI", "items"}), i));
  }
  void add(const ServiceAccountToken&) { may_lack_some_ = true; }
  void add(const Projected& source) {
    const Node* volume = node_;
    for (std::size_t i = 0; i < source.sources.size(); ++i) {
      node_ = item(find(volume, {"projected", "sources"}), i);
      std::visit([&](const auto& each) { add(each); }, source.sources[i]);
    }
  }
  void add(const EmptyDir&) {}
  void add(const HostPath&) {}
  void add(const ClaimVolume&) {}
  void add(const ImageVolume&) {}

  /// Whether a file may be missing on purpose.
  bool may_lack_some() const { return may_lack_some_; }
  bool has_file(const std::string& path) const { return places_.contains(path); }
  bool has_directory(const std::string& path) const {
    const auto below = places_.lower_bound(path + "/");
    return path.empty() || (below != places_.end() && below->first.starts_with(path + "/"));
  }
  /// The file in whose place PATH needs a directory; "" if there is none.
  std::string file_above(std::string_view path) const {
    for (std::size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', slash + 1))
      if (const std::string above(path.substr(0, slash)); has_file(above)) return above;
    return {};
  }
  void check(DiagnosticCollector& report) const {
    for (const auto& [path, place] : places_)
      if (const std::string above = file_above(path); !above.empty() && place != nullptr)
        report.add(place->at, fmt::format("{} cannot lie in {}, which is a file", in_quotes(path), in_quotes(above)),
                   "podrun's own rule: the kubelet cannot write such a volume, either");
  }

 private:
  template <typename Source, typename Object>
  void add_keys(const Source& source, const Object* object, std::string_view field) {
    may_lack_some_ |= source.optional;
    if (object == nullptr) return;
    const Node* place = find(node_, {field});
    if (source.items.empty())
      for (const auto& [key, value] : object->data) places_.insert_or_assign(key, place);
    for (std::size_t i = 0; i < source.items.size(); ++i)
      if (object->data.contains(source.items[i].key)) add_item(source.items[i].path, item(find(place, {"items"}), i));
  }
  void add_item(const std::string& path, const Node* node) {
    if (!path.empty()) places_.insert_or_assign(clean(path), find(node, {"path"}));
  }

  const NamedObjects& objects_;
  const Node* node_;
  std::map<std::string, const Node*, std::less<>> places_;  ///< by clean path
  bool may_lack_some_ = false;
};

bool holds_files(const Volume& volume) {
  return std::visit(Overloaded{[](const ConfigMapFiles&) { return true; }, [](const SecretFiles&) { return true; },
                               [](const DownwardApiFiles&) { return true; }, [](const Projected&) { return true; },
                               [](const EmptyDir&) { return false; }, [](const HostPath&) { return false; },
                               [](const ClaimVolume&) { return false; }, [](const ImageVolume&) { return false; }},
                    volume.source);
}

void check_sub_path(const VolumeMount& mount, const Files& files, const Node* node, DiagnosticCollector& report) {
  const Node* place = find(node, {"subPath"});
  const std::string path = clean(mount.sub_path);
  if (place == nullptr || path.empty() || path.starts_with("..") || files.has_file(path)) return;
  if (const std::string above = files.file_above(path); !above.empty())
    return report.add(place->at,
                      fmt::format("in the volume {}, {} is a file, so that {} cannot lie in it", in_quotes(mount.name),
                                  in_quotes(above), in_quotes(path)),
                      "podrun's own rule: the kubelet, too, finds nothing there");
  if (!files.has_directory(path) && !files.may_lack_some())
    report.warn(place->at, fmt::format("the volume {} has no {}: an empty directory is mounted, as by Kubernetes",
                                       in_quotes(mount.name), in_quotes(path)));
}

}  // namespace

void check_volume_files(const Pod& pod, const Node& root, DiagnosticCollector& report) {
  const Node* spec = root.find("spec");
  for (std::size_t i = 0; i < pod.spec.volumes.size() && !report.full(); ++i) {
    const Volume& volume = pod.spec.volumes[i];
    if (!holds_files(volume)) continue;
    Files files(pod.objects, item(find(spec, {"volumes"}), i));
    std::visit([&](const auto& source) { files.add(source); }, volume.source);
    files.check(report);
    for (std::size_t c = 0; c < pod.spec.containers.size(); ++c) {
      const Node* mounts = find(container_node(spec, pod.spec, c), {"volumeMounts"});
      for (std::size_t m = 0; m < pod.spec.containers[c].volume_mounts.size(); ++m)
        if (const VolumeMount& mount = pod.spec.containers[c].volume_mounts[m]; mount.name == volume.name)
          check_sub_path(mount, files, item(mounts, m), report);
    }
  }
}

}  // namespace podrun::pod
