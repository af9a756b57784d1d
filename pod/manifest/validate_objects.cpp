// Checks ConfigMaps, Secrets and PersistentVolumeClaims as the API server does (ValidateConfigMap, ValidateSecret,
// ValidatePersistentVolumeClaim).
#include "pod/manifest/validate_objects.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/manifest/field_places.hpp"
#include "pod/manifest/validate_pod.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;
using yaml::find;
using yaml::Kind;
using yaml::Node;

/// What a type of Secret promises to those who read it.
struct SecretType {
  std::string_view name;
  std::array<std::string_view, 2> keys;  ///< the second may be ""
  enum class Needs { All, Any, AllWithText, Json } needs;
};
constexpr std::array secret_types{
    SecretType{"kubernetes.io/tls", {"tls.crt", "tls.key"}, SecretType::Needs::All},
    SecretType{"kubernetes.io/basic-auth", {"username", "password"}, SecretType::Needs::Any},
    SecretType{"kubernetes.io/ssh-auth", {"ssh-privatekey", ""}, SecretType::Needs::AllWithText},
    SecretType{"kubernetes.io/dockercfg", {".dockercfg", ""}, SecretType::Needs::Json},
    SecretType{"kubernetes.io/dockerconfigjson", {".dockerconfigjson", ""}, SecretType::Needs::Json},
};
constexpr std::string_view account_type = "kubernetes.io/service-account-token";
constexpr std::string_view account_annotation = "kubernetes.io/service-account.name";

constexpr std::array access_modes{"ReadWriteOnce"sv, "ReadOnlyMany"sv, "ReadWriteMany"sv, "ReadWriteOncePod"sv};

/// The sentence about what a Secret lacks for its type; "" if it lacks nothing. It shows no value.
std::string lack_of(const Secret& secret, const Node& root, const SecretType& type) {
  const auto value_of = [&](std::string_view key) {
    const auto found = secret.data.find(std::string(key));
    return found == secret.data.end() ? nullptr : &found->second;
  };
  const auto has = [&](std::string_view key) {
    return key.empty() || find(&root, {"data", key}) != nullptr || find(&root, {"stringData", key}) != nullptr;
  };
  const std::string needs = fmt::format("a Secret of type {} needs ", type.name);
  if (type.needs == SecretType::Needs::Any)
    return has(type.keys[0]) || has(type.keys[1])
               ? ""
               : fmt::format("{}the key {} or {}", needs, in_quotes(type.keys[0]), in_quotes(type.keys[1]));
  for (const std::string_view key : type.keys)
    if (!has(key)) return fmt::format("{}the key {}", needs, in_quotes(key));
  const std::string* first = value_of(type.keys[0]);
  if (first == nullptr) return "";  // decode() has refused it
  if (type.needs == SecretType::Needs::AllWithText && first->empty())
    return fmt::format("{}a value of the key {}", needs, in_quotes(type.keys[0]));
  if (type.needs == SecretType::Needs::Json && !json::parse(*first))
    return fmt::format("{}JSON in the key {}", needs, in_quotes(type.keys[0]));
  return "";
}

void check_access_modes(const Node& spec, DiagnosticCollector& report) {
  if (is_misspelt(spec, "accessModes")) return;
  const Node* modes = spec.find("accessModes");
  if (modes == nullptr || (modes->kind != Kind::Scalar && modes->items.empty()))
    return report.add(modes == nullptr ? spec.at : modes->at, "a claim needs accessModes, such as [ReadWriteOnce]");
  const auto is_pod_only = [](const Node* mode) { return mode->text == access_modes.back(); };
  for (const Node* mode : modes->items)
    if (mode->kind == Kind::Scalar && std::ranges::find(access_modes, mode->text) == access_modes.end())
      report.add(mode->at, fmt::format("accessModes are {}, but this is {}",
                                       joined(std::vector(access_modes.begin(), access_modes.end()), ", "),
                                       in_quotes(mode->text)));
  const auto alone = std::ranges::count_if(modes->items, is_pod_only);
  if (alone > 0 && static_cast<std::size_t>(alone) < modes->items.size())
    report.add((*std::ranges::find_if(modes->items, is_pod_only))->at,
               "the access mode ReadWriteOncePod cannot be together with others");
}

void check_storage(const Quantities& requested, const Node& spec, DiagnosticCollector& report) {
  if (is_misspelt(spec, "resources")) return;
  const Node* resources = spec.find("resources");
  const Node* requests = find(resources, {"requests"});
  const Node* storage = find(requests, {"storage"});
  if (storage == nullptr || storage->kind == Kind::Null) {
    const Node* place = requests != nullptr ? requests : resources != nullptr ? resources : &spec;
    return report.add(place->at, "a claim needs resources.requests.storage, such as 1Gi");
  }
  const auto wanted = requested.find("storage");
  if (wanted != requested.end() && wanted->second == Quantity{})
    report.add(storage->at, "storage must be greater than zero");
}

