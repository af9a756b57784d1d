// YAML as JSON, and JSON as YAML.
#include "pod/yaml/json_of.hpp"

#include <gtest/gtest.h>

#include "pod/json/json.hpp"

namespace podrun::pod::yaml {
namespace {

json::Value parsed(std::string_view text) {
  DiagnosticCollector report(text);
  const Document document = read(text, report);
  EXPECT_TRUE(report.empty()) << text;
  return document.root == nullptr ? json::Value() : json_of(*document.root);
}

TEST(JsonOfYaml, ScalarsHaveTheTypesThatKubernetesGivesThem) {
  EXPECT_EQ(json::dump(parsed("a: 1\nb: 0644\nc: 0.5\nd: '1'\ne: true\nf: \"true\"\ng: on\nh: ~\ni: x y\nj: 500m\n")),
            R"({"a":1,"b":420,"c":0.5,"d":"1","e":true,"f":"true","g":true,"h":null,"i":"x y","j":"500m"})");
}

TEST(JsonOfYaml, ListsAndMappingsNest) {
  EXPECT_EQ(json::dump(parsed("a:\n- b: [1, x]\n- {}\n- []\n")), R"({"a":[{"b":[1,"x"]},{},[]]})");
}

TEST(YamlOfJson, IsReadAsTheSameValue) {
  const std::string text =
      R"({"a":"b","empty":{},"none":[],"n":null,"list":[1,-2,0.5,"x",[1,[2]],{"k":{"l":true}}],)"
      R"("odd":["","null","true","1","1e3","- x","a: b","a #b"," a","a ","two\nlines","ü","{","*x"],)"
      R"("more":["~","0x1f","2026-11-30"],)"
      R"("key: odd":{"1":"x"}})";
  const auto value = json::parse(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(json::dump(parsed(to_yaml(*value))), text);
}

TEST(YamlOfJson, IsInBlockStyle) {
  const auto value = json::parse(R"({"spec":{"containers":[{"name":"app","command":["sh","-c"]}]},"x":[]})");
  ASSERT_TRUE(value);
  EXPECT_EQ(to_yaml(*value),
            "spec:\n"
            "  containers:\n"
            "  - name: app\n"
            "    command:\n"
            "    - sh\n"
            "    - \"-c\"\n"
            "x: []\n");
}

}  // namespace
}  // namespace podrun::pod::yaml
