// Layers of images made by hand, as the image store has them.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::tests {

/// Makes directories that are layers, and what overlays have in them.
class ImageLayers {
 public:
  /// Makes a layer and returns its path.
  std::string add(const std::string& name) {
    std::filesystem::create_directories(directory_ / name);
    return directory_ / name;
  }
  static void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
  }
  /// What hides a name of the layers below.
  static void hide(const std::string& path) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::filesystem::remove(path);
    ASSERT_EQ(::mknod(path.c_str(), S_IFCHR, ::makedev(0, 0)), 0) << path;
  }
  /// A directory that hides what the layers below have in it.
  static void make_opaque(const std::string& path) {
    std::filesystem::create_directories(path);
    ASSERT_EQ(::setxattr(path.c_str(), "user.overlay.opaque", "y", 1, 0), 0) << path;
  }

  std::string operator/(const std::string& name) const { return directory_ / name; }

 private:
  supervisor::TemporaryDirectory directory_;
};

/// Three layers, uppermost first, with every way in which one hides what another has.
inline std::vector<std::string> three_layers(ImageLayers& layers) {
  const std::string low = layers.add("low"), middle = layers.add("middle"), top = layers.add("top");
  ImageLayers::write(low + "/etc/passwd", "low");
  ImageLayers::write(low + "/etc/group", "low");
  ImageLayers::write(low + "/opt/old", "low");
  ImageLayers::write(low + "/gone", "low");
  ImageLayers::write(low + "/turned/into/file", "low");
  ImageLayers::write(low + "/srv/low", "low");
  std::filesystem::create_hard_link(low + "/srv/low", low + "/srv/same");
  std::filesystem::create_directory_symlink("/etc", low + "/conf");
  std::filesystem::create_symlink("../../../../etc/passwd", low + "/srv/up");
  std::filesystem::create_symlink("round", low + "/round");
  ImageLayers::write(middle + "/etc/passwd", "middle");
  ImageLayers::make_opaque(middle + "/opt");
  ImageLayers::write(middle + "/opt/new", "middle");
  ImageLayers::write(middle + "/turned/into", "a file");
  ImageLayers::write(middle + "/srv/middle", "middle");
  ImageLayers::hide(top + "/gone");
  ImageLayers::hide(top + "/etc/group");
  ImageLayers::write(top + "/srv/top", "top");
  return {top, middle, low};
}

}  // namespace podrun::tests
