// The image store: what is stored is found and shared.
#include "namespaces/images/image_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/namespaces/images/images_test.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using test::diff_id_of;
using test::make_layer;
using test::make_record;

class RootImages : public test::StoreTest {};

TEST_F(RootImages, AStoreThatIsNotThereIsEmptyAndIsNotMade) {
  EXPECT_FALSE(has("nginx"));
  EXPECT_TRUE(store_.list()->empty());
  EXPECT_EQ(store_.prune(PruneScope::Unused)->layers, 0U);
  EXPECT_TRUE(store_.verify()->faults.empty());
  EXPECT_FALSE(*store_.hold_layer(diff_id_of("a")));
  EXPECT_FALSE(fs::exists(store_.path()));
}

TEST_F(RootImages, WhatIsStoredIsFoundWithItsLayersUppermostFirst) {
  make("docker.io/library/nginx:1.27", {"low", "high"});
  const auto image = find("nginx:1.27");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->record, make_record({"low", "high"}));
  ASSERT_EQ(image->layers.size(), 2U);
  EXPECT_EQ(supervisor::contents_of(image->layers[0] + "/etc/text"), "high");
  EXPECT_EQ(supervisor::contents_of(image->layers[1] + "/etc/text"), "low");
  EXPECT_EQ(count("staging"), 0U);
  EXPECT_FALSE(has("nginx"));
  EXPECT_FALSE(has("registry.example/library/nginx:1.27"));
}

TEST_F(RootImages, AShortNameFindsAnImageOfThisHost) {
  make("localhost/app:1", {"a"});
  EXPECT_TRUE(has("app:1"));
  EXPECT_TRUE(has("localhost/app:1"));
  EXPECT_FALSE(has("docker.io/app:1"));
  make("docker.io/library/app:1", {"b"});
  EXPECT_EQ(find("app:1")->record, make_record({"b"})) << "that of the registry comes first";
}

TEST_F(RootImages, ADigestFindsTheManifestAndTheIndexThatATagLedTo) {
  const Staging staging = *store_.stage();
  const NewLayer layers[]{make_layer(staging, "a")};
  const auto held = store_.commit_layers(staging, layers);
  ASSERT_TRUE(held) << held.error().message;
  const std::string index = pod::digest_of("an index");
  const NewName names[]{{.canonical = "docker.io/library/app:1", .resolved = index}};
  ASSERT_TRUE(store_.commit_image(staging, make_record({"a"}), names));
  EXPECT_TRUE(has("app@" + index));
  EXPECT_TRUE(has("app@" + make_record({"a"}).summary.manifest_digest));
  EXPECT_FALSE(has("app@" + pod::digest_of("another index")));
}

TEST_F(RootImages, AnIdFindsAnImageByItsFirstDigits) {
  const HeldImage first = make("localhost/a:1", {"a"}), second = make("localhost/b:1", {"b"});
  const std::string id = first.record.summary.id;
  for (const std::string& text : {id, id.substr(0, 20), std::string(pod::hex_of(id)), id.substr(7, 12)})
    EXPECT_EQ(store_.find_id(text)->image->record, first.record) << text;
  EXPECT_FALSE(store_.find_id("sha256:" + std::string(64, '0'))->image);
  for (const std::string text : {"", "sha256:", "xyz", "../../", "SHA256:12"})
    EXPECT_FALSE(store_.find_id(text)->image) << text;
}

TEST_F(RootImages, AnIdThatSeveralImagesBeginWithIsAnErrorThatListsThem) {
  std::vector<std::string> ids;
  // Of 17 images two begin with the same digit.
  for (int i = 0; i < 17; ++i) ids.push_back(make("", {"a"}, std::to_string(i)).record.summary.id);
  std::size_t ambiguous = 0;
  for (const char digit : std::string_view("0123456789abcdef"))
    if (const auto found = store_.find_id({&digit, 1}); !found) {
      ++ambiguous;
      EXPECT_EQ(found.error().number, EEXIST);
    }
  EXPECT_GT(ambiguous, 0U);
}

