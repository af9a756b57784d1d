// Reads texts into documents, and documents into pods and their objects.
#include "pod/manifest/manifests.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <fmt/format.h>

#include "pod/manifest/cluster_parts.hpp"
#include "pod/manifest/exposure.hpp"
#include "pod/manifest/foreign_files.hpp"
#include "pod/manifest/references.hpp"
#include "pod/manifest/surprises.hpp"
#include "pod/manifest/validate.hpp"
#include "pod/manifest/validate_files.hpp"
#include "pod/manifest/validate_lifecycle.hpp"
#include "pod/manifest/validate_objects.hpp"
#include "pod/manifest/validate_services.hpp"
#include "pod/schema/schema.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/workload/node_factory.hpp"
#include "pod/workload/workload.hpp"
#include "pod/yaml/yaml.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::Kind;
using yaml::Node;

constexpr std::size_t most_levels_of_lists = 4;
/// A source and its documents.
struct Text {
  Text(const ManifestSource& source, Leniency leniency)
      : content(without_bom(source.text)), report(content, leniency) {}

  std::string_view content;
  DiagnosticCollector report;
  yaml::Document document;
  bool is_broken = false;  ///< it is not YAML
};

/// Where an object comes from: a document, or a claim template.
enum class Origin { Document, Template };

/// A decoded pod that has not been validated yet.
struct UncheckedPod {
  Pod pod;
  const Node* root;
  const Node* given;  ///< the document: the root, or the workload
  std::size_t source;
};

class Reader {
 public:
  Reader(const std::vector<ManifestSource>& sources, const ReadOptions& how) : how_(how) {
    for (const ManifestSource& source : sources) {
      Text& text = texts_.emplace_back(source, how.leniency);
      text.document = yaml::read(text.content, text.report);
      text.is_broken = !text.report.empty();
      if (report_foreign_text()) continue;
      const std::vector<const Node*> roots = text.document.roots;
      for (const Node* root : roots) add_document(*root);
    }
  }

  Manifests take() && {
    Manifests manifests;
    manifests.have_objects = !objects_.empty();
    leave_out_owned_pods();
    for (UncheckedPod& draft : drafts_) {
      DiagnosticCollector& report = texts_[draft.source].report;
      draft.pod.objects = objects_[draft.pod.metadata.namespace_name];
      leave_out_cluster_parts(draft.pod, *draft.root, report);
      resolve_ports(draft.pod.spec);
      validate(draft.pod, *draft.root, report);
      check_references(draft.pod, *draft.root, objects_, report);
      check_volume_files(draft.pod, *draft.root, report);
      if (report.empty()) warn_of_exposure(draft.pod, *draft.root, how_.root, report);
      if (report.empty()) warn_of_lifecycle(draft.pod, *draft.root, report);
      manifests.pods.push_back({std::move(draft.pod), draft.source});
    }
    std::vector<const Pod*> pods;
    for (const ParsedPod& each : manifests.pods) pods.push_back(&each.pod);
    for (const auto& [service, root, source] : services_) warn_of_ports(*service, *root, pods, texts_[source].report);
    std::vector<std::shared_ptr<const yaml::Document>> documents;
    std::set<std::size_t> foreign;
    for (Text& text : texts_) {
      if (const auto what = template_text(text.content, text.report.error_places(), text.is_broken)) {
        text.report.replace_all(what->at, std::string(what->message), std::string(what->hint));
        foreign.insert(manifests.diagnostics.size());
      }
      for (const std::size_t place : text.report.error_places())
        if (const auto what = placeholder_at(text.content, place))
          text.report.replace_at(place, std::string(what->message), std::string(what->hint));
      manifests.diagnostics.push_back(text.report.diagnostics());
      documents.push_back(std::make_shared<const yaml::Document>(std::move(text.document)));  // its nodes do not move
    }
    for (std::size_t i = 0; i < drafts_.size(); ++i) {
      const std::size_t source = drafts_[i].source;
      const Node* root = foreign.contains(source) ? nullptr : drafts_[i].root;
      manifests.pods[i].places = {documents[source], root, texts_[source].report.error_places()};
    }
    return manifests;
  }

