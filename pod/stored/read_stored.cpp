// Reads what is stored.
#include "pod/stored/stored.hpp"

#include <cerrno>

#include <fmt/format.h>

#include "pod/stored/codec_lists.hpp"
#include "pod/stored/run_names.hpp"
#include "pod/stored/spec_names.hpp"

namespace podrun::pod {
namespace {

using bencode::Reader;
using stored::Codec;

void expect(Reader& from, std::string_view name) {
  if (!from.more() || from.text() != name) from.note(fmt::format("is not \"{}\"", name));
}

template <typename T>
Result<T> parse(std::string_view text, std::string_view kind) {
  Reader from(text);
  from.open_dictionary();
  expect(from, "version");
  from.version = from.number<unsigned>();
  expect(from, "podrun");
  const std::string podrun(from.text());
  if (!from.mistake().empty()) return fail(fmt::format("not a stored {}: {}", kind, from.mistake()));
  if (from.version > stored_version || from.version == 0)
    return fail(fmt::format("the pod was started by podrun {}, which stores a {} in version {}; this podrun knows "
                            "versions up to {}",
                            podrun, kind, from.version, stored_version),
                EPROTONOSUPPORT);
  expect(from, "kind");
  expect(from, kind);
  expect(from, "content");
  T content;
  Codec<T>::read(from, content);
  if (from.more()) from.note("follows the content");
  from.finish();
  if (!from.mistake().empty())
    return fail(fmt::format("the pod was started by podrun {}, whose stored {} cannot be read: {}", podrun, kind,
                            from.mistake()));
  return content;
}

}  // namespace

Result<StoredPod> parse_stored_pod(std::string_view text) { return parse<StoredPod>(text, "pod"); }
Result<StoredRevision> parse_stored_revision(std::string_view text) { return parse<StoredRevision>(text, "revision"); }
Result<StoredInputs> parse_stored_inputs(std::string_view text) { return parse<StoredInputs>(text, "inputs"); }

}  // namespace podrun::pod
