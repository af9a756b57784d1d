// Manifests and indexes: what is taken, and with which sentence the others are refused.
#include "pod/image/image_manifest.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a'), other = "sha256:" + std::string(64, 'b');

constexpr std::string_view oci = "application/vnd.oci.image.", docker = "application/vnd.docker.";

std::string blob(const std::string& type, const std::string& id, const std::string& more = "") {
  return fmt::format(R"({{"mediaType":"{}","digest":"{}","size":7{}}})", type, id, more);
}

std::string config() {
  return blob(std::string(oci) + "config.v1+json", digest);
}
std::string layer() {
  return blob(std::string(oci) + "layer.v1.tar+gzip", other);
}

std::string manifest(const std::string& layers, const std::string& more = "") {
  return fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]{}}})", config(), layers, more);
}

std::string index(const std::string& entries) {
  return fmt::format(R"({{"schemaVersion":2,"mediaType":"{}index.v1+json","manifests":[{}]}})", oci, entries);
}

std::string error_of(const std::string& text) {
  const auto parsed = parse_manifest(text);
  return parsed ? "no error" : parsed.error().message;
}

TEST(ImageManifest, OciAndDockersSchema2AreTaken) {
  for (const auto& [type, config_type, layer_type] :
       {std::tuple(std::string(oci) + "manifest.v1+json", std::string(oci) + "config.v1+json",
                   std::string(oci) + "layer.v1.tar+zstd"),
        std::tuple(std::string(docker) + "distribution.manifest.v2+json",
                   std::string(docker) + "container.image.v1+json",
                   std::string(docker) + "image.rootfs.diff.tar.gzip")}) {
    const auto parsed = parse_manifest(
        fmt::format(R"({{"schemaVersion":2,"mediaType":"{}","unknown":{{"a":[1]}},"config":{},"layers":[{}]}})", type,
                    blob(config_type, digest), blob(layer_type, other)));
    ASSERT_TRUE(parsed) << parsed.error().message;
    const auto& image = std::get<ImageManifest>(*parsed);
    EXPECT_EQ(image.config, (BlobDescriptor{config_type, digest, 7}));
    EXPECT_EQ(image.layers, (std::vector{BlobDescriptor{layer_type, other, 7}}));
  }
}

TEST(ImageManifest, TheCompressionComesFromTheMediaType) {
  const auto compression = [](const std::string& end) {
    const auto found = compression_of("application/vnd." + end);
    return found ? static_cast<int>(*found) : -1;
  };
  EXPECT_EQ(compression("oci.image.layer.v1.tar"), static_cast<int>(Compression::None));
  EXPECT_EQ(compression("oci.image.layer.v1.tar+gzip"), static_cast<int>(Compression::Gzip));
  EXPECT_EQ(compression("oci.image.layer.v1.tar+zstd"), static_cast<int>(Compression::Zstd));
  EXPECT_EQ(compression("docker.image.rootfs.diff.tar"), static_cast<int>(Compression::None));
  EXPECT_EQ(compression("docker.image.rootfs.diff.tar.gzip"), static_cast<int>(Compression::Gzip));
  EXPECT_EQ(compression("oci.image.layer.v1.tar+xz"), -1);
}

TEST(ImageManifest, AnIndexListsImagesAndLeavesOutWhatIsNone) {
  const std::string type = std::string(oci) + "manifest.v1+json";
  const auto parsed = parse_manifest(
      index(blob(type, digest, R"(,"platform":{"os":"linux","architecture":"arm","variant":"v7","os.version":"1"})") +
            "," + blob(type, other, R"(,"platform":{"os":"unknown","architecture":"unknown"})") + "," +
            blob(std::string(oci) + "index.v1+json", other) + "," + blob(type, other, R"(,"artifactType":"a/b")") +
            "," + blob("application/vnd.cncf.notary.signature", other)));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& found = std::get<ImageIndex>(*parsed);
  ASSERT_EQ(found.entries.size(), 1U);
  EXPECT_EQ(found.entries[0].platform, (Platform{"linux", "arm", "v7"}));
  EXPECT_EQ(found.left_out, 4U);
}

// Nothing follows an index from an index, so that no cycle can be followed.
TEST(ImageManifest, AnIndexThatListsItselfHasNoImage) {
  const auto parsed = parse_manifest(index(blob(std::string(oci) + "index.v1+json", digest)));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(choose_from(std::get<ImageIndex>(*parsed), {"linux", "amd64"}).error().message,
            "image index: it lists no image");
}