 private:
  Text& text() { return texts_.back(); }

  /// Whether the text is not YAML with mappings, and no slip in one. One error says what it is then.
  bool report_foreign_text() {
    const auto is_mapping = [](const Node* root) { return root->kind == Kind::Mapping; };
    if (text().report.empty() && std::ranges::all_of(text().document.roots, is_mapping)) return false;
    const auto what = foreign_text(text().content);
    if (what) text().report.replace_all(what->at, std::string(what->message), std::string(what->hint));
    return what.has_value();
  }

  void add_document(const Node& root) {
    const auto what = foreign_document(root);
    if (!what) return add(root, 0);
    if (what->is_error) return text().report.add(what->at, std::string(what->message), std::string(what->hint));
    text().report.warn(what->at, std::string(what->message), std::string(what->hint));
  }

  void add(const Node& root, std::size_t level) {
    const Node* kind = root.find("kind");
    const std::string_view word = kind == nullptr ? "Pod" : std::string_view(kind->text);
    const auto is_workload = [&](std::string_view workload) { return word == workload; };
    if (word == "List" || (word.ends_with("List") && root.find("items") != nullptr)) return add_items(root, level);
    if (word == "ConfigMap") return (void)add_object<ConfigMap>(root, &NamedObjects::config_maps);
    if (word == "Secret") return (void)add_object<Secret>(root, &NamedObjects::secrets);
    if (word == "PersistentVolumeClaim") return (void)add_object<PersistentVolumeClaim>(root, &NamedObjects::claims);
    if (word == "Service" && is_of_own_group(root)) return add_service(root);
    if (std::ranges::any_of(workload_kinds(), is_workload)) return add_workload(root);
    if (word == "Pod" || kind->kind != Kind::Scalar) return add_pod(root, root);
    skip(*kind, root);
  }

  void add_items(const Node& list, std::size_t level) {
    const Node* items = list.find("items");
    if (items == nullptr || items->kind == Kind::Null) return;
    if (items->kind != Kind::Sequence) return text().report.add(items->at, "items must be a list");
    if (level == most_levels_of_lists) return text().report.add(items->at, "these lists are nested too deeply");
    for (const Node* item : items->items) add(with_kind(*item, list), level + 1);
  }

  /// An item of a PodList, which has its kind from the list.
  const Node& with_kind(const Node& item, const Node& list) {
    const std::string_view kind = list.find("kind")->text;
    if (kind == "List" || item.kind != Kind::Mapping || item.find("kind") != nullptr) return item;
    NodeFactory make(text().document, item.at);
    auto entries = entries_without(&item, {"apiVersion"});
    entries.push_back(make.entry("apiVersion", list.find("apiVersion")));
    entries.push_back(make.entry("kind", std::string(kind.substr(0, kind.size() - 4))));
    return *make.mapping(std::move(entries));
  }

  void skip(const Node& kind, const Node& root) {
    std::vector<std::string_view> known{"Pod", "ConfigMap", "Secret", "PersistentVolumeClaim", "List", "Service"};
    for (const std::string_view workload : workload_kinds()) known.push_back(workload);
    const std::string_view meant = is_of_own_group(root) ? nearest(kind.text, known) : std::string_view();
    if (!meant.empty() && meant != kind.text)
      return text().report.add(kind.at, fmt::format("there is no kind {}", in_quotes(kind.text)),
                               fmt::format("did you mean \"{}\"?", meant));
    text().report.warn(kind.at, fmt::format("podrun skips kind {}", in_quotes(kind.text)),
                       kind.text == "Kustomization" ? "carry it out first: kubectl kustomize FOLDER | podrun run -"
                                                    : "");
  }

