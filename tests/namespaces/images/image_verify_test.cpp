// What `image verify` finds, and how a damaged layer is made whole.
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/namespaces/images/images_test.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using test::diff_id_of;

class RootImageVerify : public test::StoreTest {
 protected:
  std::string layer(const std::string& text) const {
    return store_.path() + "/layers/" + std::string(pod::hex_of(diff_id_of(text)));
  }
  std::vector<std::string> faults() const {
    const auto verified = store_.verify();
    EXPECT_TRUE(verified) << (verified ? "" : verified.error().message);
    return verified ? verified->faults : std::vector<std::string>{};
  }
};

TEST_F(RootImageVerify, AWholeStoreHasNoFaults) {
  make("localhost/a:1", {"base", "a"});
  make("localhost/b:1", {"base", "b"});
  const auto verified = store_.verify();
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_EQ(verified->faults, std::vector<std::string>{});
  EXPECT_EQ(verified->images, 2U);
  EXPECT_EQ(verified->layers, 3U);
  EXPECT_EQ(verified->bytes, 6U);
}

TEST_F(RootImageVerify, AChangedFileIsFoundOnceAndItsImagesAreNotUsedAnyMore) {
  const auto record = make("localhost/a:1", {"base", "a"}).record;
  make("localhost/c:1", {"c"});
  std::ofstream(layer("base") + "/fs/etc/text") << "basE";
  const std::string missing =
      "image " + record.summary.manifest_digest + ": its layer " + diff_id_of("base") + " is missing or damaged";
  EXPECT_EQ(faults(),
            (std::vector<std::string>{"layer " + diff_id_of("base") +
                                          ": the content, the owner, the mode, the time or an attribute of a file "
                                          "has changed",
                                      missing}));
  EXPECT_FALSE(has("localhost/a:1"));
  EXPECT_TRUE(has("localhost/c:1"));
  EXPECT_EQ(faults(), std::vector<std::string>{missing});
  // The next pull makes it whole.
  make("localhost/a:1", {"base", "a"});
  EXPECT_EQ(faults(), std::vector<std::string>{});
  EXPECT_EQ(supervisor::contents_of(layer("base") + "/fs/etc/text"), "base");
  EXPECT_EQ(count("staging"), 0U);
}

TEST_F(RootImageVerify, AMissingFileAndACutOneAreFound) {
  make("localhost/a:1", {"first", "second", "third"});
  fs::remove(layer("first") + "/fs/etc/text");
  fs::resize_file(layer("second") + "/fs/etc/text", 3);
  fs::remove_all(layer("third") + "/fs");
  std::vector<std::string> found = faults();
  std::ranges::sort(found);
  ASSERT_EQ(found.size(), 4U);
  std::string all;
  for (const std::string& fault : found) all += fault + "\n";
  EXPECT_TRUE(all.contains(diff_id_of("first") + ": it has 1 entries, and had 2")) << all;
  EXPECT_TRUE(all.contains(diff_id_of("second") + ": its files have 3 bytes, and had 6")) << all;
  EXPECT_TRUE(all.contains(diff_id_of("third") + ": its root is missing")) << all;
}

TEST_F(RootImageVerify, ADamagedLayerOfARunningPodIsNotReplacedUnderIt) {
  const HeldImage used = make("localhost/a:1", {"a"});
  std::ofstream(layer("a") + "/fs/etc/text") << "A";
  EXPECT_EQ(faults().size(), 2U);
  const auto again = test::store_image(store_, "localhost/a:1", {"a"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().number, EBUSY);
  EXPECT_TRUE(fs::exists(used.layers[0]));
}

TEST_F(RootImageVerify, AChangedManifestIsFound) {
  const auto record = make("localhost/a:1", {"a"}).record;
  const std::string path = store_.path() + "/images/" + std::string(pod::hex_of(record.summary.manifest_digest));
  std::string text = supervisor::contents_of(path);
  text[text.find("schemaVersion") + 1] = 'C';
  std::ofstream(path) << text;
  EXPECT_EQ(faults(), std::vector<std::string>{"image " + record.summary.manifest_digest +
                                               ": image record: its manifest does not have its digest"});
}

}  // namespace
}  // namespace podrun::ns
