// Records ⇄ text. A line is a word and its values, separated by spaces; none of them holds one.
//
//   podrun-image 1
//   manifest sha256:…          index sha256:…         id sha256:…
//   platform linux amd64 -     created …              stored …
//   layer DIFF-ID BLOB BLOB-SIZE SIZE MEDIA-TYPE      one for each, the lowest first
//   texts BYTES BYTES                                 the manifest's and the config's, which follow
#include "pod/image/image_record.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "pod/image/digest.hpp"
#include "pod/image/image_manifest.hpp"
#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view first_line = "podrun-image 1";
constexpr int meta_version = 1;

/// A value as one word: what comes from an image may be empty, or hold anything.
std::string word(std::string_view value) {
  const auto is_plain = [](char c) { return c > ' ' && c < '\x7f'; };
  return value.empty() || !std::ranges::all_of(value, is_plain) ? "-" : std::string(value);
}

/// Takes a word from the beginning of a line.
std::string take_word(std::string_view& line) {
  const std::string_view taken = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), taken.size() + 1));
  return taken == "-" ? "" : std::string(taken);
}

bool take_number(std::string_view& line, std::uint64_t& number) {
  const std::string text = take_word(line);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::unexpected<Error> bad_record(std::string_view reason) {
  return fail(fmt::format("image record: {}", reason), EBADMSG);
}

Result<ImageSummary::Layer> parse_layer(std::string_view line) {
  ImageSummary::Layer layer{.diff_id = take_word(line), .blob = take_word(line)};
  const bool numbers = take_number(line, layer.blob_size) && take_number(line, layer.size);
  layer.media_type = take_word(line);
  if (!numbers || !line.empty() || !is_digest(layer.diff_id) || !is_digest(layer.blob))
    return bad_record("a layer is not readable");
  return layer;
}

/// The lines of a record, and what follows them.
struct Lines {
  ImageSummary summary;
  std::uint64_t manifest_size = 0, config_size = 0;
  std::string_view rest;
};

Result<> check(const ImageSummary& summary) {
  if (!is_digest(summary.manifest_digest) || !is_digest(summary.id)) return bad_record("a digest is missing");
  if (summary.layers.empty() || summary.layers.size() > most_layers) return bad_record("it has no layers, or too many");
  return {};
}

bool is_printable_ascii(char c) {
  return c >= ' ' && c < '\x7f';
}

/// Reads one line. True: it is the last one. What is not known is not skipped: a record that lost a layer would have
/// that layer pruned.
Result<bool> read_line(std::string_view line, Lines& lines) {
  const std::string name = take_word(line);
  ImageSummary& to = lines.summary;
  if (name == "layer") {
    to.layers.push_back(TRY(parse_layer(line)));
    return false;
  }
  const bool is_last = name == "texts";
  if (is_last) {
    if (!take_number(line, lines.manifest_size) || !take_number(line, lines.config_size))
      return bad_record("the lengths of its texts are not readable");
  } else if (name == "platform") {
    to.platform.os = take_word(line);
    to.platform.architecture = take_word(line);
    to.platform.variant = take_word(line);
  } else {
    const std::pair<std::string_view, std::string&> words[]{{"manifest", to.manifest_digest},
                                                            {"index", to.index_digest},
                                                            {"id", to.id},
                                                            {"created", to.created},
                                                            {"stored", to.stored}};
    const auto* const word = std::ranges::find(words, name, [](const auto& each) { return each.first; });
    if (word == std::end(words)) return bad_record("a line is not known");
    word->second = take_word(line);
  }
  if (!line.empty()) return bad_record("a line is too long");
  return is_last;
}

Result<Lines> parse_lines(std::string_view text) {
  Lines lines{.rest = text};
  for (bool is_first = true;; is_first = false) {
    const std::size_t end = lines.rest.find('\n');
    if (end == lines.rest.npos) return fail("image record: it is not complete", ENODATA);
    std::string_view line = lines.rest.substr(0, end);
    lines.rest.remove_prefix(end + 1);
    if (is_first) {
      if (line != first_line) return bad_record("it is of another version of podrun");
      continue;
    }
    if (!std::ranges::all_of(line, is_printable_ascii)) return bad_record("a line is not readable");
    if (TRY(read_line(line, lines))) {
      TRY_VOID(check(lines.summary));
      return lines;
    }
  }
}

}  // namespace

std::string to_json(const LayerMeta& meta) {
  return json::dump(json::object({{"version", meta_version},
                                  {"diffID", meta.diff_id},
                                  {"blob", meta.blob},
                                  {"mediaType", meta.media_type},
                                  {"blobSize", meta.blob_size},
                                  {"size", meta.size},
                                  {"entries", meta.entries},
                                  {"tree", meta.tree}}));
}

Result<LayerMeta> parse_layer_meta(std::string_view text) {
  const json::Value value = TRY(json::parse(text));
  std::string error;
  const json::Reader reader(value, error);
  if (reader.number<int>("version") != meta_version)
    return fail("layer: its meta.json is of another version of podrun", EBADMSG);
  LayerMeta meta{.diff_id = reader.text("diffID"),
                 .blob = reader.text("blob"),
                 .media_type = reader.text("mediaType"),
                 .blob_size = reader.number<std::uint64_t>("blobSize"),
                 .size = reader.number<std::uint64_t>("size"),
                 .entries = reader.number<std::uint64_t>("entries"),
                 .tree = reader.text("tree")};
  if (!error.empty()) return fail("layer: meta.json: " + error, EBADMSG);
  if (!is_digest(meta.diff_id) || !is_digest(meta.blob) || !is_digest(meta.tree))
    return fail("layer: meta.json: a digest is missing", EBADMSG);
  return meta;
}

std::string to_text(const ImageRecord& record) {
  const ImageSummary& summary = record.summary;
  std::string text = fmt::format("{}\nmanifest {}\nindex {}\nid {}\nplatform {} {} {}\ncreated {}\nstored {}\n",
                                 first_line, word(summary.manifest_digest), word(summary.index_digest),
                                 word(summary.id), word(summary.platform.os), word(summary.platform.architecture),
                                 word(summary.platform.variant), word(summary.created), word(summary.stored));
  for (const ImageSummary::Layer& layer : summary.layers)
    text += fmt::format("layer {} {} {} {} {}\n", word(layer.diff_id), word(layer.blob), layer.blob_size, layer.size,
                        word(layer.media_type));
  return text +
         fmt::format("texts {} {}\n{}{}", record.manifest.size(), record.config.size(), record.manifest, record.config);
}

Result<ImageRecord> parse_image_record(std::string_view text) {
  Lines lines = TRY(parse_lines(text));
  if (lines.manifest_size > longest_manifest || lines.config_size > longest_image_config ||
      lines.manifest_size + lines.config_size != lines.rest.size())
    return bad_record("it is not complete");
  return ImageRecord{.summary = std::move(lines.summary),
                     .manifest = std::string(lines.rest.substr(0, lines.manifest_size)),
                     .config = std::string(lines.rest.substr(lines.manifest_size))};
}

Result<ImageSummary> parse_image_summary(std::string_view beginning) {
  return TRY(parse_lines(beginning)).summary;
}

Result<> check_digests(const ImageRecord& record) {
  if (digest_of(record.manifest) != record.summary.manifest_digest)
    return bad_record("its manifest does not have its digest");
  if (digest_of(record.config) != record.summary.id) return bad_record("its config does not have its digest");
  return {};
}

}  // namespace podrun::pod
