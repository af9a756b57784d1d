// The image store: what is stored is found, shared and kept from removal.
#include "namespaces/images/image_store.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/namespaces/images/generated_image.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using test::store_image;

class RootImages : public testing::Test {
 protected:
  static pod::ImageReference reference(const std::string& text) { return *pod::parse_image_reference(text); }
  std::optional<HeldImage> find(const std::string& text) const {
    auto found = store_.find(reference(text));
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? std::move(found->image) : std::nullopt;
  }
  std::size_t count(const std::string& folder) const {
    std::size_t entries = 0;
    std::error_code error;
    for (fs::directory_iterator entry(store_.path() + "/" + folder, error), end; !error && entry != end;
         entry.increment(error))
      ++entries;
    return entries;
  }

  supervisor::TemporaryDirectory directory_;
  ImageStore store_{directory_ / "images/.store"};
};

TEST_F(RootImages, AStoreThatIsNotThereIsEmptyAndIsNotMade) {
  EXPECT_FALSE(find("nginx"));
  EXPECT_TRUE(store_.list()->empty());
  EXPECT_EQ(store_.prune(PruneScope::Unused)->layers, 0U);
  EXPECT_FALSE(fs::exists(store_.path()));
}

TEST_F(RootImages, WhatIsStoredIsFoundWithItsLayersUppermostFirst) {
  ASSERT_TRUE(store_image(store_, "docker.io/library/nginx:1.27", {"low", "high"}));
  const auto image = find("nginx:1.27");
  ASSERT_TRUE(image);
  EXPECT_EQ(image->record, test::make_record({"low", "high"}));
  ASSERT_EQ(image->layers.size(), 2U);
  EXPECT_EQ(supervisor::contents_of(image->layers[0] + "/etc/text"), "high");
  EXPECT_EQ(supervisor::contents_of(image->layers[1] + "/etc/text"), "low");
  EXPECT_EQ(count("staging"), 0U);
}

TEST_F(RootImages, OnlyRootCanEnterTheStoreWhateverTheUmask) {
  const mode_t before = ::umask(0277);
  const auto stored = store_image(store_, "localhost/app:1", {"a"});
  ::umask(before);
  ASSERT_TRUE(stored) << stored.error().message;
  struct stat status {};
  ASSERT_EQ(::stat(store_.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700U);
  for (const auto& entry : fs::directory_iterator(store_.path())) {
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, S_ISDIR(status.st_mode) ? 0700U : 0600U) << entry.path();
  }
}

}  // namespace
}  // namespace podrun::ns
