// Requests of nf_tables about sets.
#include "namespaces/netlink/nft_sets.hpp"

#include <arpa/inet.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace podrun::ns {
namespace {

namespace nft = pod::nft;

// The numbers of nft(8) for what a set has, by which it prints elements. The kernel does not read them.
constexpr std::uint32_t type_of_ipv4 = 7, type_of_ipv6 = 8, type_of_port = 13, type_of_mark = 19;
constexpr unsigned bits_of_type = 6;
/// So does this: the mark is in the machine's order, NFTNL_UDATA_SET_KEYBYTEORDER of libnftnl.
constexpr std::array<std::uint8_t, 2> order_of_key{0, sizeof(std::uint32_t)};
constexpr std::uint32_t order_of_machine = 1;
constexpr std::uint32_t pair_of(std::uint32_t first, std::uint32_t second) { return first << bits_of_type | second; }

/// A part of an element takes whole registers.
constexpr std::size_t size_of_register = 4;

int type_of(int message) { return NFNL_SUBSYS_NFTABLES << 8 | message; }

constexpr nfgenmsg header{NFPROTO_INET, NFNETLINK_V0, 0};

std::size_t size_of_address(pod::IpFamily family) { return family == pod::IpFamily::V4 ? 4 : 16; }

struct ElementBytes {
  std::vector<std::byte> key{}, data{};
};

void append(std::vector<std::byte>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
  to.resize((to.size() + size_of_register - 1) / size_of_register * size_of_register);
}

ElementBytes bytes_of_element(const nft::ElementValue& element) {
  ElementBytes bytes;
  if (const auto* port = std::get_if<nft::PortOfMark>(&element)) {
    append(bytes.key, bytes_of(port->mark));
    append(bytes.data, std::as_bytes(port->address.bytes()));
    append(bytes.data, bytes_of(htons(port->port)));
    return bytes;
  }
  const pod::IpAddress& address = std::get<nft::SameEnds>(element).address;
  for (int i = 0; i < 2; ++i) append(bytes.key, std::as_bytes(address.bytes()));
  return bytes;
}

pod::IpAddress address_in(Bytes bytes, pod::IpFamily family) {
  pod::IpAddress address{.family = family};
  std::ranges::copy(bytes.first(size_of_address(family)), std::as_writable_bytes(std::span(address.octets)).begin());
  return address;
}

std::optional<nft::ElementValue> read_element(Bytes element, const nft::Set& set) {
  const auto value_of = [&](int type) {
    const auto found = find_attribute(element, type);
    return found ? find_attribute(*found, NFTA_DATA_VALUE).value_or(Bytes()) : Bytes();
  };
  const Bytes key = value_of(NFTA_SET_ELEM_KEY), data = value_of(NFTA_SET_ELEM_DATA);
  const std::size_t length = size_of_address(set.family);
  if (set.kind == nft::SetKind::Ends) {
    if (key.size() != 2 * length || !std::ranges::equal(key.first(length), key.last(length))) return std::nullopt;
    return nft::SameEnds{address_in(key, set.family)};
  }
  const auto mark = read_value<std::uint32_t>(key);
  if (!mark || data.size() < length + sizeof(std::uint16_t)) return std::nullopt;
  return nft::PortOfMark{.mark = *mark,
                         .address = address_in(data, set.family),
                         .port = ntohs(*read_value<std::uint16_t>(data.subspan(length)))};
}

void put_element(NetlinkBatch& batch, const std::string& table, const nft::Element& element, bool has_data) {
  const ElementBytes bytes = bytes_of_element(element.value);
  const auto add = [&](int type, Bytes value) {
    batch.nest(type, [&] { batch.add(NFTA_DATA_VALUE, value); });
  };
  batch.add_text(NFTA_SET_ELEM_LIST_TABLE, table);
  batch.add_text(NFTA_SET_ELEM_LIST_SET, element.set);
  batch.nest(NFTA_SET_ELEM_LIST_ELEMENTS, [&] {
    batch.nest(NFTA_LIST_ELEM, [&] {
      add(NFTA_SET_ELEM_KEY, bytes.key);
      if (has_data && !bytes.data.empty()) add(NFTA_SET_ELEM_DATA, bytes.data);
    });
  });
}

}  // namespace

