// Each table is a definition, each row a property.
#include "pod/schema/schema_json.hpp"

#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/schema/field_table.hpp"
#include "pod/schema/schema.hpp"

namespace podrun::pod {
namespace {

using Json = json::Value;
using json::object;

constexpr std::string_view list = "[]", map = "map[string]";

/// The type of a value, as a row names it.
Json type_of(std::string_view type) {
  if (type.starts_with(list)) return object({{"type", "array"}, {"items", type_of(type.substr(list.size()))}});
  if (type.starts_with(map))
    return object({{"type", "object"}, {"additionalProperties", type_of(type.substr(map.size()))}});
  if (find_table(type) != nullptr) return object({{"$ref", fmt::format("#/definitions/{}", type)}});
  if (type == "int32" || type == "int64") return object({{"type", "integer"}});
  if (type == "boolean") return object({{"type", "boolean"}});
  if (type == "IntOrString") return object({{"type", json::Array{"integer", "string"}}});
  if (type == "Quantity") return object({{"type", json::Array{"string", "number"}}});
  if (type == "Time") return object({{"type", json::Array{"string", "null"}}});
  return object({{"type", type == "FieldsV1" ? "object" : "string"}});
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
  return out;
}

/// The annotations: ours with what they mean, any other as it likes.
Json annotations() {
  constexpr std::string_view any_container = "podrun.io/network.CONTAINER";
  Json properties = object(), patterns = object();
  patterns["^(?!podrun\\.io/)"] = object({{"type", json::Array{"string", "null"}}});
  for (const KnownAnnotation& annotation : known_annotations()) {
    Json value = object({{"type", "string"}, {"description", annotation.doc}});
    if (annotation.key == any_container)
      patterns["^podrun\\.io/network\\.[a-z0-9]"] = std::move(value);
    else
      properties[annotation.key] = std::move(value);
  }
  return object({{"type", "object"},
                 {"properties", std::move(properties)},
                 {"patternProperties", std::move(patterns)},
                 {"additionalProperties", false}});
}

/// The values of a field that podrun refuses: those that ask for nothing.
Json nothing(const Row& row) {
  if (row.type == "boolean") return object({{"enum", json::Array{false, Json()}}});
  if (may_be_empty(row)) return object({{"type", json::Array{"object", "null"}}, {"maxProperties", 0}});
  return object({{"type", "null"}});
}

/// The values of a field: those of its type and, unless it is required, null.
Json values_of(const Row& row, Json of_type) {
  const bool may_be_null = row.presence.need != Need::Required;
  if (!row.accepted.empty()) {
    Json values = json::array_of(row.accepted);
    if (may_be_null) values.push_back(Json());
    of_type["enum"] = std::move(values);
  }
  if (of_type.find("$ref") != nullptr) {  // nothing may stand beside it
    Json choice = json::Array{std::move(of_type)};
    if (may_be_null) choice.push_back(object({{"type", "null"}}));
    return object({{"anyOf", std::move(choice)}});
  }
  Json types = of_type["type"];
  if (types.is_string()) types = json::Array{std::move(types)};
  if (may_be_null && row.type != "Time") types.push_back("null");
  of_type["type"] = types.items().size() == 1 ? types.items()[0] : types;
  return of_type;
}

Json property_of(const Table& table, const Row& row) {
  const bool is_annotations = table.type == "ObjectMeta" && row.name == "annotations";
  const Json own_type = is_metadata_of_template(row) ? object({{"type", "object"}}) : type_of(row.type);
  const bool is_unwanted = row.support.level == SupportLevel::Refused;
  Json property = is_unwanted ? nothing(row) : values_of(row, is_annotations ? annotations() : own_type);
  if (std::string text = description_of(row); !text.empty()) property["description"] = std::move(text);
  return property;
}

Json definition_of(const Table& table) {
  Json properties = object(), required_names = json::array(), alternatives = json::array();
  const auto is_set = [](std::string_view name) {
    Json set = object({{"not", object({{"type", "null"}})}});
    return object({{"required", json::Array{name}}, {"properties", object({{name, std::move(set)}})}});
  };
  for (const Row& row : table.rows) {
    properties[row.name] = property_of(table, row);
    if (row.presence.need == Need::Required) required_names.push_back(row.name);
    if (row.presence.need == Need::OneOf) alternatives.push_back(is_set(row.name));
  }
  if (!table.without_alternative.empty()) alternatives.push_back(object({{"not", object({{"anyOf", alternatives}})}}));
  Json definition =
      object({{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}});
  if (!required_names.items().empty()) definition["required"] = std::move(required_names);
  if (!alternatives.items().empty()) definition["oneOf"] = std::move(alternatives);
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
  constexpr std::array kinds{"Pod", "ConfigMap", "Secret", "PersistentVolumeClaim", "Service"};
  Json definitions = object(), by_kind = json::array();
  std::set<std::string_view> seen;
  for (const char* kind : kinds) {
    define(kind, seen, definitions);
    Json is_kind = object({{"properties", object({{"kind", object({{"const", kind}})}})}});
    Json then = object({{"$ref", fmt::format("#/definitions/{}", kind)}});
    by_kind.push_back(object({{"if", std::move(is_kind)}, {"then", std::move(then)}}));
  }
  const Json schema = object({{"$schema", "http://json-schema.org/draft-07/schema#"},
                              {"title", "A manifest of podrun"},
                              {"type", "object"},
                              {"required", json::Array{"apiVersion", "kind"}},
                              {"allOf", std::move(by_kind)},
                              {"definitions", std::move(definitions)}});
  return json::dump_lines(schema, 2);
}

}  // namespace podrun::pod
