// Images in the store of a test's root, with layers that the test makes by hand.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "namespaces/images/image_store.hpp"
#include "pod/image/digest.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// Fills the root of a layer.
using FillLayer = std::function<void(const std::string& fs)>;

/// The layer of localhost/busybox, with podrun-probe.
inline FillLayer busybox_layer(const TemporaryRoot& root) {
  return [&root](const std::string& fs) {
    static int number = 0;
    const std::string rootfs = root.make_rootfs(fmt::format("layer{}", number++));
    std::filesystem::remove(fs);
    std::filesystem::rename(rootfs, fs);
  };
}

/// Stores an image of these layers, the lowest first, under a canonical name: "registry.example/app:1". `resolved` is the
/// digest to which the registry's tag led; "": it was loaded. `config` are members of the config's config.
inline ns::HeldImage store_image(const TemporaryRoot& root, const std::string& name,
                                 const std::vector<FillLayer>& layers, const std::string& config = "",
                                 const std::string& resolved = "") {
  const ns::ImageStore store(root.layout().image_store());
  const auto staging = store.stage();
  EXPECT_TRUE(staging) << staging.error().message;
  std::vector<ns::NewLayer> made;
  pod::ImageRecord record;
  std::string diff_ids, blobs;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::string folder = fmt::format("layer{}", i), fs = staging->path() + "/" + folder + "/fs";
    std::filesystem::create_directories(fs);
    ::chmod(fs.c_str(), 0755);
    layers[i](fs);
    const std::string diff_id = pod::digest_of(fmt::format("{} {}", name, i)), blob = pod::digest_of(diff_id);
    const std::string type = "application/vnd.oci.image.layer.v1.tar";
    made.push_back({.folder = folder,
                    .meta = {.diff_id = diff_id, .blob = blob, .media_type = type, .blob_size = 1, .tree = blob}});
    record.summary.layers.push_back({.diff_id = diff_id, .blob = blob, .media_type = type, .blob_size = 1});
    diff_ids += fmt::format("{}\"{}\"", i == 0 ? "" : ",", diff_id);
    blobs += fmt::format(R"({}{{"mediaType":"{}","size":1,"digest":"{}"}})", i == 0 ? "" : ",", type, blob);
  }
  record.config = fmt::format(
      R"({{"architecture":"amd64","os":"linux","config":{{{}}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}})", config,
      diff_ids);
  record.manifest = fmt::format(R"({{"schemaVersion":2,"config":{{"mediaType":)"
                                R"("application/vnd.oci.image.config.v1+json","size":{},)"
                                R"("digest":"{}"}},"layers":[{}]}})",
                                record.config.size(), pod::digest_of(record.config), blobs);
  record.summary.manifest_digest = pod::digest_of(record.manifest);
  record.summary.id = pod::digest_of(record.config);
  record.summary.platform = {.os = "linux", .architecture = "amd64"};
  record.summary.stored = "2026-02-03T04:05:06Z";
  const auto held = store.commit_layers(*staging, made);
  EXPECT_TRUE(held) << held.error().message;
  const ns::NewName names[]{{.canonical = name, .resolved = resolved}};
  auto image = store.commit_image(*staging, record, names);
  EXPECT_TRUE(image) << image.error().message;
  return std::move(image).value();
}

}  // namespace podrun::test
