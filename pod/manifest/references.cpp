// Checks a pod's references.
#include "pod/manifest/references.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "pod/environment/downward.hpp"
#include "pod/manifest/list_places.hpp"
#include "pod/manifest/resource_rules.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::item;
using yaml::Node;

template <typename Map>
std::string nearest_key(const std::string& word, const Map& map) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  const std::string_view key = nearest(word, keys);
  return key.empty() ? "" : fmt::format("did you mean {}?", in_quotes(key));
}

/// "its keys are a, b, c"; long lists are cut.
template <typename Map>
std::string keys_of(const Map& map) {
  constexpr std::size_t most = 8;
  std::vector<std::string> keys;
  for (const auto& [key, value] : map)
    if (keys.size() < most) keys.push_back(key);
  if (keys.empty()) return "it has no keys";
  return fmt::format("its keys are {}{}", joined(keys, ", "), map.size() > most ? ", …" : "");
}

class References {
 public:
  References(const Pod& pod, const ObjectsByNamespace& given, DiagnosticCollector& report)
      : pod_(pod), given_(given), report_(report) {}

  void check_container(const Container& container, const Node* node) {
    for (std::size_t i = 0; i < container.env_from.size(); ++i)
      check(container.env_from[i], item(find(node, {"envFrom"}), i));
    for (std::size_t i = 0; i < container.env.size(); ++i)
      std::visit([&](const auto& source) { check(source, find(item(find(node, {"env"}), i), {"valueFrom"})); },
                 container.env[i].source);
  }

  void check_volume(const Volume& volume, const Node* node) {
    std::visit([&](const auto& source) { check(source, node); }, volume.source);
  }

 private:
  void add(const Node* node, std::string message, std::string hint = {}) {
    if (node != nullptr) report_.add(node->at, std::move(message), std::move(hint));
  }

  /// What may be meant by a name that no object of the pod's namespace has.
  template <typename Map>
  std::string meant_by(const std::string& name, Map NamedObjects::*where) const {
    for (const auto& [space, objects] : given_)
      if ((objects.*where).contains(name))
        return fmt::format("there is one in namespace {}: give it and the pod the same namespace", in_quotes(space));
    return nearest_key(name, pod_.objects.*where);
  }

  /// The object, or nullptr. A missing object is reported unless it may be missing.
  template <typename Object>
  const Object* object(std::map<std::string, Object> NamedObjects::*where, std::string_view kind,
                       const std::string& name, bool may_be_missing, const Node* place) {
    const auto& objects = pod_.objects.*where;
    const auto found = objects.find(name);
    if (found != objects.end()) return &found->second;
    if (may_be_missing || name.empty()) return nullptr;
    std::string hint = meant_by(name, where);
    if (hint.empty()) hint = fmt::format("give the file of the {} along: podrun run POD.yaml FILE", kind);
    add(place,
        fmt::format("there is no {} {} in namespace {}", kind, in_quotes(name),
                    in_quotes(pod_.metadata.namespace_name)),
        std::move(hint));
    return nullptr;
  }
  template <typename Object>
  void check_key(const Object* object, std::string_view kind, const std::string& key, bool may_be_missing,
                 const Node* place) {
    if (object == nullptr || may_be_missing || key.empty() || object->data.contains(key)) return;
    std::string hint = nearest_key(key, object->data);
    if (hint.empty()) hint = keys_of(object->data);
    add(place, fmt::format("the {} {} has no key {}", kind, in_quotes(object->metadata.name), in_quotes(key)),
        std::move(hint));
  }

  const ConfigMap* config_map(const std::string& name, bool may_be_missing, const Node* place) {
    return object(&NamedObjects::config_maps, "ConfigMap", name, may_be_missing, place);
  }
  const Secret* secret(const std::string& name, bool may_be_missing, const Node* place) {
    return object(&NamedObjects::secrets, "Secret", name, may_be_missing, place);
  }

