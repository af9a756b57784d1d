// The head of each text, and what is in it.
//
//   d 7:version i1e  6:podrun 5:0.1.0  4:kind 3:pod  7:content d … e e
#include "pod/stored/stored.hpp"

#include <fmt/format.h>

#include "pod/stored/codec.hpp"
#include "pod/stored/run_names.hpp"
#include "pod/stored/spec_names.hpp"

namespace podrun::pod {
namespace stored {

template <>
inline constexpr auto field_names<StoredPod> = fields("pod", "plan");
template <>
inline constexpr auto field_names<StoredRevision> = fields("pod", "number", "plan");
template <>
inline constexpr auto field_names<StoredInputs> =
    fields("images", "facts", "uid", "storage", "claims", "configMaps", "secrets");

}  // namespace stored

namespace {

using bencode::Reader;
using bencode::Writer;
using stored::Codec;

constexpr std::size_t usual_length = 12 << 10;

/// Begins a text; what follows is its content.
void begin(Writer& to, std::string_view kind, std::string_view podrun) {
  to.reserve(usual_length);
  to.begin_dictionary();
  to.text("version");
  to.number(stored_version);
  to.text("podrun");
  to.text(podrun);
  to.text("kind");
  to.text(kind);
  to.text("content");
}

/// A whole text. The content are the members of a Stored… class, which are passed one by one: they lie in different
/// places, and need not be copied into one object.
template <typename T, typename... Members>
std::string whole(std::string_view kind, std::string_view podrun, const Members&... members) {
  Writer to;
  begin(to, kind, podrun);
  stored::Codec<T>::write_all(to, std::tie(members...));
  to.end();
  return std::move(to).take();
}

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

std::string to_stored(const Pod& pod, const PodPlan& plan, std::string_view podrun) {
  return whole<StoredPod>("pod", podrun, pod, plan);
}
Result<StoredPod> parse_stored_pod(std::string_view text) { return parse<StoredPod>(text, "pod"); }

std::string to_stored(const std::string& pod, unsigned number, const ContainerPlan& plan, std::string_view podrun) {
  return whole<StoredRevision>("revision", podrun, pod, number, plan);
}
Result<StoredRevision> parse_stored_revision(std::string_view text) { return parse<StoredRevision>(text, "revision"); }

std::string to_stored(const StoredInputs& inputs, std::string_view podrun) {
  const auto& [images, facts, uid, storage, claims, config_maps, secrets] = inputs;
  return whole<StoredInputs>("inputs", podrun, images, facts, uid, storage, claims, config_maps, secrets);
}
Result<StoredInputs> parse_stored_inputs(std::string_view text) { return parse<StoredInputs>(text, "inputs"); }

}  // namespace podrun::pod
