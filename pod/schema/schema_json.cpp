// Each table is a definition, each row a property.
#include "pod/schema/schema_json.hpp"

#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "pod/schema/field_table.hpp"
#include "pod/schema/schema.hpp"

namespace podrun::pod {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view list = "[]", map = "map[string]";

/// The type of a value, as a row names it.
Json type_of(std::string_view type) {
  if (type.starts_with(list)) return {{"type", "array"}, {"items", type_of(type.substr(list.size()))}};
  if (type.starts_with(map))
    return {{"type", "object"}, {"additionalProperties", type_of(type.substr(map.size()))}};
  if (find_table(type) != nullptr) return {{"$ref", fmt::format("#/definitions/{}", type)}};
  if (type == "int32" || type == "int64") return {{"type", "integer"}};
  if (type == "boolean") return {{"type", "boolean"}};
  if (type == "IntOrString") return {{"type", {"integer", "string"}}};
  if (type == "Quantity") return {{"type", {"string", "number"}}};
  if (type == "Time") return {{"type", {"string", "null"}}};
  return {{"type", type == "FieldsV1" ? "object" : "string"}};
}

std::string_view element_of(std::string_view type) {
  while (type.starts_with(list) || type.starts_with(map))
    type.remove_prefix(type.starts_with(list) ? list.size() : map.size());
  return type;
}

std::string description_of(const Row& row) {
  const auto& [level, text, remedy] = row.support;
  std::string out(row.doc);
  const auto add = [&](std::string_view sentence) { out.append(out.empty() ? "" : " ").append(sentence); };
  if (!row.presence.initial.empty()) add(fmt::format("By default {}.", row.presence.initial));
  if (level == SupportLevel::NoEffect) add(fmt::format("No effect: {}.", text));
  if (level == SupportLevel::Refused) add(fmt::format("Refused: {}{}{}.", text, remedy.empty() ? "" : "; ", remedy));
  if (level == SupportLevel::NotYet) add(fmt::format("podrun does not {} yet.", text));
  return out;
}

/// The annotations: ours with what they mean, any other as it likes.
Json annotations() {
  Json properties = Json::object();
  for (const KnownAnnotation& annotation : known_annotations())
    properties[annotation.key] = {{"type", "string"}, {"description", annotation.doc}};
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"patternProperties", {{"^(?!podrun\\.io/)", {{"type", {"string", "null"}}}}}},
          {"additionalProperties", false}};
}

Json property_of(const Table& table, const Row& row) {
  const bool is_annotations = table.type == "ObjectMeta" && row.name == "annotations";
  const bool is_unwanted = row.support.level == SupportLevel::Refused || row.support.level == SupportLevel::NotYet;
  Json property = is_annotations ? annotations() : type_of(row.type);
  if (is_unwanted) property = row.type == "boolean" ? Json{{"enum", {false}}} : Json{{"not", Json::object()}};
  if (!row.accepted.empty() && !is_unwanted) property["enum"] = row.accepted;
  // Nothing may stand beside a $ref.
  if (property.contains("$ref")) property = {{"allOf", Json::array({std::move(property)})}};
  if (std::string text = description_of(row); !text.empty()) property["description"] = std::move(text);
  return property;
}

Json definition_of(const Table& table) {
  Json properties = Json::object(), required_names = Json::array(), alternatives = Json::array();
  for (const Row& row : table.rows) {
    properties[row.name] = property_of(table, row);
    if (row.presence.need == Need::Required) required_names.push_back(row.name);
    if (row.presence.need == Need::OneOf) alternatives.push_back({{"required", {row.name}}});
  }
  Json definition{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required_names.empty()) definition["required"] = std::move(required_names);
  if (!alternatives.empty()) definition["oneOf"] = std::move(alternatives);
  return definition;
}

void define(std::string_view type, std::set<std::string_view>& seen, Json& definitions) {
  const Table* table = find_table(type);
  if (table == nullptr || !seen.insert(table->type).second) return;
  definitions[table->type] = definition_of(*table);
  for (const Row& row : table->rows) define(element_of(row.type), seen, definitions);
}

}  // namespace

std::string json_schema() {
  constexpr std::array kinds{"Pod", "ConfigMap", "Secret", "PersistentVolumeClaim"};
  Json definitions = Json::object(), by_kind = Json::array();
  std::set<std::string_view> seen;
  for (const char* kind : kinds) {
    define(kind, seen, definitions);
    by_kind.push_back({{"if", {{"properties", {{"kind", {{"const", kind}}}}}}},
                       {"then", {{"$ref", fmt::format("#/definitions/{}", kind)}}}});
  }
  const Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                    {"title", "A manifest of podrun"},
                    {"type", "object"},
                    {"required", {"apiVersion", "kind"}},
                    {"allOf", std::move(by_kind)},
                    {"definitions", std::move(definitions)}};
  return schema.dump(2) + "\n";
}

}  // namespace podrun::pod
