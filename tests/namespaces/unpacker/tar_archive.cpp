// Writes archives header by header.
#include "tests/namespaces/unpacker/tar_archive.hpp"

#include <cstdio>
#include <cstring>
#include <span>

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "namespaces/unpacker/sha256.hpp"

namespace podrun::tests {
namespace {

constexpr std::size_t block = 512;

/// A field of octal digits; what does not fit is in base 256, as GNU tar writes it.
void put_number(std::string& header, std::size_t at, std::size_t length, std::uint64_t value) {
  char digits[32];
  const int written = std::snprintf(digits, sizeof digits, "%0*llo", static_cast<int>(length - 1),
                                    static_cast<unsigned long long>(value));
  if (static_cast<std::size_t>(written) < length) {
    header.replace(at, length - 1, digits);
    return;
  }
  for (std::size_t i = 0; i < length; ++i)
    header[at + i] = i < length - 8 ? '\0' : static_cast<char>(value >> (8 * (length - 1 - i)) & 0xff);
  header[at] = static_cast<char>(0x80);
}

std::string padded(std::string_view body) {
  std::string bytes(body);
  bytes.resize((bytes.size() + block - 1) / block * block);
  return bytes;
}

std::string header_of(char type, std::string_view name, std::string_view target, const TarMeta& meta,
                      std::uint64_t size) {
  std::string header(block, '\0');
  header.replace(0, std::min<std::size_t>(name.size(), 100), name.substr(0, 100));
  put_number(header, 100, 8, meta.mode);
  put_number(header, 108, 8, meta.uid);
  put_number(header, 116, 8, meta.gid);
  put_number(header, 124, 12, size);
  put_number(header, 136, 12, static_cast<std::uint64_t>(meta.modified));
  header.replace(148, 8, "        ");
  header[156] = type;
  header.replace(157, std::min<std::size_t>(target.size(), 100), target.substr(0, 100));
  header.replace(257, 8, std::string_view("ustar\0" "00", 8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  header.replace(148, 7, digits, 7);
  return header;
}

}  // namespace

std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) ++length;
  return std::to_string(length).append(" ").append(key).append("=").append(value).append("\n");
}

TarArchive& TarArchive::entry(char type, std::string_view name, std::string_view target, std::string_view body,
                              TarMeta meta, std::uint64_t size) {
  std::string records;
  if (name.size() > 100) records += pax_record("path", name);
  if (target.size() > 100) records += pax_record("linkpath", target);
  for (const auto& [key, value] : meta.pax) records += pax_record(key, value);
  if (!records.empty()) bytes_ += header_of('x', "PaxHeaders/0", "", {}, records.size()) + padded(records);
  bytes_ += header_of(type, name, target, meta, size) + padded(body);
  return *this;
}

TarArchive& TarArchive::file(std::string_view name, std::string_view content, TarMeta meta) {
  return entry('0', name, "", content, std::move(meta), content.size());
}
TarArchive& TarArchive::folder(std::string_view name, TarMeta meta) {
  return entry('5', name, "", "", std::move(meta), 0);
}
TarArchive& TarArchive::symlink(std::string_view name, std::string_view target, TarMeta meta) {
  return entry('2', name, target, "", std::move(meta), 0);
}
TarArchive& TarArchive::hard_link(std::string_view name, std::string_view target, TarMeta meta) {
  return entry('1', name, target, "", std::move(meta), 0);
}
TarArchive& TarArchive::fifo(std::string_view name, TarMeta meta) {
  return entry('6', name, "", "", std::move(meta), 0);
}

TarArchive& TarArchive::device(std::string_view name, char type, unsigned major, unsigned minor) {
  std::string header = header_of(type, name, "", {}, 0);
  put_number(header, 329, 8, major);
  put_number(header, 337, 8, minor);
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  header.replace(148, 7, digits, 7);
  return raw(header);
}

TarArchive& TarArchive::gnu_long(char type, std::string_view text) {
  std::string body(text);
  body += '\0';
  std::string header = header_of(type, "././@LongLink", "", {}, body.size());
  return raw(header + padded(body));
}

TarArchive& TarArchive::raw(std::string_view bytes) {
  bytes_ += bytes;
  return *this;
}

std::string gzip(std::string_view bytes) {
  std::string out(bytes.size() + bytes.size() / 8 + 1024, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  stream.flush = NO_FLUSH;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  stream.next_out = reinterpret_cast<std::uint8_t*>(out.data());
  stream.avail_out = static_cast<std::uint32_t>(out.size());
  if (isal_deflate_stateless(&stream) != COMP_OK) return {};
  out.resize(stream.total_out);
  return out;
}

std::string zstd(std::string_view bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

std::string sha256_of(std::string_view bytes) {
  unpacker::Sha256 hash;
  hash.add(std::as_bytes(std::span(bytes)));
  return hash.digest();
}

}  // namespace podrun::tests
