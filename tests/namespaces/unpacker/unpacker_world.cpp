// Runs podrun-unpacker as its starter does.
#include "tests/namespaces/unpacker/unpacker_world.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/paths/remove_tree.hpp"

namespace podrun::tests {
namespace fs = std::filesystem;

Fd blob_of(std::string_view bytes) {
  Fd file(::memfd_create("blob", MFD_CLOEXEC));
  EXPECT_TRUE(ns::write_all(file.get(), bytes, "blob"));
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

UnpackerWorld::UnpackerWorld() : folder_("/var/tmp/podrun-unpacker-XXXXXX") {
  EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  program_ = ns::open_program(ns::unpacker_name, PODRUN_BUILD_DIR "/podrun-unpacker").value();
  fs::create_directories(folder_ + "/victim/folder");
  EXPECT_TRUE(ns::write_file(folder_ + "/victim/file", "untouched", 0600));
  EXPECT_TRUE(ns::write_file(folder_ + "/victim/folder/file", "untouched", 0600));
}

UnpackerWorld::~UnpackerWorld() { (void)ns::remove_tree(folder_); }

Result<unpacker::LayerReport> UnpackerWorld::unpack(std::string_view blob, const ns::LayerToUnpack& expected) {
  EXPECT_TRUE(ns::remove_tree(layer()));
  fs::create_directory(layer());
  const Fd folder(::open(layer().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Fd file = blob_of(blob);
  ns::LayerToUnpack wanted = expected;
  wanted.name = "a layer";
  wanted.blob = file.get();
  wanted.folder = folder.get();
  auto reports = ns::unpack_layers(program(), std::span(&wanted, 1));
  if (!reports) return std::unexpected(reports.error());
  return reports->front();
}

std::string UnpackerWorld::refusal(std::string_view blob, const ns::LayerToUnpack& expected) {
  const std::string before = tree_of(folder_ + "/victim");
  const auto report = unpack(blob, expected);
  EXPECT_EQ(tree_of(folder_ + "/victim"), before);
  return report ? "" : report.error().message;
}

struct stat UnpackerWorld::look(const std::string& path) const {
  struct stat status {};
  if (::lstat((layer() + "/" + path).c_str(), &status) < 0) status = {};
  return status;
}

std::string UnpackerWorld::content(const std::string& path) const {
  std::ifstream in(layer() + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string UnpackerWorld::target(const std::string& path) const {
  return fs::read_symlink(layer() + "/" + path).string();
}

std::string UnpackerWorld::attribute(const std::string& path, const std::string& name) const {
  char value[256];
  const ssize_t length = ::lgetxattr((layer() + "/" + path).c_str(), name.c_str(), value, sizeof value);
  return length < 0 ? "none" : std::string(value, static_cast<std::size_t>(length));
}

std::vector<std::string> UnpackerWorld::paths() const {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(layer()))
    paths.push_back(entry.path().lexically_relative(layer()).string());
  std::ranges::sort(paths);
  return paths;
}

std::string UnpackerWorld::tree_of(const std::string& folder) {
  std::vector<std::string> lines;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    struct stat status {};
    ::lstat(entry.path().c_str(), &status);
    std::string line = entry.path().string() + " " + std::to_string(status.st_mode) + " " +
                       std::to_string(status.st_uid) + " " + std::to_string(status.st_ino) + " " +
                       std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec) + " " +
                       std::to_string(status.st_ctim.tv_sec) + "." + std::to_string(status.st_ctim.tv_nsec);
    if (S_ISREG(status.st_mode)) line += " " + ns::read_file(entry.path().string()).value_or("?");
    lines.push_back(line);
  }
  std::ranges::sort(lines);
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace podrun::tests
