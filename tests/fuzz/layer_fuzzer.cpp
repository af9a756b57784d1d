// libFuzzer on the bytes of a layer → what is planned for its entries. tests/fuzz/CMakeLists.txt has the command.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/fuzz/layer_promises.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

/// The headers of an archive get their checksums again, or nothing behind them would be read.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned) {
  constexpr std::size_t block = 512, checksum = 148, magic = 257;
  const std::size_t length = LLVMFuzzerMutate(data, size, most);
  for (std::size_t at = 0; at + block <= length; at += block) {
    std::uint8_t* const header = data + at;
    if (std::memcmp(header + magic, "ustar", 5) != 0) continue;
    std::memset(header + checksum, ' ', 8);
    unsigned sum = 0;
    for (std::size_t i = 0; i < block; ++i) sum += header[i];
    char digits[8];
    std::snprintf(digits, sizeof digits, "%06o", sum);
    std::memcpy(header + checksum, digits, 7);
  }
  return length;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string blob(reinterpret_cast<const char*>(data), size);
  if (const std::string broken = podrun::unpacker::fuzz::broken_layer_promise(blob); !broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}