TEST_F(RootImages, OnlyRootCanEnterTheStoreWhateverTheUmask) {
  const mode_t before = ::umask(0277);
  make("localhost/app:1", {"a"});
  ::umask(before);
  struct stat status {};
  ASSERT_EQ(::stat(store_.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  for (const auto& entry : fs::recursive_directory_iterator(store_.path())) {
    if (entry.path().string().contains("/fs")) continue;
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, S_ISDIR(status.st_mode) ? 0700U : 0600U) << entry.path();
  }
}

TEST_F(RootImages, ImagesShareTheirLayers) {
  make("localhost/a:1", {"base", "a"});
  struct stat before {
  }, after{};
  const std::string base = store_.path() + "/layers/" + std::string(pod::hex_of(diff_id_of("base"))) + "/fs/etc/text";
  ASSERT_EQ(::stat(base.c_str(), &before), 0);
  {
    // Another process has unpacked the same layer meanwhile.
    const Staging staging = *store_.stage();
    const NewLayer layers[]{make_layer(staging, "base"), make_layer(staging, "b")};
    ASSERT_TRUE(store_.commit_layers(staging, layers));
    ASSERT_TRUE(store_.commit_image(staging, make_record({"base", "b"}), {}));
  }
  ASSERT_EQ(::stat(base.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(count("layers"), 3U);
  EXPECT_EQ(count("staging"), 0U);
}

TEST_F(RootImages, ALayerThatAnImageHasTwiceIsMountedOnce) {
  const HeldImage image = make("localhost/app:1", {"low", "twice", "middle", "twice"});
  std::vector<std::string> texts;
  for (const std::string& layer : image.layers) texts.push_back(supervisor::contents_of(layer + "/etc/text"));
  EXPECT_EQ(texts, (std::vector<std::string>{"twice", "middle", "low"}));
  EXPECT_EQ(image.record.summary.layers.size(), 4U);
}

// As the images of one archive.
TEST_F(RootImages, OneStagingFolderServesSeveralCommits) {
  make("localhost/app:1", {"a"});
  const Staging staging = *store_.stage();
  for (const std::string comment : {"", "", "other", ""}) {
    const NewName names[]{{.canonical = "localhost/app:2"}, {.canonical = "localhost/app:3"}};
    const auto image = store_.commit_image(staging, make_record({"a"}, comment), names);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(find("localhost/app:3")->record, make_record({"a"}, comment));
  }
}

TEST_F(RootImages, ANameIsGivenToAnotherImage) {
  const HeldImage first = make("localhost/app:1", {"a"}), second = make("localhost/app:1", {"b"});
  EXPECT_EQ(find("localhost/app:1")->record, second.record);
  const auto list = store_.list();
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[0].names, std::vector<std::string>{"localhost/app:1"});
  EXPECT_EQ((*list)[1].names, std::vector<std::string>{});
  ASSERT_TRUE(store_.tag(first, {.canonical = "localhost/old:1"}));
  EXPECT_EQ(find("localhost/old:1")->record, first.record);
}

TEST_F(RootImages, TheListHasNamesSizesAndWhoIsHeld) {
  make("localhost/b:1", {"base", "b"});
  const HeldImage held = make("localhost/a:1", {"base", "a"});
  ASSERT_TRUE(store_.tag(held, {.canonical = "localhost/a:2"}));
  const auto list = *store_.list();
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].names, (std::vector<std::string>{"localhost/a:1", "localhost/a:2"}));
  EXPECT_EQ(list[0].summary, held.record.summary);
  EXPECT_TRUE(list[0].is_held);
  EXPECT_EQ(list[1].names, std::vector<std::string>{"localhost/b:1"});
  EXPECT_FALSE(list[1].is_held);
}

TEST_F(RootImages, ARecordWithoutItsDigestsIsNotStored) {
  const Staging staging = *store_.stage();
  const NewLayer layers[]{make_layer(staging, "a")};
  const auto held = store_.commit_layers(staging, layers);
  pod::ImageRecord record = make_record({"a"});
  record.config += " ";
  EXPECT_EQ(store_.commit_image(staging, record, {}).error().message,
            "image record: its config does not have its digest");
  EXPECT_EQ(count("images"), 0U);
}

TEST_F(RootImages, AnImageWithoutItsLayersIsNotStored) {
  const Staging staging = *store_.stage();
  const NewName names[]{{.canonical = "localhost/app:1"}};
  EXPECT_EQ(store_.commit_image(staging, make_record({"a"}), names).error().number, ENOENT);
  EXPECT_EQ(count("images"), 0U);
  EXPECT_EQ(count("names"), 0U);
}

TEST_F(RootImages, ALayerThatIsMissingMakesTheImageOneThatIsNotThere) {
  make("localhost/app:1", {"a", "b"});
  fs::remove_all(store_.path() + "/layers/" + std::string(pod::hex_of(diff_id_of("a"))));
  const FoundImage found = look_for("localhost/app:1");
  EXPECT_FALSE(found.image);
  EXPECT_EQ(found.damage, "its layer " + diff_id_of("a") + " is missing or damaged");
  EXPECT_EQ(store_.list()->front().damage, found.damage);
  // It is made whole by the next pull.
  make("localhost/app:1", {"a", "b"});
  EXPECT_TRUE(has("localhost/app:1"));
}

TEST_F(RootImages, ARecordThatIsNotReadableIsReplaced) {
  const std::string path = store_.path() + "/images/" +
                           std::string(pod::hex_of(make("localhost/app:1", {"a"}).record.summary.manifest_digest));
  for (const std::string text : {"", "podrun-image 1\n", "{}"}) {
    std::ofstream(path) << text;
    EXPECT_FALSE(has("localhost/app:1"));
    EXPECT_FALSE(look_for("localhost/app:1").damage.empty());
    EXPECT_FALSE(store_.list()->front().damage.empty());
    make("localhost/app:1", {"a"});
    EXPECT_TRUE(has("localhost/app:1"));
  }
}

TEST_F(RootImages, WorkIsDoneByOneAtATime) {
  auto lock = store_.lock_work("localhost/app:1", Waiting::Yes);
  ASSERT_TRUE(lock && *lock);
  EXPECT_FALSE(*store_.lock_work("localhost/app:1", Waiting::No));
  EXPECT_TRUE(*store_.lock_work("localhost/app:2", Waiting::No)) << "another's work goes on";
  std::thread second([&] { EXPECT_TRUE(*store_.lock_work("localhost/app:1", Waiting::Yes)); });
  lock->reset();
  second.join();
  EXPECT_TRUE(*store_.lock_work("localhost/app:1", Waiting::No));
}

TEST_F(RootImages, StagingOfAMakerThatIsGoneIsRemovedByTheNext) {
  Staging first = *store_.stage();
  fs::create_directories(store_.path() + "/staging/left/deep/er");
  const Staging second = *store_.stage();
  EXPECT_FALSE(fs::exists(store_.path() + "/staging/left"));
  EXPECT_TRUE(fs::exists(first.path())) << "its maker is still there";
  EXPECT_TRUE(first.remove());
  EXPECT_EQ(count("staging"), 1U);
}

}  // namespace
}  // namespace podrun::ns