  void check(const EnvFrom& from, const Node* node) {
    std::visit(Overloaded{[&](const ConfigMapRef& reference) {
                            config_map(reference.name, reference.optional, find(node, {"configMapRef", "name"}));
                          },
                          [&](const SecretRef& reference) {
                            secret(reference.name, reference.optional, find(node, {"secretRef", "name"}));
                          }},
               from.source);
  }

  void check(const std::string& /*value*/, const Node* /*node*/) {}
  void check(const ConfigMapKeyRef& reference, const Node* node) {
    node = find(node, {"configMapKeyRef"});
    const ConfigMap* map = config_map(reference.name, reference.optional, find(node, {"name"}));
    if (map != nullptr && !reference.optional && map->binary_keys.contains(reference.key))
      return add(find(node, {"key"}), fmt::format("a variable cannot have {}, which is in binaryData",
                                                  in_quotes(reference.key)), "mount it as a file, or move it to data");
    check_key(map, "ConfigMap", reference.key, reference.optional, find(node, {"key"}));
  }
  void check(const SecretKeyRef& reference, const Node* node) {
    node = find(node, {"secretKeyRef"});
    check_key(secret(reference.name, reference.optional, find(node, {"name"})), "Secret", reference.key,
              reference.optional, find(node, {"key"}));
  }
  void check(const FieldRef& reference, const Node* node) {
    if (reference.path.empty() || is_env_field(reference.path)) return;
    add(find(node, {"fieldRef", "fieldPath"}),
        fmt::format("a variable cannot have the field {}", in_quotes(reference.path)),
        "metadata.name, .namespace, .uid, .labels['KEY'], .annotations['KEY'], spec.nodeName, spec.serviceAccountName, "
        "status.hostIP, .hostIPs, .podIP or .podIPs");
  }
  void check(const ResourceFieldRef& reference, const Node* node) {
    node = find(node, {"resourceFieldRef"});
    if (!reference.resource.empty() && !is_resource_field(reference.resource))
      add(find(node, {"resource"}), fmt::format("there is no resource {}", in_quotes(reference.resource)),
          "limits or requests, with .cpu, .memory, .ephemeral-storage or .hugepages-SIZE");
    const Node* divisor = find(node, {"divisor"});
    if (divisor != nullptr && reference.divisor && is_resource_field(reference.resource))
      if (const std::string_view why = divisor_error(reference.resource, *divisor); !why.empty())
        add(divisor, fmt::format("divisor {} {}", in_quotes(divisor->text), why));
    const auto is_it = [&](const Container& container) { return container.name == reference.container_name; };
    if (!reference.container_name.empty() && std::ranges::none_of(pod_.spec.containers, is_it))
      add(find(node, {"containerName"}), fmt::format("there is no container {}", in_quotes(reference.container_name)));
  }
  void check(const FileKeyRef& reference, const Node* node) {
    if (reference.volume_name.empty()) return;
    node = find(node, {"fileKeyRef", "volumeName"});
    const auto volume = std::ranges::find(pod_.spec.volumes, reference.volume_name, &Volume::name);
    if (volume == pod_.spec.volumes.end())
      add(node, fmt::format("no volume is called {}", in_quotes(reference.volume_name)),
          "volumes are declared under spec.volumes");
    else if (!std::holds_alternative<EmptyDir>(volume->source))
      add(node, fmt::format("the volume {} is not an emptyDir", in_quotes(reference.volume_name)),
          "variables come only from files of an emptyDir");
  }

