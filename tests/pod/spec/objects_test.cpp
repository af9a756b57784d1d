// The objects that a pod refers to, decoded.
#include "pod/spec/objects.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/schema/schema.hpp"
#include "pod/text/base64.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {
namespace {

template <typename T>
struct Decoded {
  T object;
  std::vector<std::string> mistakes;
};

template <typename T>
Decoded<T> decoded(std::string_view text) {
  DiagnosticCollector report(text);
  const yaml::Document document = yaml::read(text, report);
  Decoded<T> out{decode<T>(*document.root, report), {}};
  for (const Diagnostic& d : report.diagnostics())
    if (d.severity == Severity::Error)
      out.mistakes.push_back(fmt::format("{}:{} {}", d.at.line, d.at.column, d.message));
  return out;
}
const std::vector<std::string> none;
using Texts = std::map<std::string, std::string>;

TEST(Objects, AConfigMapHoldsTextsAndBytes) {
  const auto [map, mistakes] = decoded<ConfigMap>(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\nimmutable: true\n"
      "data: {a.conf: \"x\", empty: \"\"}\nbinaryData: {b: AAEC/w==}\n");
  EXPECT_EQ(mistakes, none);
  EXPECT_EQ(map.metadata.name, "settings");
  EXPECT_EQ(map.data, (Texts{{"a.conf", "x"}, {"empty", ""}, {"b", std::string("\0\1\2\xFF", 4)}}));
}

TEST(Objects, AKeyInBothDataAndBinaryDataIsAnError) {
  EXPECT_EQ(
      decoded<ConfigMap>("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: x}\nbinaryData: {b: eA==}\n")
          .mistakes,
      std::vector<std::string>{"5:17 binaryData[\"b\"] is among the texts already"});
}

TEST(Objects, StringDataOverridesTheDataOfASecret) {
  const auto [secret, mistakes] = decoded<Secret>(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ntype: Opaque\nstringData: {user: me}\n"
      "data: {user: eW91, password: aHVudGVyMg==}\n");
  EXPECT_EQ(mistakes, none);
  EXPECT_EQ(secret.data, (Texts{{"user", "me"}, {"password", "hunter2"}}));
}

TEST(Objects, AClaimsStorageRequestIsDecoded) {
  const auto [claim, mistakes] = decoded<PersistentVolumeClaim>(
      "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  accessModes: [ReadWriteOnce]\n"
      "  resources: {requests: {storage: 1Gi}}\nstatus: {phase: Bound}\n");
  EXPECT_EQ(mistakes, none);
  EXPECT_EQ(claim.spec.requests, (Quantities{{"storage", {1 << 30}}}));
}

TEST(Objects, KeysMustBeFileNamesAndSecretDataBase64) {
  EXPECT_EQ(decoded<ConfigMap>("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a/b: x, ..c: x}\n")
                .mistakes.size(),
            2U);
  EXPECT_EQ(decoded<Secret>("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: '?'}\n").mistakes,
            std::vector<std::string>{"4:11 data[\"a\"] must be base64"});
}

TEST(Base64, OnlyBase64WithItsPaddingIsDecoded) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v\nYmFy\n"), "foobar");
  for (const char* wrong : {"Z", "Zg", "Zg=", "=Zg=", "Zg==Zg==", "Z===", "Zg=a", "Z-8="})
    EXPECT_EQ(decode_base64(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace podrun::pod
