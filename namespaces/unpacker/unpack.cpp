// Unpacks a layer.
#include "namespaces/unpacker/unpack.hpp"

#include "namespaces/unpacker/layer_reader.hpp"
#include "namespaces/unpacker/layer_stream.hpp"
#include "namespaces/unpacker/layer_writer.hpp"

namespace podrun::unpacker {
namespace {

Result<> compare(const LayerReport& report, const Expected& expected) {
  if (report.blob_bytes < expected.blob_bytes && expected.blob_bytes != std::numeric_limits<std::uint64_t>::max())
    return fail("the blob has " + std::to_string(report.blob_bytes) + " bytes instead of " +
                std::to_string(expected.blob_bytes));
  if (!expected.blob_digest.empty() && report.blob_digest != expected.blob_digest)
    return fail("the blob is " + report.blob_digest + " instead of " + expected.blob_digest);
  if (!expected.diff_id.empty() && report.diff_id != expected.diff_id)
    return fail("the layer's archive is " + report.diff_id + " instead of " + expected.diff_id);
  return {};
}

}  // namespace

Result<LayerReport> unpack(int blob, int root, const Expected& expected) {
  LayerStream stream(blob, {expected.blob_bytes, expected.most_bytes});
  LayerReader reader([&] { return stream.next(); });
  LayerWriter writer(root, {expected.most_bytes, expected.most_entries});
  TRY_VOID(writer.begin());
  while (const auto entry = TRY(reader.next())) TRY_VOID(writer.add(*entry, [&] { return reader.next_block(); }));
  // The digest is that of the whole stream, and an archive may end before it.
  TRY_VOID(stream.drain());
  LayerReport report{.diff_id = stream.diff_id(),
                     .blob_digest = stream.blob_digest(),
                     .blob_bytes = stream.blob_bytes(),
                     .archive_bytes = stream.archive_bytes()};
  TRY_VOID(compare(report, expected));
  TRY_VOID(writer.finish(report));
  return report;
}

}  // namespace podrun::unpacker
