// The JSON Schema for editors: every reference resolves, and each row's description is in it.
#include "pod/schema/schema_json.hpp"

#include <gtest/gtest.h>

#include <string>

#include <nlohmann/json.hpp>

namespace podrun::pod {
namespace {

using Json = nlohmann::json;

void expect_references(const Json& node, const Json& definitions) {
  if (node.is_object() && node.contains("$ref")) {
    const std::string reference = node["$ref"];
    EXPECT_TRUE(definitions.contains(reference.substr(reference.rfind('/') + 1))) << reference;
  }
  if (!node.is_structured()) return;
  for (const Json& child : node) expect_references(child, definitions);
}

TEST(JsonSchema, EveryReferenceLeadsToADefinition) {
  const Json schema = Json::parse(json_schema());
  EXPECT_GT(schema["definitions"].size(), 100U);
  expect_references(schema, schema["definitions"]);
}

TEST(JsonSchema, TheSchemaStatesTypesEnumsAndRequiredFields) {
  const Json all = Json::parse(json_schema())["definitions"];
  const Json& policy = all["PodSpec"]["properties"]["restartPolicy"];
  EXPECT_EQ(policy["type"], (Json{"string", "null"}));
  EXPECT_EQ(policy["enum"], (Json{"Always", "OnFailure", "Never", nullptr}));
  EXPECT_EQ(all["Container"]["properties"]["name"]["type"], "string");
  EXPECT_TRUE(policy["description"].get<std::string>().ends_with("By default Always."));
  EXPECT_EQ(all["PodSpec"]["required"], Json{"containers"});
  EXPECT_EQ(all["PodSpec"]["additionalProperties"], false);
  EXPECT_EQ(all["Volume"]["properties"]["nfs"]["type"], "null");
  EXPECT_EQ(all["SecurityContext"]["properties"]["seLinuxOptions"]["maxProperties"], 0);
  EXPECT_EQ(all["Lifecycle"]["properties"]["stopSignal"]["enum"].size(), 66U) << "the signals, and null";
  EXPECT_EQ(all["HTTPGetAction"]["properties"]["port"]["type"], (Json{"integer", "string"}));
  EXPECT_EQ(all["PodSpec"]["properties"]["nodeSelector"]["description"], "No effect: there is one node.");
  EXPECT_EQ(all["PersistentVolumeClaimTemplate"]["properties"]["metadata"]["type"], (Json{"object", "null"}));
  const auto& annotations = all["ObjectMeta"]["properties"]["annotations"];
  EXPECT_TRUE(annotations["properties"].contains("podrun.io/network"));
  EXPECT_TRUE(annotations["patternProperties"].contains("^podrun\\.io/network\\.[a-z0-9]"));
}

}  // namespace
}  // namespace podrun::pod
