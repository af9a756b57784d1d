// Writes what is stored. Reading has a file of its own, so that a start, which only writes, loads little code.
//
//   d 7:version i1e  6:podrun 5:0.1.0  4:kind 3:pod  7:content d … e e
#include "pod/stored/stored.hpp"

#include "pod/stored/codec_lists.hpp"
#include "pod/stored/run_names.hpp"
#include "pod/stored/spec_names.hpp"

namespace podrun::pod {
namespace {

using bencode::Writer;

constexpr std::size_t usual_length = 6 << 10;

/// Begins a text; what follows is its content.
void begin(Writer& to, std::string_view kind, std::string_view podrun) {
  to.reserve(usual_length);
  to.begin_dictionary();
  to.text("version");
  to.number(std::uint64_t{stored_version});
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

}  // namespace

std::string to_stored(const Pod& pod, const PodPlan& plan, std::string_view podrun) {
  return whole<StoredPod>("pod", podrun, pod, plan);
}

std::string to_stored(const std::string& pod, unsigned number, const ContainerPlan& plan, std::string_view podrun) {
  return whole<StoredRevision>("revision", podrun, pod, number, plan);
}

std::string to_stored(const StoredInputs& inputs, std::string_view podrun) {
  const auto& [images, facts, uid, storage, claims, config_maps, secrets] = inputs;
  return whole<StoredInputs>("inputs", podrun, images, facts, uid, storage, claims, config_maps, secrets);
}

}  // namespace podrun::pod