TEST(ImageManifest, WhatPodrunDoesNotRunIsRefusedWithASentence) {
  const std::string gzip = std::string(oci) + "layer.v1.tar+gzip";
  std::string many = layer();
  for (int i = 0; i < 128; ++i) many += "," + layer();
  const std::vector<std::pair<std::string, std::string>> errors{
      {R"({"schemaVersion":1,"fsLayers":[]})", "Docker's schema 1"},
      {R"({"schemaVersion":3})", "schemaVersion is 3, and podrun knows 2 only"},
      {R"({"schemaVersion":"2"})", "schemaVersion must be a number"},
      {R"({"schemaVersion":-2})", "schemaVersion must be a number"},
      {R"({"schemaVersion":2.0})", "schemaVersion must be a number"},
      {R"([])", "it must be an object"},
      {R"("text")", "it must be an object"},
      {R"({"schemaVersion":2})", "config is missing"},
      {R"({"schemaVersion":2,"mediaType":"text/html"})", "its mediaType is \"text/html\", which is neither"},
      {R"({"schemaVersion":2,"mediaType":7})", "mediaType must be a string"},
      {R"({"schemaVersion":2,"config":7,"layers":[]})", "config must be an object"},
      {fmt::format(R"({{"schemaVersion":2,"config":{}}})", config()), "layers must be a list"},
      {fmt::format(R"({{"schemaVersion":2,"config":{},"layers":{{}}}})", config()), "layers must be a list"},
      {manifest(""), "it has no layers"},
      {manifest(many), "layers has 129 items, and podrun takes at most 128"},
      {manifest("7"), "layers[0] must be an object"},
      {manifest(layer() + "," + blob(gzip, "sha256:short")), "layers[1].digest is \"sha256:short\""},
      {manifest(blob(gzip, "sha512:" + std::string(128, 'a'))), "\"sha256:\" with 64 hexadecimal digits only"},
      {manifest(blob(gzip, "sha256:../" + std::string(61, 'a'))), "\"sha256:\" with 64 hexadecimal digits only"},
      {manifest(fmt::format(R"({{"mediaType":"{}","digest":"{}","size":-1}})", gzip, digest)),
       "layers[0].size must be a number of bytes"},
      {manifest(fmt::format(R"({{"mediaType":"{}","digest":"{}","size":18446744073709551615}})", gzip, digest)),
       "layers[0].size must be a number of bytes"},
      {manifest(fmt::format(R"({{"mediaType":"{}","digest":"{}","size":1e99}})", gzip, digest)),
       "layers[0].size must be a number of bytes"},
      {manifest(fmt::format(R"({{"mediaType":"{}","digest":"{}"}})", gzip, digest)),
       "layers[0].size must be a number of bytes"},
      {manifest(blob(std::string(oci) + "layer.nondistributable.v1.tar+gzip", digest)), "it is a foreign layer"},
      {manifest(blob(std::string(docker) + "image.rootfs.foreign.diff.tar.gzip", digest)), "it is a foreign layer"},
      {manifest(blob(gzip, digest, R"(,"urls":["https://registry.example/x"])")), "it is a foreign layer"},
      {manifest(blob(gzip + "+encrypted", digest)), "it is encrypted"},
      {manifest(blob("application/vnd.wasm.content.layer.v1+wasm", digest)), "podrun knows no layers of type"},
      {manifest(layer(), R"(,"artifactType":"application/vnd.example.sbom")"),
       "it is an artifact (\"application/vnd.example.sbom\")"},
      {fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                   blob("application/vnd.oci.empty.v1+json", digest), layer()),
       "it is an artifact (\"application/vnd.oci.empty.v1+json\")"},
      {fmt::format(R"({{"schemaVersion":2,"config":{},"layers":[{}]}})",
                   blob("application/vnd.cncf.helm.config.v1+json", digest), layer()),
       "it is an artifact"},
      {manifest(layer(), R"(,"manifests":[])"), "it has both manifests and layers"},
      {fmt::format(R"({{"schemaVersion":2,"config":{{"mediaType":"{}config.v1+json","digest":"{}","size":99999999}},)"
                   R"("layers":[{}]}})",
                   oci, digest, layer()),
       "its config has 99999999 bytes"},
      {index("7"), "manifests[0] must be an object"},
      {index(blob("", digest, R"(,"platform":7)")), "manifests[0].platform must be an object"},
      {index(blob("", digest, R"(,"platform":{"os":7})")), "manifests[0].platform.os must be a string"},
      {index(blob("", "x")), "manifests[0].digest is \"x\""},
  };
  for (const auto& [text, sentence] : errors) {
    EXPECT_TRUE(error_of(text).starts_with("image manifest: ")) << error_of(text);
    EXPECT_TRUE(error_of(text).contains(sentence)) << text.substr(0, 200) << "\n  " << error_of(text);
  }
}

TEST(ImageManifest, HugeAndDeepTextsAreRefusedBeforeTheyAreParsed) {
  EXPECT_TRUE(error_of(std::string(longest_manifest + 1, ' ')).contains("bytes, and podrun takes at most 4194304"));
  EXPECT_TRUE(error_of(std::string(1'000'000, '[')).contains("nested deeper than 64 levels"));
  std::string deep = "2";
  for (int i = 0; i < 100; ++i) deep = "{\"a\":" + deep + "}";
  EXPECT_TRUE(error_of(deep).contains("nested deeper than 64 levels"));
  // Brackets in a string are no depth.
  EXPECT_TRUE(error_of("{\"a\":\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"}")
                  .contains("schemaVersion must be a number"));
  std::string entries = blob("", digest);
  for (int i = 0; i < 1024; ++i) entries += "," + blob("", digest);
  EXPECT_TRUE(error_of(index(entries)).contains("manifests has 1025 items, and podrun takes at most 1024"));
}

TEST(ImageManifest, NoBeginningOfAManifestIsTaken) {
  const std::string whole = manifest(layer());
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_manifest(std::string_view(whole).substr(0, length))) << length;
}

// Each byte is replaced by each of some others: the result is taken or refused, and nothing else happens.
TEST(ImageManifest, NoChangedByteDoesHarm) {
  const std::string whole = manifest(layer());
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char byte : {'\0', '"', '\\', '{', '}', '[', ']', ',', ':', '-', '9', 'e', '\x80', '\xff'}) {
      std::string changed = whole;
      changed[at] = byte;
      const auto parsed = parse_manifest(changed);
      if (!parsed) continue;
      const auto& image = std::get<ImageManifest>(*parsed);
      EXPECT_EQ(image.layers.size(), 1U);
      EXPECT_EQ(image.layers[0].digest.size(), digest.size());
    }
}

}  // namespace
}  // namespace podrun::pod
