// Images for tests of the store, made without a registry: their layers have small files.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "namespaces/images/image_store.hpp"
#include "namespaces/images/tree_digest.hpp"
#include "pod/image/digest.hpp"

namespace podrun::ns::test {

/// What is in a layer: one file with this text. Its diffID is made up of it.
inline std::string diff_id_of(const std::string& text) {
  return pod::digest_of("layer " + text);
}

/// Makes the folder of a layer in a staging folder.
inline NewLayer make_layer(const Staging& staging, const std::string& text) {
  const std::string folder = "layer-" + text, root = staging.path() + "/" + folder + "/fs";
  std::filesystem::create_directories(root + "/etc");
  std::ofstream(root + "/etc/text") << text;
  ::chmod(root.c_str(), 0755);
  const auto sum = sum_tree(Fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  return {.folder = folder,
          .meta = {.diff_id = diff_id_of(text),
                   .blob = pod::digest_of("blob " + text),
                   .media_type = "application/vnd.oci.image.layer.v1.tar+gzip",
                   .blob_size = 10,
                   .size = sum->bytes,
                   .entries = sum->entries,
                   .tree = sum->digest}};
}

/// The record of an image of such layers, the lowest first.
inline pod::ImageRecord make_record(const std::vector<std::string>& layers, const std::string& comment = "") {
  pod::ImageRecord record;
  std::string diff_ids, blobs;
  for (const std::string& text : layers) {
    diff_ids += fmt::format("{}\"{}\"", diff_ids.empty() ? "" : ",", diff_id_of(text));
    blobs +=
        fmt::format("{}{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"size\":10,\"digest\":\"{}\"}}",
                    blobs.empty() ? "" : ",", pod::digest_of("blob " + text));
    record.summary.layers.push_back({.diff_id = diff_id_of(text),
                                     .blob = pod::digest_of("blob " + text),
                                     .media_type = "application/vnd.oci.image.layer.v1.tar+gzip",
                                     .blob_size = 10,
                                     .size = text.size()});
  }
  record.config =
      fmt::format(R"({{"architecture":"amd64","os":"linux","created":"2026-01-02T03:04:05Z","comment":"{}",)"
                  R"("config":{{"Cmd":["/bin/true"]}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}})",
                  comment, diff_ids);
  record.manifest =
      fmt::format(R"({{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","size":{},)"
                  R"("digest":"{}"}},"layers":[{}]}})",
                  record.config.size(), pod::digest_of(record.config), blobs);
  record.summary.manifest_digest = pod::digest_of(record.manifest);
  record.summary.id = pod::digest_of(record.config);
  record.summary.platform = {.os = "linux", .architecture = "amd64"};
  record.summary.created = "2026-01-02T03:04:05Z";
  record.summary.stored = "2026-02-03T04:05:06Z";
  return record;
}

/// Stores an image with a name, as a puller does.
inline Result<HeldImage> store_image(const ImageStore& store, const std::string& name,
                                     const std::vector<std::string>& layers, const std::string& comment = "") {
  const Staging staging = TRY(store.stage());
  std::vector<NewLayer> made;
  std::vector<HeldLayer> held;
  for (const std::string& text : layers) {
    const auto is_it = [&](const NewLayer& layer) { return layer.meta.diff_id == diff_id_of(text); };
    if (auto there = TRY(store.hold_layer(diff_id_of(text))))
      held.push_back(std::move(*there));
    else if (std::ranges::none_of(made, is_it))
      made.push_back(make_layer(staging, text));
  }
  const auto committed = TRY(store.commit_layers(staging, made));
  const NewName names[]{{.canonical = name}};
  return store.commit_image(staging, make_record(layers, comment),
                            name.empty() ? std::span<const NewName>{} : std::span<const NewName>(names));
}

}  // namespace podrun::ns::test