void check_class(const Node& spec, std::string_view field, DiagnosticCollector& report) {
  const Node* name = spec.find(field);
  if (name == nullptr || name->kind != Kind::Scalar || name->text.empty()) return;
  if (const ValueError value_error = dns_subdomain(name->text); !value_error.empty())
    report.add(name->at, fmt::format("{} {} {}", field, in_quotes(name->text), value_error));
}

void check_claim(const Quantities& requested, const Node& spec, DiagnosticCollector& report) {
  if (spec.kind != Kind::Mapping) return;
  check_access_modes(spec, report);
  check_storage(requested, spec, report);
  check_class(spec, "storageClassName", report);
  check_class(spec, "volumeAttributesClassName", report);
}

/// The claim of an ephemeral volume is named after its pod and volume, and has no metadata but labels and annotations.
void check_metadata_of_ephemeral(const Node* metadata, DiagnosticCollector& report) {
  if (metadata == nullptr) return;
  for (const yaml::Entry& entry : metadata->entries)
    if (entry.value->kind != Kind::Null && entry.key->text != "labels" && entry.key->text != "annotations")
      report.add(entry.key->at, fmt::format("{} cannot be set for an ephemeral volume", entry.key->text),
                 "its claim has only labels and annotations");
}

}  // namespace

std::set<std::string> binary_keys_of(const Node& root) {
  std::set<std::string> keys;
  if (const Node* binary = root.find("binaryData"))
    for (const yaml::Entry& entry : binary->entries) keys.insert(entry.key->text);
  return keys;
}

std::string owning_pod_of(const Node& root) {
  const Node* owners = find(&root, {"metadata", "ownerReferences"});
  for (const Node* owner : owners == nullptr ? std::vector<const Node*>{} : owners->items) {
    const Node *kind = owner->find("kind"), *name = owner->find("name");
    if (kind != nullptr && kind->text == "Pod" && name != nullptr) return name->text;
  }
  return {};
}

void check_size(const std::map<std::string, std::string>& data, const Node& root, DiagnosticCollector& report) {
  constexpr std::size_t limit = 1U << 20;
  std::size_t size = 0;
  for (const auto& [key, value] : data) size += value.size();
  if (size > limit)
    report.add(root.find("kind")->at, fmt::format("the content of this {} has {} bytes; 1 MiB ({}) is the limit",
                                                  root.find("kind")->text, size, limit));
}

void validate(const ConfigMap& config_map, const Node& root, DiagnosticCollector& report) {
  if (const Node* metadata = root.find("metadata")) check_metadata(config_map.metadata, *metadata, report);
}

void validate(const Secret& secret, const Node& root, DiagnosticCollector& report) {
  const Node* metadata = root.find("metadata");
  if (metadata != nullptr) check_metadata(secret.metadata, *metadata, report);
  const Node* type = root.find("type");
  if (type == nullptr || type->kind != Kind::Scalar) return;
  if (type->text == account_type) {
    const auto account = secret.metadata.annotations.find(std::string(account_annotation));
    if (account == secret.metadata.annotations.end() || account->second.empty())
      report.add(type->at,
                 fmt::format("a Secret of type {} needs the annotation {}", account_type, account_annotation));
  }
  const auto known = std::ranges::find(secret_types, type->text, &SecretType::name);
  if (known == secret_types.end()) return;
  if (std::string lack = lack_of(secret, root, *known); !lack.empty()) report.add(type->at, std::move(lack));
}

void validate(const PersistentVolumeClaim& claim, const Node& root, DiagnosticCollector& report) {
  if (const Node* metadata = root.find("metadata")) check_metadata(claim.metadata, *metadata, report);
  if (const Node* spec = root.find("spec")) check_claim(claim.spec.requests, *spec, report);
}

void check_ephemeral(const Node* node, DiagnosticCollector& report) {
  if (node == nullptr || node->kind != Kind::Mapping) return;
  const Node* wanted = node->find("volumeClaimTemplate");
  // Another field is a misspelling, which is reported already.
  if (node->entries.empty() || (wanted != nullptr && wanted->kind == Kind::Null))
    return report.add(node->at, "an ephemeral volume needs volumeClaimTemplate");
  check_metadata_of_ephemeral(find(wanted, {"metadata"}), report);
  if (const Node* spec = find(wanted, {"spec"})) return check_claim({}, *spec, report);
  if (wanted != nullptr && wanted->entries.empty())
    report.add(wanted->at, "the volumeClaimTemplate of an ephemeral volume needs spec");
}

}  // namespace podrun::pod