void add_set(NetlinkBatch& batch, const std::string& table, const nft::Set& set, std::uint32_t id) {
  const std::uint32_t address = set.family == pod::IpFamily::V4 ? type_of_ipv4 : type_of_ipv6;
  const auto length = static_cast<std::uint32_t>(size_of_address(set.family));
  const bool is_map = set.kind == nft::SetKind::PortsByMark;
  batch.begin(fmt::format("make the set {} of the table inet {}", set.name, table), type_of(NFT_MSG_NEWSET),
              NLM_F_CREATE | NLM_F_EXCL, header);
  const auto add = [&](int type, std::uint32_t value) { batch.add_value(type, htonl(value)); };
  batch.add_text(NFTA_SET_TABLE, table);
  batch.add_text(NFTA_SET_NAME, set.name);
  add(NFTA_SET_ID, id);
  add(NFTA_SET_FLAGS, is_map ? NFT_SET_MAP : 0);
  add(NFTA_SET_KEY_TYPE, is_map ? type_of_mark : pair_of(address, address));
  add(NFTA_SET_KEY_LEN, is_map ? sizeof(std::uint32_t) : 2 * length);
  if (!is_map) return;
  add(NFTA_SET_DATA_TYPE, pair_of(address, type_of_port));
  add(NFTA_SET_DATA_LEN, length + size_of_register);
  std::vector<std::byte> order(2);
  std::ranges::copy(bytes_of(order_of_key), order.begin());
  std::ranges::copy(bytes_of(order_of_machine), std::back_inserter(order));
  batch.add(NFTA_SET_USERDATA, order);
}

void add_element(NetlinkBatch& batch, const std::string& table, const nft::Element& element) {
  batch.begin(fmt::format("add to the set {} of the table inet {}", element.set, table), type_of(NFT_MSG_NEWSETELEM),
              NLM_F_CREATE | NLM_F_ACK, header);
  put_element(batch, table, element, true);
}

void delete_element(NetlinkBatch& batch, const std::string& table, const nft::Element& element) {
  batch.begin(fmt::format("remove from the set {} of the table inet {}", element.set, table),
              type_of(NFT_MSG_DELSETELEM), NLM_F_ACK, header);
  put_element(batch, table, element, false);
}

NetlinkBatch question_about_elements(const std::string& table, const std::string& set) {
  NetlinkBatch batch;
  batch.begin(fmt::format("read the set {} of the table inet {}", set, table), type_of(NFT_MSG_GETSETELEM), NLM_F_DUMP,
              header);
  batch.add_text(NFTA_SET_ELEM_LIST_TABLE, table);
  batch.add_text(NFTA_SET_ELEM_LIST_SET, set);
  return batch;
}

std::vector<nft::ElementValue> elements_in(Bytes attributes, const nft::Set& set) {
  std::vector<nft::ElementValue> elements;
  const Bytes list = find_attribute(attributes, NFTA_SET_ELEM_LIST_ELEMENTS).value_or(Bytes());
  for (const Bytes each : find_attributes(list, NFTA_LIST_ELEM))
    if (const auto element = read_element(each, set)) elements.push_back(*element);
  return elements;
}

NetlinkBatch question_about_table(const std::string& table) {
  NetlinkBatch batch;
  batch.begin("find the table inet " + table, type_of(NFT_MSG_GETTABLE), 0, header);
  batch.add_text(NFTA_TABLE_NAME, table);
  return batch;
}

std::optional<std::uint32_t> owner_of_table(Bytes attributes) {
  const auto owner = find_value<std::uint32_t>(attributes, NFTA_TABLE_OWNER);
  return owner ? std::optional(ntohl(*owner)) : std::nullopt;
}

}  // namespace podrun::ns
