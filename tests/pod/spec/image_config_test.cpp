// OCI image configs. They are part of an image and are not trusted.
#include "pod/spec/image.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace podrun::pod {
namespace {

std::string complaint(std::string_view json) {
  const auto config = parse_image_config(json);
  return config ? "" : config.error().message;
}

TEST(ImageConfig, AnImagesProcessSettingsAreRead) {
  const auto config = parse_image_config(R"({
    "architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
    "config": {"Entrypoint": ["/init"], "Cmd": ["-f", "é"], "Env": ["PATH=/bin", "A="], "WorkingDir": "/srv",
               "User": "nobody:65534", "StopSignal": "SIGQUIT", "ExposedPorts": {"80/tcp": {}}, "Labels": null}})");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->entrypoint, std::vector<std::string>{"/init"});
  EXPECT_EQ(config->cmd, (std::vector<std::string>{"-f", "é"}));
  EXPECT_EQ(config->env, (std::vector<std::string>{"PATH=/bin", "A="}));
  EXPECT_EQ(config->working_dir, "/srv");
  EXPECT_EQ(config->user, "nobody:65534");
  EXPECT_EQ(config->stop_signal, "SIGQUIT");
}

TEST(ImageConfig, VolumesAreTheKeysOfAnObject) {
  const auto config = parse_image_config(R"({"config": {"Volumes": {"/var/lib/b": {}, "/a": null}}})");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->volumes, (std::vector<std::string>{"/a", "/var/lib/b"}));
  EXPECT_EQ(complaint(R"({"config": {"Volumes": ["/a"]}})"), "image config: config.Volumes must be an object");
  EXPECT_EQ(complaint(R"({"config": {"Volumes": {"/a\u0000": {}}}})"),
            "image config: config.Volumes must be without NUL");
}

TEST(ImageConfig, AnAbsentOrNullSettingIsEmpty) {
  for (const char* json : {"{}", R"({"config": null})", R"({"config": {"Cmd": null, "User": null}})"}) {
    const auto config = parse_image_config(json);
    ASSERT_TRUE(config) << json;
    EXPECT_TRUE(config->cmd.empty());
    EXPECT_EQ(config->user, "");
  }
}

TEST(ImageConfig, AWrongTypeIsAnErrorThatNamesTheField) {
  EXPECT_EQ(complaint(R"({"config": {"Cmd": "sh"}})"),
            "image config: config.Cmd must be a list of strings without NUL");
  EXPECT_EQ(complaint(R"({"config": {"Env": [1]}})"),
            "image config: config.Env must be a list of strings without NUL");
  EXPECT_EQ(complaint(R"({"config": {"User": 0}})"),
            "image config: config.User must be a string without NUL");
  EXPECT_EQ(complaint(R"({"config": []})"), "image config: config must be an object");
  EXPECT_EQ(complaint("[]"), "image config: must be an object");
}

TEST(ImageConfig, ANulInAStringIsAnError) {
  EXPECT_EQ(complaint(R"({"config": {"Cmd": ["a\u0000b"]}})"),
            "image config: config.Cmd must be a list of strings without NUL");
}

TEST(ImageConfig, BrokenJsonIsAnErrorThatNamesTheLine) {
  EXPECT_TRUE(complaint("").starts_with("image config: parse error at line 1, column 1")) << complaint("");
  EXPECT_TRUE(complaint("{\n\"config\": \xff}").starts_with("image config: parse error at line 2"))
      << complaint("{\n\"config\": \xff}");
}

TEST(ImageConfig, DeepNestingDoesNotOverflowTheStack) {
  EXPECT_NE(complaint(std::string(100'000, '[')), "");
  EXPECT_EQ(complaint("{\"x\":" + std::string(20'000, '[') + std::string(20'000, ']') + "}"), "");
}

// ---- names ----

TEST(PullPolicies, TheDefaultDependsOnTheTag) {
  for (const char* name : {"nginx", "nginx:latest", "localhost:5000/nginx", "a/b"})
    EXPECT_EQ(pull_policy_of({}, name), PullPolicy::Always) << name;
  for (const char* name : {"nginx:1", "localhost:5000/nginx:1", "nginx@sha256:0", "nginx:latest@sha256:0"})
    EXPECT_EQ(pull_policy_of({}, name), PullPolicy::IfNotPresent) << name;
  EXPECT_EQ(pull_policy_of(PullPolicy::Never, "nginx"), PullPolicy::Never);
}

TEST(PullPolicies, ImagesOfThisHostAreNeverFetched) {
  for (const char* name : {"rootfs:/srv/root", "localhost/busybox"}) EXPECT_TRUE(is_of_this_host(name)) << name;
  for (const char* name : {"localhost:5000/a", "nginx", "registry.example/localhost/a", "localhost"})
    EXPECT_FALSE(is_of_this_host(name)) << name;
}

// ---- what a pod keeps of its images ----

TEST(KeptImages, SavedImagesAreReadBackUnchanged) {
  const Image image{
      .reference = "localhost/app:1",
      .rootfs = "/images/app \"1\"/rootfs",
      .config = {.entrypoint = {"/init"}, .cmd = {"-f"}, .env = {"A=é"}, .working_dir = "/srv", .user = "www",
                 .stop_signal = "SIGINT"},
      .passwd = std::string("www:x:33:33::/var/www:/bin/sh\n\0", 32),
      .group = "www:x:33:\n"};
  const Images images{{image.reference, image}, {"rootfs:/dir", {.reference = "rootfs:/dir", .rootfs = "/dir"}}};
  const auto kept = parse_images(to_json(images));
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->size(), 2U);
  const Image& back = kept->at(image.reference);
  EXPECT_EQ(back.rootfs, image.rootfs);
  EXPECT_EQ(back.config.entrypoint, image.config.entrypoint);
  EXPECT_EQ(back.config.cmd, image.config.cmd);
  EXPECT_EQ(back.config.env, image.config.env);
  EXPECT_EQ(back.config.working_dir, image.config.working_dir);
  EXPECT_EQ(back.config.user, image.config.user);
  EXPECT_EQ(back.config.stop_signal, image.config.stop_signal);
  EXPECT_EQ(back.passwd, image.passwd);
  EXPECT_EQ(back.group, image.group);
  EXPECT_EQ(kept->at("rootfs:/dir").rootfs, "/dir");
}

TEST(KeptImages, InvalidUtf8InPasswdLosesNothingElse) {
  const auto kept = parse_images(to_json({{"a", {.reference = "a", .rootfs = "/a", .passwd = "\xff:x:1:1::/:\n"}}}));
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->at("a").rootfs, "/a");
}

TEST(KeptImages, AMalformedListOfImagesIsRefused) {
  for (const char* text : {"", "{}", "[1]", "[{\"reference\": 1}]"}) EXPECT_FALSE(parse_images(text)) << text;
}

}  // namespace
}  // namespace podrun::pod
