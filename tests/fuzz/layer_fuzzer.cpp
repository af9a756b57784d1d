// libFuzzer on the bytes of a layer → what is planned for its entries. tests/fuzz/CMakeLists.txt has the command.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/fuzz/layer_promises.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string blob(reinterpret_cast<const char*>(data), size);
  if (const std::string broken = podrun::unpacker::fuzz::broken_layer_promise(blob); !broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
