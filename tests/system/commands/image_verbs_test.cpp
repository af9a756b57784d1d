// `podrun image`: what its verbs print, and what they refuse.
#include <fcntl.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/namespaces/images/generated_image.hpp"
#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

using Words = std::vector<std::string>;

class ImageVerbs : public Verbs {
 protected:
  ns::HeldImage make(const std::string& name, const Words& layers, const std::string& comment = "") {
    auto stored = ns::test::store_image(store_, name, layers, comment);
    EXPECT_TRUE(stored) << (stored ? "" : stored.error().message);
    return stored ? std::move(*stored) : ns::HeldImage{};
  }
  Finished image(Words words) {
    words.insert(words.begin(), "image");
    return run(root_, words);
  }
  std::string out_of(const Words& words) {
    const Finished ended = image(words);
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.out;
  }
  /// The status and the error.
  std::string error_of(const Words& words) {
    const Finished ended = image(words);
    return std::to_string(ended.status) + ": " + without_root(ended.err, root_);
  }
  static std::string short_id(const ns::HeldImage& image) { return image.record.summary.id.substr(7, 12); }

  ns::ImageStore store_{root_.layout().image_store()};
};

TEST_F(ImageVerbs, LsShowsEachNameWithSizesAgeAndWhoUsesIt) {
  make("docker.io/library/nginx:1.27", {"base", "nginx"});
  const ns::HeldImage held = make("localhost/app:1", {"base", "app"});
  const std::string table = out_of({"ls"});
  EXPECT_TRUE(table.starts_with("REFERENCE ")) << table;
  EXPECT_NE(table.find("docker.io/library/nginx:1.27   "), table.npos) << table;
  EXPECT_NE(table.find("localhost/app:1                " + short_id(held) + "   7 B    4 B      "), table.npos)
      << table;
  EXPECT_NE(table.find("(in use)"), table.npos) << table;
  // The example image is a folder beside podrun.
  EXPECT_NE(table.find("localhost/busybox "), table.npos) << table;
  EXPECT_NE(table.find("in " + build_folder + "/images/localhost/busybox/latest/rootfs"), table.npos) << table;
  const auto list = json({"image", "ls", "nginx:1.27"});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["references"], Words{"docker.io/library/nginx:1.27"});
  EXPECT_EQ(list[0]["size"], 9);
  EXPECT_EQ(list[0]["sharedSize"], 4);
  EXPECT_EQ(list[0]["layers"], 2);
  EXPECT_EQ(list[0]["inUse"], false);
  EXPECT_EQ(out_of({"ls", "-q", short_id(held)}), short_id(held) + "\n");
}

TEST_F(ImageVerbs, LsNamesThePodsThatUseAnImage) {
  start(manifest("web", {{"srv", until_stopped}}));
  const auto list = json({"image", "ls", "localhost/busybox"});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["usedBy"], Words{"web"});
  EXPECT_EQ(list[0]["inUse"], true);
}

TEST_F(ImageVerbs, WhatIsNotThereIsSaidToBeMissing) {
  EXPECT_EQ(error_of({"ls", "nginx"}),
            "4: podrun: image ls: there is no image \"nginx\" on this host; podrun image ls lists all\n");
  EXPECT_EQ(error_of({"inspect", "localhost/busybox"}).substr(0, 70),
            "4: podrun: image inspect: there is no image \"localhost/busybox\" on thi");
  EXPECT_NE(error_of({"rm", "localhost/busybox"}).find(": it is a folder, "), std::string::npos);
  EXPECT_EQ(error_of({"history", "../etc"}),
            "2: podrun: image history: image reference \"../etc\": this is no host name of a registry (character 1)\n");
  EXPECT_EQ(error_of({"rm", "0123456789ab"}),
            "4: podrun: image rm: there is no image \"0123456789ab\" on this host; podrun image ls lists all\n");
}

TEST_F(ImageVerbs, InspectPrintsTheRawConfigAndWhereTheLayersLie) {
  const auto record = make("localhost/app:1", {"base", "app"}).record;
  ASSERT_EQ(image({"tag", "localhost/app:1", "app:2"}).status, 0);
  const auto list = json({"image", "inspect", "app:1"});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["references"], (Words{"localhost/app:1", "localhost/app:2"}));
  EXPECT_EQ(list[0]["id"], record.summary.id);
  EXPECT_EQ(list[0]["config"], nlohmann::json::parse(record.config));
  EXPECT_EQ(list[0]["manifest"], nlohmann::json::parse(record.manifest));
  EXPECT_EQ(list[0]["layers"].size(), 2U);
  EXPECT_TRUE(std::filesystem::is_directory(list[0]["layers"][0]["path"].get<std::string>()));
}

TEST_F(ImageVerbs, RmRemovesNamesAndThenTheImage) {
  const std::string id = short_id(make("localhost/app:1", {"base", "app"}));
  ASSERT_EQ(image({"tag", "app:1", "localhost/app:2"}).status, 0);
  EXPECT_EQ(error_of({"rm", id}), "2: podrun: image rm: image \"" + id +
                                      "\" has several names: localhost/app:1, localhost/app:2; remove these\n");
  EXPECT_EQ(out_of({"rm", "app:1"}), "removed the name app:1\n");
  EXPECT_EQ(out_of({"rm", id}), "removed " + id + ", freed 7 B\n");
  EXPECT_EQ(error_of({"inspect", "app:2"}).substr(0, 3), "4: ");
}

