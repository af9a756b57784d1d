// Reads texts into documents, and documents into pods and their objects.
#include "pod/manifest/manifests.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "pod/manifest/exposure.hpp"
#include "pod/manifest/references.hpp"
#include "pod/manifest/validate.hpp"
#include "pod/manifest/validate_files.hpp"
#include "pod/manifest/validate_objects.hpp"
#include "pod/workload/workload.hpp"
#include "pod/schema/schema.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {
namespace {

using yaml::Kind;
using yaml::Node;

constexpr std::size_t most_levels_of_lists = 4;

/// A source and its documents.
struct Text {
  Text(const ManifestSource& source, Leniency leniency)
      : report(without_bom(source.text), leniency), name(source.name) {}

  DiagnosticCollector report;
  std::string_view name;
  yaml::Document document;
};

/// A decoded pod that has not been validated yet.
struct UncheckedPod {
  Pod pod;
  const Node* root;
  std::size_t source;
};

class Reader {
 public:
  Reader(const std::vector<ManifestSource>& sources, const ReadOptions& how) : how_(how) {
    for (const ManifestSource& source : sources) {
      Text& text = texts_.emplace_back(source, how.leniency);
      text.document = yaml::read(without_bom(source.text), text.report);
      const std::vector<const Node*> roots = text.document.roots;
      for (const Node* root : roots) add(*root, 0);
    }
  }

  Manifests take() && {
    Manifests manifests;
    for (UncheckedPod& draft : drafts_) {
      DiagnosticCollector& report = texts_[draft.source].report;
      draft.pod.objects = objects_[draft.pod.metadata.namespace_name];
      validate(draft.pod, *draft.root, report);
      check_references(draft.pod, *draft.root, report);
      check_volume_files(draft.pod, *draft.root, report);
      if (report.empty()) warn_of_exposure(draft.pod, *draft.root, how_.root, report);
      manifests.pods.push_back({std::move(draft.pod), draft.source});
    }
    std::vector<std::shared_ptr<const yaml::Document>> documents;
    for (Text& text : texts_) {
      manifests.diagnostics.push_back(text.report.diagnostics());
      documents.push_back(std::make_shared<const yaml::Document>(std::move(text.document)));  // its nodes do not move
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      const std::size_t source = drafts_[i].source;
      manifests.pods[i].places = {documents[source], drafts_[i].root, texts_[source].report.error_places()};
    }
    return manifests;
  }

 private:
  Text& text() { return texts_.back(); }

  void add(const Node& root, std::size_t level) {
    const Node* kind = root.find("kind");
    const std::string_view word = kind == nullptr ? "Pod" : std::string_view(kind->text);
    const auto is_workload = [&](std::string_view workload) { return word == workload; };
    if (word == "List") return add_items(root, level);
    if (word == "ConfigMap") return add_object<ConfigMap>(root, &NamedObjects::config_maps);
    if (word == "Secret") return add_object<Secret>(root, &NamedObjects::secrets);
    if (word == "PersistentVolumeClaim") return add_object<PersistentVolumeClaim>(root, &NamedObjects::claims);
    if (std::ranges::any_of(workload_kinds(), is_workload)) return add_workload(root);
    if (word == "Pod" || kind->kind != Kind::Scalar) return add_pod(root);
    skip(*kind);
  }

  void add_items(const Node& list, std::size_t level) {
    const Node* items = list.find("items");
    if (items == nullptr) return;
    if (items->kind != Kind::Sequence) return text().report.add(items->at, "items must be a list");
    if (level == most_levels_of_lists) return text().report.add(items->at, "these lists are nested too deeply");
    for (const Node* item : items->items) add(*item, level + 1);
  }

  void skip(const Node& kind) {
    std::vector<std::string_view> known{"Pod", "ConfigMap", "Secret", "PersistentVolumeClaim", "List", "Service"};
    for (const std::string_view workload : workload_kinds()) known.push_back(workload);
    if (kind.text == "Service")
      return text().report.note(kind.at, "Services have no effect: podrun has no network for them yet");
    const std::string_view meant = nearest(kind.text, known);
    if (!meant.empty())
      return text().report.add(kind.at, fmt::format("there is no kind {}", in_quotes(kind.text)),
                               fmt::format("did you mean \"{}\"?", meant));
    text().report.warn(kind.at, fmt::format("podrun skips kind {}", in_quotes(kind.text)));
  }

  void add_pod(const Node& root) {
    UncheckedPod draft{decode<Pod>(root, text().report), &root, texts_.size() - 1};
    if (root.kind != Kind::Mapping) return;
    place(draft.pod.metadata, root);
    const auto same = [&](const UncheckedPod& other) {
      return pod_id(other.pod.metadata) == pod_id(draft.pod.metadata);
    };
    if (std::ranges::any_of(drafts_, same)) taken("Pod", draft.pod.metadata, root);
    drafts_.push_back(std::move(draft));
  }

  void add_workload(const Node& root) {
    for (const Node* claim : claims_of_workload(text().document, root)) add(*claim, 0);
    if (const Node* pod = pod_of_workload(text().document, root, text().report)) add_pod(*pod);
  }

  template <typename Object>
  void add_object(const Node& root, std::map<std::string, Object> NamedObjects::*where) {
    Object object = decode<Object>(root, text().report);
    validate(object, root, text().report);
    place(object.metadata, root);
    const std::string name = object.metadata.name;
    if (name.empty()) return;
    auto& objects = objects_[object.metadata.namespace_name].*where;
    if (objects.contains(name)) return taken(root.find("kind")->text, object.metadata, root);
    objects.emplace(name, std::move(object));
  }

  void taken(std::string_view kind, const Metadata& metadata, const Node& root) {
    const Node* owner = root.find("metadata");
    const Node* name = owner == nullptr ? nullptr : owner->find("name");
    if (name != nullptr)
      text().report.add(name->at, fmt::format("the {} {} of namespace {} is there already", kind,
                                              in_quotes(metadata.name), in_quotes(metadata.namespace_name)));
  }

  /// Sets the namespace of an object.
  void place(Metadata& metadata, const Node& root) {
    if (how_.namespace_name.empty()) return;
    const Node* owner = root.find("metadata");
    const Node* said = owner == nullptr ? nullptr : owner->find("namespace");
    if (metadata.namespace_name != Metadata{}.namespace_name && metadata.namespace_name != how_.namespace_name &&
        said != nullptr)
      text().report.add(said->at, fmt::format("the manifest's namespace is {}, but --namespace says {}",
                                              in_quotes(metadata.namespace_name), in_quotes(how_.namespace_name)));
    metadata.namespace_name = how_.namespace_name;
  }

  const ReadOptions& how_;
  std::deque<Text> texts_;
  std::vector<UncheckedPod> drafts_;
  std::map<std::string, NamedObjects> objects_;  ///< by namespace
};

}  // namespace

Manifests read_manifests(const std::vector<ManifestSource>& sources, const ReadOptions& how) {
  return Reader(sources, how).take();
}

bool has_no_errors(const Manifests& manifests) {
  const auto is_error = [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::Error; };
  return std::ranges::none_of(manifests.diagnostics,
                              [&](const auto& list) { return std::ranges::any_of(list, is_error); });
}

}  // namespace podrun::pod
