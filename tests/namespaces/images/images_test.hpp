// A store of images in a directory of its own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "namespaces/images/image_store.hpp"
#include "tests/namespaces/images/generated_image.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns::test {

class StoreTest : public testing::Test {
 protected:
  static pod::ImageReference reference(const std::string& text) { return *pod::parse_image_reference(text); }

  FoundImage look_for(const std::string& text) const {
    auto found = store_.find(reference(text));
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? std::move(*found) : FoundImage{};
  }
  std::optional<HeldImage> find(const std::string& text) const { return look_for(text).image; }
  bool has(const std::string& text) const { return find(text).has_value(); }

  HeldImage make(const std::string& name, const std::vector<std::string>& layers, const std::string& comment = "") {
    auto stored = store_image(store_, name, layers, comment);
    EXPECT_TRUE(stored) << (stored ? "" : stored.error().message);
    return stored ? std::move(*stored) : HeldImage{};
  }

  std::size_t count(const std::string& folder) const {
    std::size_t entries = 0;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(store_.path() + "/" + folder, error), end; !error && entry != end;
         entry.increment(error))
      ++entries;
    return entries;
  }

  supervisor::TemporaryDirectory directory_;
  ImageStore store_{directory_ / "images/.store"};
};

}  // namespace podrun::ns::test