TEST_F(ImageVerbs, RmRefusesTheLastNameOfAnImageInUse) {
  const ns::HeldImage used = make("localhost/app:1", {"a"});
  const std::string refusal = " is in use: by a pod, or by a podrun that starts one or pulls it\n";
  EXPECT_EQ(error_of({"rm", "app:1"}), "4: podrun: image rm: image \"app:1\"" + refusal);
  EXPECT_EQ(error_of({"rm", short_id(used)}), "4: podrun: image rm: image \"" + short_id(used) + "\"" + refusal);
  EXPECT_EQ(out_of({"prune", "-a"}), "freed 0 B: 0 images, 0 layers\n");
}

TEST_F(ImageVerbs, PruneSaysWhatItFreed) {
  const std::string old = short_id(make("localhost/app:1", {"base", "old"}));
  const std::string now = short_id(make("localhost/app:1", {"base", "new"}));
  EXPECT_EQ(out_of({"prune", "--dry-run"}), "would remove " + old + "\nwould free 3 B: 1 image, 1 layer\n");
  EXPECT_EQ(out_of({"prune"}), "removed " + old + "\nfreed 3 B: 1 image, 1 layer\n");
  EXPECT_EQ(out_of({"prune", "-af"}), "removed localhost/app:1 (" + now + ")\nfreed 7 B: 1 image, 2 layers\n");
  EXPECT_EQ(out_of({"prune"}), "freed 0 B: 0 images, 0 layers\n");
}

TEST_F(ImageVerbs, TagRefusesADigest) {
  make("localhost/app:1", {"a"});
  const std::string name = "app@sha256:" + std::string(64, 'a');
  EXPECT_EQ(error_of({"tag", "app:1", name}).substr(0, 40), ("2: podrun: image tag: \"" + name).substr(0, 40));
}

TEST_F(ImageVerbs, VerifyFindsAChangedFile) {
  const std::string file = make("localhost/app:1", {"base", "app"}).layers[0] + "/etc/text";
  EXPECT_EQ(out_of({"verify"}), "1 image, 2 layers, 7 B: all as they were stored\n");
  std::ofstream(file) << "apq";
  const Finished found = image({"verify"});
  EXPECT_EQ(found.status, 1);
  EXPECT_EQ(found.out, "1 image, 2 layers, 7 B: 2 faults\n");
  EXPECT_NE(found.err.find("podrun: layer " + ns::test::diff_id_of("app") + ": the content"), std::string::npos);
  EXPECT_NE(out_of({"ls"}).find("damaged: its layer " + ns::test::diff_id_of("app")), std::string::npos);
  EXPECT_NE(error_of({"inspect", "app:1"}).find("is damaged: its layer"), std::string::npos);
}

TEST_F(ImageVerbs, HistoryShowsTheLastStepFirst) {
  const ns::Staging staging = *store_.stage();
  const ns::NewLayer layers[]{ns::test::make_layer(staging, "one"), ns::test::make_layer(staging, "three")};
  const auto held = store_.commit_layers(staging, layers);
  pod::ImageRecord record = ns::test::make_record({"one", "three"});
  record.config.insert(1, R"("history":[{"created":"2026-01-01T00:00:00Z","created_by":"ADD one"},)"
                          R"({"created_by":"ENV A=\u001b[31m1","empty_layer":true},{"created_by":"RUN three"}],)");
  const std::string old_id = record.summary.id;
  record.summary.id = pod::digest_of(record.config);
  record.manifest.replace(record.manifest.find(old_id), old_id.size(), record.summary.id);
  record.summary.manifest_digest = pod::digest_of(record.manifest);
  const ns::NewName names[]{{.canonical = "localhost/app:1"}};
  ASSERT_TRUE(store_.commit_image(staging, record, names));
  const std::string table = out_of({"history", "app:1"});
  const std::size_t first = table.find("5 B    RUN three"), second = table.find("0 B    ENV A=\\x1b[31m1"),
                    third = table.find("3 B    ADD one");
  EXPECT_LT(first, second) << table;
  EXPECT_LT(second, third) << table;
  EXPECT_NE(third, table.npos) << table;
  EXPECT_EQ(json({"image", "history", "app:1"})[0]["createdBy"], "RUN three");
}

TEST_F(ImageVerbs, AThousandImagesAreListedSoon) {
  std::vector<std::string> layers{"base"};
  for (int i = 0; i < 9; ++i) layers.push_back("shared" + std::to_string(i));
  make("localhost/app:first", layers);
  const auto first = store_.find(*pod::parse_image_reference("localhost/app:first"));
  // The records alone differ: a thousand images with layers of their own take minutes to be written out.
  const ns::Staging staging = *store_.stage();
  const std::string images = store_.path() + "/images/", names = store_.path() + "/names/";
  for (int i = 0; i < 1000; ++i) {
    const pod::ImageRecord record = ns::test::make_record(layers, std::to_string(i));
    std::ofstream(images + std::string(pod::hex_of(record.summary.manifest_digest))) << to_text(record);
    std::ofstream(names + pod::file_name_of_reference("localhost/app:" + std::to_string(i)))
        << record.summary.manifest_digest << "\n";
  }
  auto best = std::chrono::nanoseconds::max();
  for (int times = 0; times < 3; ++times) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string table = out_of({"ls"});
    best = std::min(best, std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin));
    EXPECT_EQ(std::ranges::count(table, '\n'), 1003);
  }
  std::printf("podrun image ls with 1000 images: %.1f ms\n", std::chrono::duration<double, std::milli>(best).count());
}

}  // namespace
}  // namespace podrun::test
