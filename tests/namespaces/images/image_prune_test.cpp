// What is removed from the image store, and what stays.
#include <cerrno>
#include <fstream>
#include <string>
#include <vector>

#include "tests/namespaces/images/images_test.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using test::diff_id_of;
using test::make_layer;
using test::make_record;

class RootImagePrune : public test::StoreTest {
 protected:
  bool has_layer(const std::string& text) const { return store_.hold_layer(diff_id_of(text))->has_value(); }
};

TEST_F(RootImagePrune, ImagesWithANameStayAndOthersGoWithTheirOwnLayers) {
  make("localhost/app:1", {"base", "old"});
  make("localhost/app:1", {"base", "new"});
  const auto pruned = store_.prune(PruneScope::Unnamed);
  ASSERT_TRUE(pruned) << pruned.error().message;
  ASSERT_EQ(pruned->images.size(), 1U);
  EXPECT_EQ(pruned->images[0].summary.id, make_record({"base", "old"}).summary.id);
  EXPECT_EQ(pruned->layers, 1U);
  EXPECT_EQ(pruned->bytes, 3U);
  EXPECT_TRUE(has("localhost/app:1"));
  EXPECT_TRUE(has_layer("base"));
  EXPECT_FALSE(has_layer("old"));
  EXPECT_EQ(count("staging"), 0U);
}

TEST_F(RootImagePrune, AllMeansAlsoThoseWithANameButNeverWhatIsHeld) {
  const HeldImage used = make("localhost/used:1", {"base", "used"});
  make("localhost/other:1", {"base", "other"});
  const auto pruned = store_.prune(PruneScope::Unused);
  ASSERT_EQ(pruned->images.size(), 1U);
  EXPECT_EQ(pruned->images[0].names, std::vector<std::string>{"localhost/other:1"});
  EXPECT_TRUE(has("localhost/used:1"));
  EXPECT_FALSE(has("localhost/other:1"));
  EXPECT_EQ(count("names"), 1U);
  EXPECT_EQ(supervisor::contents_of(used.layers[0] + "/etc/text"), "used");
  EXPECT_EQ(supervisor::contents_of(used.layers[1] + "/etc/text"), "base");
}

TEST_F(RootImagePrune, AHeldImageThatLostItsNameStaysUntilItIsLetGo) {
  {
    const HeldImage used = make("localhost/app:1", {"a"});
    make("localhost/app:1", {"b"});
    EXPECT_TRUE(store_.prune(PruneScope::Unnamed)->images.empty());
    EXPECT_TRUE(has_layer("a"));
  }
  EXPECT_EQ(store_.prune(PruneScope::Unnamed)->images.size(), 1U);
  EXPECT_FALSE(has_layer("a"));
}

// A puller counts on layers before there is an image of them.
TEST_F(RootImagePrune, LayersThatSomebodyCountsOnStay) {
  const Staging staging = *store_.stage();
  const NewLayer layers[]{make_layer(staging, "a")};
  {
    const auto held = store_.commit_layers(staging, layers);
    ASSERT_TRUE(held);
    EXPECT_EQ(store_.prune(PruneScope::Unused)->layers, 0U);
    EXPECT_TRUE(has_layer("a"));
  }
  EXPECT_EQ(store_.prune(PruneScope::Unnamed)->layers, 1U);
  EXPECT_FALSE(has_layer("a"));
}

TEST_F(RootImagePrune, ADryRunRemovesNothing) {
  make("localhost/app:1", {"a"});
  const auto planned = store_.prune(PruneScope::Unused, true);
  EXPECT_EQ(planned->images.size(), 1U);
  EXPECT_EQ(planned->layers, 1U);
  EXPECT_EQ(planned->bytes, 1U);
  EXPECT_TRUE(has("localhost/app:1"));
}

TEST_F(RootImagePrune, TheLastNameTakesTheImageWithIt) {
  const auto first = make("localhost/app:1", {"a"}).record;
  ASSERT_TRUE(store_.tag(*find("localhost/app:1"), {.canonical = "localhost/app:2"}));
  EXPECT_TRUE(store_.remove_name("localhost/app:1")->images.empty());
  EXPECT_TRUE(has("localhost/app:2"));
  const auto removed = store_.remove_name("localhost/app:2");
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->images.size(), 1U);
  EXPECT_EQ(removed->layers, 1U);
  EXPECT_EQ(count("images") + count("layers") + count("names") + count("staging"), 0U);
  EXPECT_EQ(store_.remove_name("localhost/app:2").error().number, ENOENT);
}

TEST_F(RootImagePrune, TheLastNameOfAnImageInUseStays) {
  const HeldImage used = make("localhost/app:1", {"a"});
  EXPECT_EQ(store_.remove_name("localhost/app:1").error().number, EBUSY);
  EXPECT_EQ(store_.remove_image(used.record.summary.manifest_digest).error().number, EBUSY);
  EXPECT_TRUE(has("localhost/app:1"));
  ASSERT_TRUE(store_.tag(used, {.canonical = "localhost/app:2"}));
  EXPECT_TRUE(store_.remove_name("localhost/app:1")) << "another name leads to it";
}

TEST_F(RootImagePrune, AnImageIsRemovedWithAllItsNames) {
  const std::string manifest = make("localhost/app:1", {"a"}).record.summary.manifest_digest;
  ASSERT_TRUE(store_.tag(*find("localhost/app:1"), {.canonical = "localhost/app:2"}));
  ASSERT_TRUE(store_.remove_image(manifest));
  EXPECT_EQ(count("names"), 0U);
  EXPECT_EQ(store_.remove_image(manifest).error().number, ENOENT);
}

TEST_F(RootImagePrune, ANameThatLeadsNowhereIsRemoved) {
  const std::string manifest = make("localhost/app:1", {"a"}).record.summary.manifest_digest;
  fs::remove(store_.path() + "/images/" + std::string(pod::hex_of(manifest)));
  EXPECT_EQ(look_for("localhost/app:1").damage, "its record is missing");
  EXPECT_EQ(store_.verify()->faults,
            std::vector<std::string>{"name localhost/app:1: its image " + manifest + " is missing"});
  EXPECT_TRUE(store_.remove_name("localhost/app:1"));
  EXPECT_EQ(store_.prune(PruneScope::Unnamed)->layers, 1U);
}

// Which layers it has is not known: those that it may have stay while somebody may use it.
TEST_F(RootImagePrune, ARecordThatIsNotReadableGoesUnlessItIsHeld) {
  const HeldImage used = make("localhost/app:1", {"a"});
  std::ofstream(store_.path() + "/images/" + std::string(pod::hex_of(used.record.summary.manifest_digest))) << "x";
  EXPECT_EQ(store_.prune(PruneScope::Unused)->layers, 0U);
  EXPECT_TRUE(has_layer("a"));
}

}  // namespace
}  // namespace podrun::ns
