// The tables have each property of the Kubernetes Pod API, with its type and whether it is required, and no others.
//
// kubernetes-1.35.fields is derived from the OpenAPI document. If PODRUN_OPENAPI names that document, the list is
// compared with it, and PODRUN_UPDATE_GOLDEN writes the list again.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "pod/schema/field_table.hpp"
#include "pod/schema/schema.hpp"

namespace podrun::pod {
namespace {

using Json = nlohmann::json;

constexpr std::string_view list_path = PODRUN_SOURCE_DIR "/tests/pod/schema/kubernetes-1.35.fields";
constexpr std::string_view list_header =
    "# Every property of the closure of Pod, ConfigMap, Secret and PersistentVolumeClaim: TYPE.FIELD TYPE [required]\n"
    "# Source: Kubernetes 1.35, core/v1 OpenAPI; derived by kubernetes_test.cpp.\n";
const std::vector<std::string> kinds{"Pod", "ConfigMap", "Secret", "PersistentVolumeClaim"};

struct Property {
  std::string type;
  bool required = false;

  bool operator==(const Property&) const = default;
};
/// The rows by "Type.field".
using Properties = std::map<std::string, Property>;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A type without its "[]" and "map[string]".
std::string element_of(std::string_view type) {
  for (const std::string_view wrap : {"[]", "map[string]"})
    if (type.starts_with(wrap)) return element_of(type.substr(wrap.size()));
  return std::string(type);
}

std::string text_of(const Properties& properties) {
  std::string text(list_header);
  for (const auto& [name, property] : properties)
    text += name + " " + property.type + (property.required ? " required\n" : "\n");
  return text;
}

Properties committed() {
  std::istringstream in(read_file(list_path));
  Properties properties;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    std::string name, type, need;
    words >> name >> type >> need;
    properties[name] = {type, need == "required"};
  }
  return properties;
}

/// The properties of the OpenAPI document. Their types are written as in the tables.
class OpenApi {
 public:
  explicit OpenApi(const Json& document)
      : schemas_(document.contains("components") ? document["components"]["schemas"] : document["schemas"]) {
    for (const auto& [name, schema] : schemas_.items()) names_[name.substr(name.rfind('.') + 1)] = name;
  }

  Properties closure() const {
    Properties properties;
    std::set<std::string> seen;
    for (const std::string& kind : kinds) add(kind, seen, properties);
    return properties;
  }

 private:
  static std::string type_of(const Json& property) {
    if (property.contains("$ref")) {
      const std::string reference = property["$ref"];
      return reference.substr(reference.rfind('.') + 1);
    }
    if (property.contains("allOf")) return type_of(property["allOf"][0]);
    const std::string type = property.value("type", "");
    if (type == "array") return "[]" + type_of(property["items"]);
    if (type == "object") return "map[string]" + type_of(property["additionalProperties"]);
    if (type == "integer") return property["format"];
    return property.value("format", "") == "byte" ? "bytes" : type;
  }

  void add(const std::string& type, std::set<std::string>& seen, Properties& properties) const {
    if (!names_.contains(type) || !seen.insert(type).second) return;
    const Json& schema = schemas_[names_.at(type)];
    if (!schema.contains("properties")) return;
    const auto required = schema.value("required", std::vector<std::string>{});
    for (const auto& [name, property] : schema["properties"].items()) {
      const Property found{type_of(property), std::ranges::find(required, name) != required.end()};
      properties[type + "." + name] = found;
      add(element_of(found.type), seen, properties);
    }
  }