  /// Adds a pod. GIVEN is the document that it comes from.
  void add_pod(const Node& root, const Node& given) {
    UncheckedPod draft{decode<Pod>(root, text().report), &root, &given, texts_.size() - 1};
    if (root.kind != Kind::Mapping) return;
    place(draft.pod.metadata, root);
    const auto same = [&](const UncheckedPod& other) {
      return pod_id(other.pod.metadata) == pod_id(draft.pod.metadata);
    };
    if (std::ranges::any_of(drafts_, same)) taken("Pod", draft.pod.metadata, root);
    drafts_.push_back(std::move(draft));
  }

  void add_workload(const Node& root) {
    for (const Node* claim : claims_of_workload(text().document, root))
      add_object<PersistentVolumeClaim>(*claim, &NamedObjects::claims, Origin::Template);
    if (const Node* pod = pod_of_workload(text().document, root, text().report)) add_pod(*pod, root);
  }

  /// Leaves out the pods that belong to a workload that is given, too: "kubectl get all" prints both.
  void leave_out_owned_pods() {
    const auto is_owned = [&](const UncheckedPod& draft) {
      const Node* owners = find(draft.given, {"metadata", "ownerReferences"});
      for (const Node* owner : owners == nullptr ? std::vector<const Node*>{} : owners->items) {
        const Node *kind = owner->find("kind"), *name = owner->find("name");
        const auto owns = [&](const UncheckedPod& other) {
          const Node *its_kind = other.given->find("kind"), *its_name = find(other.given, {"metadata", "name"});
          return kind != nullptr && name != nullptr && its_kind != nullptr && its_name != nullptr &&
                 kind->text == its_kind->text && name->text == its_name->text &&
                 draft.pod.metadata.namespace_name == other.pod.metadata.namespace_name;
        };
        if (std::ranges::none_of(drafts_, owns)) continue;
        texts_[draft.source].report.warn(
            owner->at, fmt::format("{} is left out: it belongs to the {} {}, which is given",
                                   in_quotes(draft.pod.metadata.name), kind->text, in_quotes(name->text)));
        return true;
      }
      return false;
    };
    std::vector<UncheckedPod> kept;
    for (const UncheckedPod& draft : drafts_)
      if (!is_owned(draft)) kept.push_back(draft);
    drafts_ = std::move(kept);
  }

  /// Adds an object. Returns where it is kept; nullptr if it is not.
  template <typename Object>
  const Object* add_object(const Node& root, std::map<std::string, Object> NamedObjects::*where,
                  Origin origin = Origin::Document) {
    Object object = decode<Object>(root, text().report);
    if constexpr (requires { object.binary_keys; }) object.binary_keys = binary_keys_of(root);
    if constexpr (requires { object.owning_pod; }) object.owning_pod = owning_pod_of(root);
    validate(object, root, text().report);
    place(object.metadata, root);
    if constexpr (requires { object.data; }) check_size(object.data, root, text().report);
    const std::string name = object.metadata.name;
    if (name.empty()) return nullptr;
    constexpr bool is_claim = std::is_same_v<Object, PersistentVolumeClaim>;
    const std::string id = fmt::format("{}/{}", object.metadata.namespace_name, name);
    auto& objects = objects_[object.metadata.namespace_name].*where;
    // A StatefulSet uses the claim that is declared.
    const bool is_there = objects.contains(name), is_made = is_claim && made_claims_.contains(id);
    if (origin == Origin::Template && !is_there) made_claims_.insert(id);
    if (origin == Origin::Template && is_there) return nullptr;
    if (is_there && !is_made) taken(root.find("kind")->text, object.metadata, root);
    if (is_there && !is_made) return nullptr;
    if (is_there) made_claims_.erase(id);
    return &objects.insert_or_assign(name, std::move(object)).first->second;
  }

  void add_service(const Node& root) {
    const Service* service = add_object<Service>(root, &NamedObjects::services);
    if (service != nullptr) services_.push_back({service, &root, texts_.size() - 1});
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
  std::vector<std::tuple<const Service*, const Node*, std::size_t>> services_;  ///< with their sources
  ObjectsByNamespace objects_;
  std::set<std::string> made_claims_;            ///< of claim templates: "NAMESPACE/NAME"
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
