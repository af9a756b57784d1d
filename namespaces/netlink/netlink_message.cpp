// Messages of netlink(7) as bytes.
#include "namespaces/netlink/netlink_message.hpp"

#include <linux/netlink.h>

#include <algorithm>
#include <limits>

namespace podrun::ns {
namespace {

void write_at(std::vector<std::byte>& bytes, std::size_t at, Bytes value) {
  std::ranges::copy(value, bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

/// Calls `use` with the value of each attribute of that type, as long as it returns true.
template <typename Use>
void for_attributes(Bytes attributes, int type, Use use) {
  while (const auto header = read_value<nlattr>(attributes)) {
    if (header->nla_len < NLA_HDRLEN || header->nla_len > attributes.size()) return;
    const Bytes value = attributes.subspan(NLA_HDRLEN, header->nla_len - NLA_HDRLEN);
    if ((header->nla_type & NLA_TYPE_MASK) == type && !use(value)) return;
    attributes = attributes.subspan(std::min<std::size_t>(NLA_ALIGN(header->nla_len), attributes.size()));
  }
}

}  // namespace

void NetlinkBatch::begin_request(std::string what, int type, unsigned flags) {
  if ((flags & NLM_F_ACK) != 0) take_back_acknowledgement();
  requests_.push_back({std::move(what), bytes_.size(), (flags & NLM_F_ACK) != 0});
  nlmsghdr header{};
  header.nlmsg_type = static_cast<std::uint16_t>(type);
  header.nlmsg_flags = static_cast<std::uint16_t>(flags | NLM_F_REQUEST);
  header.nlmsg_seq = static_cast<std::uint32_t>(requests_.size());
  put(bytes_of(header));
}

void NetlinkBatch::take_back_acknowledgement() {
  for (Request& request : requests_) {
    if (!request.is_acknowledged) continue;
    request.is_acknowledged = false;
    const std::size_t at = request.begin + offsetof(nlmsghdr, nlmsg_flags);
    const auto flags = read_value<std::uint16_t>(Bytes(bytes_).subspan(at)).value_or(0);
    write_at(bytes_, at, bytes_of(static_cast<std::uint16_t>(flags & ~NLM_F_ACK)));
  }
}

void NetlinkBatch::put(Bytes bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
  const std::size_t begin = requests_.back().begin;
  const auto length = static_cast<std::uint32_t>(bytes_.size() - begin);
  write_at(bytes_, begin + offsetof(nlmsghdr, nlmsg_len), bytes_of(length));
}

void NetlinkBatch::add(int type, Bytes value) {
  const std::size_t length = NLA_HDRLEN + value.size();
  if (length > std::numeric_limits<std::uint16_t>::max()) {
    is_too_long_ = true;
    return;
  }
  put(bytes_of(nlattr{static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(type)}));
  put(value);
}

std::size_t NetlinkBatch::open(int type) {
  const std::size_t begin = bytes_.size();
  put(bytes_of(nlattr{NLA_HDRLEN, static_cast<std::uint16_t>(type | NLA_F_NESTED)}));
  return begin;
}

void NetlinkBatch::close(std::size_t begin) {
  const std::size_t length = bytes_.size() - begin;
  if (length > std::numeric_limits<std::uint16_t>::max()) is_too_long_ = true;
  write_at(bytes_, begin + offsetof(nlattr, nla_len), bytes_of(static_cast<std::uint16_t>(length)));
}

std::optional<Bytes> find_attribute(Bytes attributes, int type) {
  std::optional<Bytes> found;
  for_attributes(attributes, type, [&](Bytes value) {
    found = value;
    return false;
  });
  return found;
}

std::vector<Bytes> find_attributes(Bytes attributes, int type) {
  std::vector<Bytes> found;
  for_attributes(attributes, type, [&](Bytes value) {
    found.push_back(value);
    return true;
  });
  return found;
}

std::optional<std::string_view> find_text(Bytes attributes, int type) {
  const auto found = find_attribute(attributes, type);
  if (!found) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(found->data()), found->size());
  return text.substr(0, text.find('\0'));
}

}  // namespace podrun::ns