  const Json schemas_;
  std::map<std::string, std::string> names_;  ///< the last part of each definition's name
};

/// Every row of every table in the closure of KINDS, by "Type.field".
std::map<std::string, const Row*> rows() {
  std::map<std::string, const Row*> found;
  std::set<std::string> seen;
  std::vector<std::string> open = kinds;
  while (!open.empty()) {
    const std::string type = open.back();
    open.pop_back();
    const Table* table = find_table(type);
    if (table == nullptr || !seen.insert(type).second) continue;
    for (const Row& row : table->rows) {
      EXPECT_TRUE(found.emplace(type + "." + std::string(row.name), &row).second)
          << type << " has " << row.name << " twice";
      open.push_back(element_of(row.type));
    }
  }
  return found;
}

TEST(Kubernetes, TheTablesHoldExactlyTheApisProperties) {
  const Properties wanted = committed();
  ASSERT_GT(wanted.size(), 600U);
  const auto found = rows();
  for (const auto& [name, property] : wanted) {
    ASSERT_TRUE(found.contains(name)) << name;
    EXPECT_EQ(found.at(name)->type, property.type) << name;
  }
  for (const auto& [name, row] : found) EXPECT_TRUE(wanted.contains(name)) << name;
}

TEST(Kubernetes, AFieldThatTheApiRequiresIsRequired) {
  // An API server fills these in, or they mean nothing without a server. Other fields may be required only if podrun
  // reads them.
  const std::set<std::string> stricter{"ConfigMap.apiVersion",
                                       "ConfigMap.kind",
                                       "ConfigMap.metadata",
                                       "ConfigMapEnvSource.name",
                                       "ConfigMapKeySelector.name",
                                       "ConfigMapProjection.name",
                                       "ConfigMapVolumeSource.name",
                                       "Container.image",
                                       "ImageVolumeSource.reference",
                                       "ObjectMeta.name",
                                       "ContainerRestartRule.exitCodes",
                                       "ExecAction.command",
                                       "PersistentVolumeClaim.apiVersion",
                                       "PersistentVolumeClaim.kind",
                                       "PersistentVolumeClaim.metadata",
                                       "PersistentVolumeClaim.spec",
                                       "Pod.apiVersion",
                                       "Pod.kind",
                                       "Pod.metadata",
                                       "Pod.spec",
                                       "PodDNSConfigOption.name",
                                       "Secret.apiVersion",
                                       "Secret.kind",
                                       "Secret.metadata",
                                       "SecretEnvSource.name",
                                       "SecretKeySelector.name",
                                       "SecretProjection.name",
                                       "SecretVolumeSource.secretName"};
  const Properties wanted = committed();
  for (const auto& [name, row] : rows()) {
    const bool is_required = row->presence.need == Need::Required;
    if (stricter.contains(name)) {
      EXPECT_TRUE(is_required && !wanted.at(name).required) << name << " is not stricter";
    } else if (wanted.contains(name)) {
      EXPECT_EQ(is_required, wanted.at(name).required) << name;
    }
  }
}

TEST(Kubernetes, EveryUsedFieldNamesAnExistingTest) {
  std::set<std::string> tests;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(PODRUN_SOURCE_DIR "/tests")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = read_file(entry.path());
    static const std::regex declared(R"(TEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
    for (std::sregex_iterator match(text.begin(), text.end(), declared); match != std::sregex_iterator(); ++match)
      tests.insert((*match)[1].str() + "." + (*match)[2].str());
  }
  for (const auto& [name, row] : rows()) {
    const auto& [level, text, remedy] = row->support;
    EXPECT_EQ(text.empty(), level == SupportLevel::Checked) << name;
    EXPECT_FALSE(text.ends_with('.')) << name;
    if (level != SupportLevel::Used) continue;
    EXPECT_TRUE(tests.contains(std::string(text))) << name << " is shown by " << text << ", which does not exist";
    EXPECT_NE(row->decode, nullptr) << name << " is never read, so it cannot be used";
  }
}

TEST(Kubernetes, TheFieldListIsDerivedFromTheOpenApiDocument) {
  const char* path = std::getenv("PODRUN_OPENAPI");
  if (path == nullptr) GTEST_SKIP() << "PODRUN_OPENAPI names no file";
  const std::string derived = text_of(OpenApi(Json::parse(read_file(path))).closure());
  if (std::getenv("PODRUN_UPDATE_GOLDEN") != nullptr) std::ofstream(std::string(list_path)) << derived;
  EXPECT_EQ(read_file(list_path), derived);
}

}  // namespace
}  // namespace podrun::pod
