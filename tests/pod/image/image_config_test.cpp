// Configs of images.
#include "pod/image/image_config.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

const std::string digest = "sha256:" + std::string(64, 'a');
const std::string rootfs = R"("rootfs":{"type":"layers","diff_ids":[")" + digest + R"("]})";

std::string error_of(const std::string& text) {
  const auto parsed = parse_image_config_file(text);
  return parsed ? "no error" : parsed.error().message;
}

TEST(ImageConfigFile, EachMemberIsRead) {
  const auto file = parse_image_config_file(
      R"({"os":"linux","architecture":"arm","variant":"v7","created":"2026-01-02T03:04:05Z","author":"x",)"
      R"("config":{"Entrypoint":["/a"],"Cmd":["b"],"Env":["A=1"],"WorkingDir":"/w","User":"1:2",)"
      R"("StopSignal":"SIGUSR1",)"
      R"("ExposedPorts":{"80/tcp":{},"53/udp":{}},"Volumes":{"/data":{}},"Labels":{"k":"v"},"OnBuild":null},)"
      R"("history":[{"created":"2026-01-01T00:00:00Z","created_by":"ADD","comment":"c"},{"empty_layer":true}],)" +
      rootfs + "}");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->config.entrypoint, std::vector<std::string>{"/a"});
  EXPECT_EQ(file->config.cmd, std::vector<std::string>{"b"});
  EXPECT_EQ(file->config.env, std::vector<std::string>{"A=1"});
  EXPECT_EQ(file->config.working_dir, "/w");
  EXPECT_EQ(file->config.user, "1:2");
  EXPECT_EQ(file->config.stop_signal, "SIGUSR1");
  EXPECT_EQ(file->exposed_ports, (std::vector<std::string>{"80/tcp", "53/udp"}));
  EXPECT_EQ(file->volumes, std::vector<std::string>{"/data"});
  EXPECT_EQ(file->labels.at("k"), "v");
  EXPECT_EQ(to_text(file->platform), "linux/arm/v7");
  EXPECT_EQ(file->created, "2026-01-02T03:04:05Z");
  ASSERT_EQ(file->history.size(), 2U);
  EXPECT_EQ(file->history[0].created_by, "ADD");
  EXPECT_TRUE(file->history[1].empty_layer);
  EXPECT_EQ(file->diff_ids, std::vector<std::string>{digest});
}

TEST(ImageConfigFile, MissingMembersAndNullAreEmpty) {
  const auto file = parse_image_config_file(R"({"config":null,"history":null,"created":null,)" + rootfs + "}");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->config.cmd.empty());
  EXPECT_TRUE(file->history.empty());
  EXPECT_TRUE(file->platform.empty());
}

TEST(ImageConfigFile, WrongTypesAreNamed) {
  const auto with = [](const std::string& member) { return "{" + member + "," + rootfs + "}"; };
  std::string many;
  for (int i = 0; i < 129; ++i) many += (i == 0 ? "\"" : ",\"") + digest + "\"";
  const std::vector<std::pair<std::string, std::string>> errors{
      {"[]", "it must be an object"},
      {"{}", "rootfs.diff_ids must be a list"},
      {R"({"rootfs":[]})", "rootfs.diff_ids must be a list"},
      {R"({"rootfs":{"diff_ids":["x"]}})", "rootfs.diff_ids must be a list of digests"},
      {R"({"rootfs":{"diff_ids":[7]}})", "rootfs.diff_ids must be a list of digests"},
      {R"({"rootfs":{"diff_ids":[)" + many + "]}}", "it has 129 layers, and podrun takes at most 128"},
      {with(R"("os":7)"), "os must be a string"},
      {with(R"("created":7)"), "created must be a string"},
      {with(R"("config":7)"), "config must be an object"},
      {with(R"("config":{"Cmd":"x"})"), "config.Cmd must be a list of strings"},
      {with(R"("config":{"Env":["A\u0000"]})"), "config.Env must be a list of strings without NUL"},
      {with(R"("config":{"Volumes":["/data"]})"), "config.Volumes must be an object"},
      {with(R"("config":{"Volumes":{"/a\u0000b":{}}})"), "config.Volumes must be without NUL"},
      {with(R"("config":{"ExposedPorts":7})"), "config.ExposedPorts must be an object"},
      {with(R"("config":{"Labels":{"a":7}})"), "config.Labels must be an object of strings"},
      {with(R"("config":{"Labels":[]})"), "config.Labels must be an object"},
      {with(R"("history":{})"), "history must be a list"},
      {with(R"("history":[7])"), "history must be a list of objects"},
      {with(R"("history":[{"empty_layer":"yes"}])"), "history[].empty_layer must be true or false"},
      {std::string(longest_image_config + 1, ' '), "bytes, and podrun takes at most 4194304"},
      {std::string(100'000, '['), "nested deeper than 64 levels"},
  };
  for (const auto& [text, sentence] : errors) {
    EXPECT_TRUE(error_of(text).starts_with("image config: ")) << error_of(text);
    EXPECT_TRUE(error_of(text).contains(sentence)) << text.substr(0, 100) << "\n  " << error_of(text);
  }
}

TEST(ImageConfigFile, ManifestAndConfigMustHaveAsManyLayers) {
  ImageManifest manifest;
  manifest.layers.resize(2);
  ImageConfigFile config;
  config.diff_ids = {digest};
  EXPECT_EQ(check_image(manifest, config).error().message, "image: its manifest has 2 layers, its config 1 diff_ids");
  config.diff_ids.push_back(digest);
  EXPECT_TRUE(check_image(manifest, config));
}

TEST(ImageConfigFile, AnImageOfAnotherPlatformIsRefused) {
  ImageConfigFile config;
  const Platform host{"linux", "amd64"};
  EXPECT_TRUE(check_platform(config, host)) << "it does not say";
  config.platform = {"linux", "amd64"};
  EXPECT_TRUE(check_platform(config, host));
  config.platform = {"linux", "arm64", "v8"};
  EXPECT_EQ(check_platform(config, host).error().message, "it is for \"linux/arm64/v8\", and this host is linux/amd64");
  config.platform = {"windows", "amd64"};
  EXPECT_FALSE(check_platform(config, host));
}

}  // namespace
}  // namespace podrun::pod