  void check(const EmptyDir& /*source*/, const Node* node) {
    if (const Node* claim = find(node, {"ephemeral"}); claim != nullptr && claim->kind == yaml::Kind::Mapping)
      check_ephemeral_claim(find(node, {"name"}));
  }
  /// The claim of an ephemeral volume is the volume's own: its controller takes no other of that name.
  void check_ephemeral_claim(const Node* volume) {
    if (volume == nullptr) return;
    const std::string claim = fmt::format("{}-{}", pod_.metadata.name, volume->text);
    const PersistentVolumeClaim* other = pod_.objects.claim(claim);
    if (other == nullptr || other->owning_pod == pod_.metadata.name) return;
    add(volume, fmt::format("the claim of this ephemeral volume would be {}, but a document declares a "
                            "PersistentVolumeClaim of that name, which is not the volume's", in_quotes(claim)),
        "rename one of them, or mount that claim with persistentVolumeClaim");
  }
  void check(const HostPath& /*source*/, const Node* /*node*/) {}
  void check(const ImageVolume& /*source*/, const Node* /*node*/) {}
  void check(const ServiceAccountToken& /*source*/, const Node* /*node*/) {}
  void check(const ConfigMapFiles& files, const Node* node) {
    node = find(node, {"configMap"});
    check_items(config_map(files.name, files.optional, find(node, {"name"})), "ConfigMap", files, node);
  }
  void check(const SecretFiles& files, const Node* node) {
    node = find(node, {"secret"});
    const Node* name = find(node, {"secretName"});
    check_items(secret(files.name, files.optional, name != nullptr ? name : find(node, {"name"})), "Secret", files,
                node);
  }
  void check(const DownwardApiFiles& files, const Node* node) {
    const Node* items = find(node, {"downwardAPI", "items"});
    for (std::size_t i = 0; i < files.items.size(); ++i)
      std::visit(Overloaded{[&](const FieldRef& field) { check_file_field(field, item(items, i)); },
                            [&](const ResourceFieldRef& resource) { check_file_resource(resource, item(items, i)); }},
                 files.items[i].source);
  }
  void check_file_resource(const ResourceFieldRef& resource, const Node* node) {
    const Node* place = find(node, {"resourceFieldRef"});
    const Node* name = find(place, {"containerName"});
    const bool is_missing = name == nullptr || name->kind == yaml::Kind::Null ||
                            (name->kind == yaml::Kind::Scalar && name->text.empty());
    if (place != nullptr && is_missing) add(place, "the resourceFieldRef of a file needs containerName");
    check(resource, node);
  }
  void check_file_field(const FieldRef& field, const Node* node) {
    if (field.path.empty() || is_file_field(field.path)) return;
    add(find(node, {"fieldRef", "fieldPath"}), fmt::format("a file cannot have the field {}", in_quotes(field.path)),
        "metadata.name, .namespace, .uid, .labels or .annotations");
  }
  void check(const Projected& projected, const Node* node) {
    const Node* sources = find(node, {"projected", "sources"});
    for (std::size_t i = 0; i < projected.sources.size(); ++i)
      std::visit([&](const auto& source) { check(source, item(sources, i)); }, projected.sources[i]);
  }
  /// A claim that no document declares is made when the pod starts.
  void check(const ClaimVolume& claim, const Node* node) {
    const Node* place = find(node, {"persistentVolumeClaim", "claimName"});
    const auto& claims = pod_.objects.claims;
    if (place == nullptr || claim.claim_name.empty() || claims.contains(claim.claim_name)) return;
    report_.warn(place->at,
                 fmt::format("no document declares the PersistentVolumeClaim {}: podrun makes a directory for it",
                             in_quotes(claim.claim_name)),
                 meant_by(claim.claim_name, &NamedObjects::claims));
  }

  template <typename Object, typename Files>
  void check_items(const Object* object, std::string_view kind, const Files& files, const Node* node) {
    for (std::size_t i = 0; i < files.items.size(); ++i)
      check_key(object, kind, files.items[i].key, files.optional, find(item(find(node, {"items"}), i), {"key"}));
  }

  const Pod& pod_;
  const ObjectsByNamespace& given_;
  DiagnosticCollector& report_;
};

}  // namespace

void check_references(const Pod& pod, const Node& root, const ObjectsByNamespace& given, DiagnosticCollector& report) {
  References references(pod, given, report);
  const Node* spec = root.find("spec");
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    references.check_container(pod.spec.containers[i], container_node(spec, pod.spec, i));
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i)
    references.check_volume(pod.spec.volumes[i], item(find(spec, {"volumes"}), i));
}

}  // namespace podrun::pod
