// Writes images as folders in the OCI layout, for programs that read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/files.hpp"
#include "tests/namespaces/unpacker/tar_archive.hpp"

namespace podrun::tests {

/// Writes the image with these layers, the lowest first, compressed by gzip, under the name "image". Returns the blobs.
inline std::vector<std::string> write_oci_layout(const std::string& folder, const std::vector<std::string>& archives) {
  std::vector<std::string> blobs;
  const auto put = [&](const std::string& bytes) {
    const std::string digest = sha256_of(bytes);
    (void)ns::make_directories(folder + "/blobs/sha256", 0755);
    (void)ns::write_file(folder + "/blobs/sha256/" + digest.substr(7), bytes, 0644);
    return digest;
  };
  const auto descriptor = [&](const std::string& type, const std::string& bytes) {
    return R"({"mediaType":"application/vnd.oci.image.)" + type + R"(","digest":")" + put(bytes) + R"(","size":)" +
           std::to_string(bytes.size());
  };
  std::string diff_ids, layers, history;
  for (const std::string& archive : archives) {
    const std::string comma = layers.empty() ? "" : ",";
    blobs.push_back(gzip(archive));
    diff_ids += comma + "\"" + sha256_of(archive) + "\"";
    layers += comma + descriptor("layer.v1.tar+gzip", blobs.back()) + "}";
    history += comma + R"({"created_by":"a test"})";
  }
  const std::string config = R"({"architecture":"amd64","os":"linux","config":{"Cmd":["sh"]},"rootfs":{)"
                             R"("type":"layers","diff_ids":[)" + diff_ids + R"(]},"history":[)" + history + "]}";
  const std::string manifest = R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
                               R"("config":)" + descriptor("config.v1+json", config) +
                               R"(},"layers":[)" + layers + "]}";
  const std::string index = R"({"schemaVersion":2,"manifests":[)" + descriptor("manifest.v1+json", manifest) +
                            R"(,"annotations":{"org.opencontainers.image.ref.name":"image"}}]})";
  (void)ns::write_file(folder + "/index.json", index, 0644);
  (void)ns::write_file(folder + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})", 0644);
  return blobs;
}

}  // namespace podrun::tests
