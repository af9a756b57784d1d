// libFuzzer on what is stored of a pod: bytes are read to what writes the same bytes again, or they are an error.
// tests/fuzz/CMakeLists.txt has the command.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "pod/stored/stored.hpp"

namespace {

/// Reading what was read and written must succeed and be the same.
void check(bool same) {
  if (same) return;
  std::fprintf(stderr, "what was read is not what is written\n");
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace pod = podrun::pod;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto revision = pod::parse_stored_revision(text)) {
    const std::string once = pod::to_stored(revision->pod, revision->number, revision->plan, "1");
    const auto again = pod::parse_stored_revision(once);
    check(again && pod::to_stored(again->pod, again->number, again->plan, "1") == once);
  }
  if (const auto stored = pod::parse_stored_pod(text)) {
    const std::string once = pod::to_stored(stored->pod, stored->plan, "1");
    const auto again = pod::parse_stored_pod(once);
    check(again && pod::to_stored(again->pod, again->plan, "1") == once);
  }
  if (const auto inputs = pod::parse_stored_inputs(text)) {
    const std::string once = pod::to_stored(*inputs, "1");
    const auto again = pod::parse_stored_inputs(once);
    check(again && pod::to_stored(*again, "1") == once);
  }
  return 0;
}
